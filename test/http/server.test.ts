import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { assetRoute } from '#potluck/dashboard/server/assets.js'
import { EventFeed, type EventFeedInit } from '#potluck/http/event-feed.js'
import { type Route, sendText, WebServer, type WebServerInit } from '#potluck/http/server.js'
import { ask, getOf, RawClient } from '../fixtures/web.js'

const HELLO: Route = ({ response }) => sendText(response, 200, 'hello')

interface Serving {
  port: number
  server: WebServer
}

async function withServer(
  routes: Record<string, Route>,
  use: (serving: Serving) => Promise<void>,
  init: Partial<WebServerInit> = {}
): Promise<void> {
  const server = new WebServer({
    address: { host: '127.0.0.1', port: 0 },
    setting: '--dashboard',
    routes: new Map(Object.entries(routes)),
    ...init
  })
  const { port } = await server.start()
  try {
    await use({ port, server })
  } finally {
    await server.stop()
  }
}

test('fault 39: what is in the table is shown to GET and HEAD, anything else refused, with the same headers on all', async () => {
  await withServer({ '/': HELLO, '/fails': () => Promise.reject(new Error('oops')) }, async ({ port }) => {
    const replies = {
      get: await ask({ port }),
      query: await ask({ port, path: '/?a=/fails' }),
      head: await ask({ port, method: 'HEAD' }),
      missing: await ask({ port, path: '/x' }),
      inside: await ask({ port, path: '//' }),
      up: await ask({ port, path: '/../package.json' }),
      post: await ask({ port, method: 'POST' }),
      put: await ask({ port, method: 'PUT' }),
      delete: await ask({ port, method: 'DELETE' }),
      options: await ask({ port, method: 'OPTIONS' }),
      fails: await ask({ port, path: '/fails' })
    }
    const seen = Object.values(replies).map(({ status, body }) => [status, body.slice(0, 5)])
    assert.deepEqual(seen, [
      [200, 'hello'],
      [200, 'hello'],
      [200, ''],
      [404, 'Not f'],
      [404, 'Not f'],
      [404, 'Not f'],
      [405, 'This '],
      [405, 'This '],
      [405, 'This '],
      [405, 'This '],
      [500, 'Inter']
    ])
    assert.equal(replies.post.headers.allow, 'GET, HEAD')
    assert.doesNotMatch(replies.fails.body, /oops/)
    for (const { headers } of Object.values(replies)) {
      const policy = String(headers['content-security-policy']).split('; ')
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'"
      ]) {
        assert.ok(policy.includes(rule), rule)
      }
      assert.doesNotMatch(policy.join(), /unsafe|\*/)
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.equal(headers['access-control-allow-origin'], undefined)
    }
  })
})

test("fault 39: it answers to addresses, localhost and its own name; not to whom somebody's page has renamed it", async () => {
  const names: Array<[host: string, status: number]> = [
    ['127.0.0.1', 200],
    ['127.0.0.1:80', 200],
    ['192.0.2.1:9080', 200],
    ['[::1]:9080', 200],
    ['localhost:9080', 200],
    ['LOCALHOST', 200],
    ['potluck.test:9080', 421],
    ['localhost.evil.test', 421],
    ['127.0.0.1.evil.test', 421],
    ['evil.test@127.0.0.1', 421],
    ['evil.test/127.0.0.1', 421]
  ]
  await withServer({ '/': HELLO }, async ({ port }) => {
    for (const [host, status] of names) {
      assert.equal((await ask({ port, headers: { host } })).status, status, host)
    }
    for (const head of ['GET / HTTP/1.0\r\n', 'GET / HTTP/1.1\r\nHost:\r\n']) {
      const nameless = await RawClient.open(port, `${head}\r\n`)
      await nameless.closed
      assert.match(nameless.received, /^HTTP\/1\.1 421 /)
    }
  })
  await withServer(
    { '/': HELLO },
    async ({ port }) => {
      assert.equal((await ask({ port, headers: { host: `localhost:${port}` } })).status, 200)
    },
    { address: { host: 'localhost', port: 0 } }
  )
})

test('a file is sent once and then only said to be the same', async () => {
  const page = assetRoute(Buffer.from('<p>page</p>'), 'text/html; charset=utf-8')
  await withServer({ '/': page }, async ({ port }) => {
    const { headers, body } = await ask({ port })
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(body, '<p>page</p>')
    const again = await ask({ port, headers: { 'If-None-Match': String(headers.etag) } })
    assert.deepEqual([again.status, again.body], [304, ''])
    assert.equal((await ask({ port, headers: { 'If-None-Match': '"other"' } })).status, 200)
  })
})

test('an address in use is a sentence, or another port where any will do', async () => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const bound = other.address()
  assert.ok(bound !== null && typeof bound === 'object')
  const init = {
    address: { host: '127.0.0.1', port: bound.port },
    setting: '--dashboard',
    routes: new Map([['/', HELLO]])
  }
  try {
    await assert.rejects(
      new WebServer(init).start(),
      /^PotluckError: cannot serve HTTP on 127\.0\.0\.1:\d+ \(.*EADDRINUSE.*\); end what uses the port, or set another address with --dashboard$/
    )
    const server = new WebServer({ ...init, anyPort: true })
    const { port } = await server.start()
    assert.notEqual(port, bound.port)
    assert.equal((await ask({ port })).body, 'hello')
    await server.stop()
  } finally {
    other.close()
  }
})

