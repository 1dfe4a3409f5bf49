/** The ports that a host takes. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { besideAddresses, usualPort } from '#potluck/cli/host-ports.js'
import { inFolder } from '../fixtures/calls.js'

const isAlwaysFree = async (): Promise<boolean> => true

test('a coordinator that was told no port takes the first usual one that is free', async () => {
  await inFolder(async () => {
    const stateFileOf = (port: number): string => `${port}.state`
    const free = (...ports: number[]) => usualPort(stateFileOf, async (port) => ports.includes(port))
    assert.equal(await free(9000, 9002, 9004), 9000)
    assert.equal(await free(9004, 9006), 9004)
    assert.equal(await free(), 9000, 'and says that it is taken')
    // The invited peers find a killed host again under the same port.
    await writeFile('9002.state', '')
    assert.equal(await free(9000, 9002), 9002)
    assert.equal(await free(9000, 9004), 9000, 'another one has its port now')
  })
})

test('the peer beside it has the next port of each address, inside and outside', async () => {
  const listen = ['/ip4/0.0.0.0/tcp/9000', '/ip6/::/tcp/9000', '/dns/localhost/tcp/9100']
  const announce = ['/ip4/203.0.113.7/tcp/29000', '/dns/host.example/tcp/9000']
  assert.deepEqual(await besideAddresses({ listen, announce }, isAlwaysFree), {
    listen: ['/ip4/0.0.0.0/tcp/9001', '/ip6/::/tcp/9001', '/dns/localhost/tcp/9101'],
    announce: ['/ip4/203.0.113.7/tcp/29001', '/dns/host.example/tcp/9001']
  })
})

test('where the next port is taken or is none, the peer has any free one and tells no other address', async () => {
  const [listen, announce] = [['/ip4/127.0.0.1/tcp/9000'], ['/ip4/203.0.113.7/tcp/9000']]
  const anyPort = { listen: ['/ip4/127.0.0.1/tcp/0'], announce: [] }
  const asked: [string, number][] = []
  const isTaken = async (host: string, port: number): Promise<boolean> => {
    asked.push([host, port])
    return false
  }
  assert.deepEqual(await besideAddresses({ listen, announce }, isTaken), anyPort)
  assert.deepEqual(asked, [['127.0.0.1', 9001]])
  for (const port of [0, 65_535]) {
    const last = [`/ip4/127.0.0.1/tcp/${port}`]
    assert.deepEqual(await besideAddresses({ listen: last, announce }, isAlwaysFree), anyPort)
  }
})

test('a port that something listens on is taken', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const before = [`/ip4/127.0.0.1/tcp/${address.port - 1}`]
  try {
    const beside = await besideAddresses({ listen: before, announce: [] })
    assert.deepEqual(beside.listen, ['/ip4/127.0.0.1/tcp/0'])
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
  assert.deepEqual((await besideAddresses({ listen: before, announce: [] })).listen, [
    `/ip4/127.0.0.1/tcp/${address.port}`
  ])
})
