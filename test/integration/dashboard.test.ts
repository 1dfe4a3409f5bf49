/** The dashboard's news, as the server sends it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DashboardFeed } from '#potluck/dashboard/server/feed.js'
import { withPageOf } from '../fixtures/browser.js'
import { SwarmStory } from '../fixtures/swarm-story.js'
import { ask, getOf, RawClient } from '../fixtures/web.js'

const story = new SwarmStory({ peers: ['ann', 'ben'] })

describe("the dashboard's server", () => {
  it('serves the page with everything that it names, and nothing of elsewhere', async () => {
    await withPageOf(async (_, url) => {
      const port = Number(new URL(url).port)
      const asked = new Set<string>()
      const waiting = ['/']
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
        if (!asked.has(path)) {
          asked.add(path)
          const { status, body } = await ask({ port, path })
          assert.equal(status, 200, path)
          for (const [, quoted = ''] of body.matchAll(
            /(?:from|src=|href=|import) ?["']([^"'#]+\.[a-z]+)["']/g
          )) {
            waiting.push(new URL(quoted, `${url.slice(0, -1)}${path}`).href.slice(url.length - 1))
          }
        }
      }
      assert.ok(asked.has('/page.js') && asked.has('/uplot/uPlot.min.css'), [...asked].join(' '))
    })
  })

  it('computes nothing while nobody looks, and stops when the last one has gone', async (t) => {
    const next = t.mock.method(DashboardFeed.prototype, 'next')
    const snapshot = t.mock.method(DashboardFeed.prototype, 'snapshot')
    await withPageOf(async (tell, url) => {
      tell(...story.beginning(), ...story.moment(2000, 0.5), ...story.end(3000))
      assert.deepEqual([next.mock.callCount(), snapshot.mock.callCount()], [0, 0])
      const listener = await RawClient.open(Number(new URL(url).port), getOf('/events'))
      await listener.got(/event: snapshot[\s\S]*event: news/)
      assert.equal(snapshot.mock.callCount(), 1)
      listener.socket.destroy()
      await listener.closed
      // The server hears of it a little later.
      for (let told = -1; told !== next.mock.callCount(); ) {
        await sleep(100)
        told = next.mock.callCount()
        tell(...story.end(4000))
      }
    })
  })

  it('tells the end at once: there may be no further second', async () => {
    let listener: RawClient | undefined
    await withPageOf(async (tell, url) => {
      tell(...story.beginning())
      listener = await RawClient.open(Number(new URL(url).port), getOf('/events'))
      await listener.got(/event: snapshot/)
      tell(...story.end(3000))
    })
    await listener?.closed
    assert.match(listener?.received ?? '', /"phase":"complete"/)
  })
})