test('fault 39: no more connections than there is room for, and room again when some have gone', async () => {
  await withServer({ '/': HELLO }, async ({ port }) => {
    const clients = await Promise.all(Array.from({ length: 128 }, () => RawClient.open(port)))
    const tooMany = await RawClient.open(port, getOf('/'))
    await tooMany.closed
    assert.equal(tooMany.received, '')
    const [first] = clients
    first?.socket.write(getOf('/'))
    await first?.got(/hello/)
    for (const { socket } of clients) {
      socket.destroy()
    }
    await Promise.all(clients.map(({ closed }) => closed))
    let status: number | undefined
    while (status === undefined) {
      status = await ask({ port }).then(
        (reply) => reply.status,
        () => undefined
      )
    }
    assert.equal(status, 200)
  })
})

test('fault 39: who says nothing, or half of it, or too much, is hung up on', async () => {
  await withServer({ '/': HELLO }, async ({ port }) => {
    const silent = await RawClient.open(port)
    const half = await RawClient.open(port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n')
    const noBody = await RawClient.open(
      port,
      'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n'
    )
    const long = await RawClient.open(port, `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: ${'a'.repeat(20_000)}`)
    await long.closed
    assert.match(long.received, /^HTTP\/1\.1 431 /)
    await noBody.closed
    assert.match(noBody.received, /^HTTP\/1\.1 405 [\s\S]*\r\nConnection: close\r\n/)
    await silent.closed
    await half.closed
    assert.match(half.received, /^HTTP\/1\.1 408 /)
  })
})

function feedOf(init: Partial<EventFeedInit> = {}): { feed: EventFeed; routes: Record<string, Route> } {
  const feed = new EventFeed({
    snapshot: () => ({ event: 'snapshot', data: { text: 'a\nb' } }),
    next: () => ({ event: 'update', data: 'as before' }),
    intervalMs: 60_000,
    ...init
  })
  return { feed, routes: { '/': HELLO, '/events': (exchange) => feed.listen(exchange) } }
}

test('a listener gets all there is to know and then the news, each with an id', async () => {
  const { feed, routes } = feedOf()
  await withServer(routes, async ({ port }) => {
    feed.send({ event: 'update', data: 'nobody hears it' })
    const client = await RawClient.open(port, getOf('/events'))
    await client.got(/snapshot/)
    feed.send({ event: 'update', data: { name: 'x' } })
    const received = await client.got(/"x"/)
    assert.match(received, /\r\nContent-Type: text\/event-stream\r\n/)
    assert.match(received, /retry: 2000\n\nid: 1\nevent: snapshot\ndata: \{"text":"a\\nb"\}\n\n/)
    assert.match(received, /id: 2\nevent: update\ndata: \{"name":"x"\}\n\n/)
    assert.doesNotMatch(received, /nobody/)
    assert.equal((await ask({ port, path: '/events', method: 'HEAD' })).status, 200)
    assert.equal(feed.listeners, 1)
  })
})

test('a silent feed says now and then that it is there', async () => {
  const { routes } = feedOf({ intervalMs: 5 })
  await withServer(routes, async ({ port }) => {
    const client = await RawClient.open(port, getOf('/events'))
    await client.got(/"as before"\n\n[\s\S]*"as before"\n\n/)
  })
})

test('fault 39: so many may listen, the next one is told to come later, and is let in when one has gone', async () => {
  const { feed, routes } = feedOf({ maxListeners: 2 })
  await withServer(routes, async ({ port }) => {
    const first = await RawClient.open(port, getOf('/events'))
    const second = await RawClient.open(port, getOf('/events'))
    await Promise.all([first.got(/snapshot/), second.got(/snapshot/)])
    // By a question that is answered at once also where it is let in.
    const refused = await ask({ port, path: '/events', method: 'HEAD' })
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '30'])
    first.socket.destroy()
    while (feed.listeners > 1) {
      await new Promise((next) => setTimeout(next, 5))
    }
    await (await RawClient.open(port, getOf('/events'))).got(/snapshot/)
  })
})

test('fault 39: a listener that does not read is dropped, and the others hear all', async () => {
  const { feed, routes } = feedOf({ maxWaitingBytes: 100_000 })
  await withServer(routes, async ({ port }) => {
    const stuck = await RawClient.open(port, getOf('/events'))
    const reads = await RawClient.open(port, getOf('/events'))
    await Promise.all([stuck.got(/snapshot/), reads.got(/snapshot/)])
    stuck.socket.pause()
    let sent = 0
    // The kernel's buffers take some megabytes before anything waits here.
    while (feed.listeners > 1 && sent < 1000) {
      sent += 1
      feed.send({ event: 'update', data: { sent, text: 'x'.repeat(50_000) } })
      await reads.got(new RegExp(`"sent":${sent},"text":"x+"\\}\n`))
      reads.received = ''
    }
    assert.equal(feed.listeners, 1, `after ${sent} messages`)
    stuck.socket.resume()
    await stuck.closed
  })
})

test('a stop ends listeners, idle connections and half requests, and the port is free', async () => {
  const { feed, routes } = feedOf()
  await withServer(routes, async ({ port, server }) => {
    const listener = await RawClient.open(port, getOf('/events'))
    const idle = await RawClient.open(port, getOf('/'))
    const half = await RawClient.open(port, 'GET /')
    await Promise.all([listener.got(/snapshot/), idle.got(/hello/)])
    feed.send({ event: 'update', data: 'the last word' })
    await server.stop()
    await Promise.all([listener.closed, idle.closed, half.closed])
    assert.match(listener.received, /the last word/)
    assert.equal(half.received, '', 'it was cut off, not waited for')
    assert.match(listener.received, /\r\n0\r\n\r\n$/)
    assert.equal(feed.listeners, 0)
    await assert.rejects(ask({ port }), /ECONNREFUSED/)
  })
})
