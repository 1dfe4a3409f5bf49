import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PageState } from '#potluck/dashboard/page/state.js'
import { DashboardFeed } from '#potluck/dashboard/server/feed.js'
import { SwarmStory } from '../fixtures/swarm-story.js'

const story = new SwarmStory({ peers: ['ann', 'ben', 'cat'] })

/** A feed that has sent everything up to the catalog, and a page that received it. */
function begun(): { feed: DashboardFeed; page: PageState; pass(atMs: number, share: number): void } {
  const feed = new DashboardFeed()
  for (const event of story.beginning()) {
    feed.note(event)
  }
  const page = new PageState(feed.snapshot(1000))
  const pass = (atMs: number, share: number): void => {
    for (const event of story.moment(atMs, share)) {
      feed.note(event)
    }
    const told = feed.next(atMs)
    assert.ok(told.event === 'news')
    page.take(told.data)
  }
  return { feed, page, pass }
}

describe("the page's state", () => {
  it('comes by news to what a snapshot says at once', () => {
    const { feed, page, pass } = begun()
    for (let second = 2; second < 8; second++) {
      pass(second * 1000, second / 10)
    }
    const fresh = new PageState(feed.snapshot(7000))
    assert.deepEqual(page.peers, fresh.peers)
    assert.deepEqual(page.flows(), fresh.flows())
    assert.deepEqual(page.lines, fresh.lines)
    for (const [peer] of page.names.entries()) {
      for (const { content } of page.files) {
        assert.deepEqual(page.mapOf(peer, content), fresh.mapOf(peer, content))
      }
    }
    assert.equal(page.curves.atMs.at(-1), fresh.curves.atMs.at(-1))
  })

  it('has the flows of all, the strongest first', () => {
    const { page, pass } = begun()
    pass(2000, 0.1)
    pass(3000, 0.2)
    const flows = page.flows()
    assert.equal(flows.length, 6)
    assert.ok(
      flows.every(
        ({ bytesPerSecond }, index) => bytesPerSecond <= (flows[index - 1]?.bytesPerSecond ?? Infinity)
      )
    )
    assert.deepEqual(
      page.flowsTo(1).map(({ from, to }) => [from, to]),
      [
        [0, 1],
        [2, 1]
      ]
    )
  })

  it('has no flows any more to one that has everything, nor once all have', () => {
    const { feed, page, pass } = begun()
    pass(2000, 0.1)
    pass(3000, 0.2)
    assert.equal(page.flowsTo(1).length, 2)
    feed.note({
      ...{ event: 'peer-complete', atMs: 3100, peer: 'ben', elapsedMs: 1 },
      ...{ receivedBytes: 1, sentBytes: 1 }
    })
    const next = feed.next(3100)
    assert.ok(next.event === 'news')
    page.take(next.data)
    assert.deepEqual([page.flowsTo(1).length, page.flowsTo(0).length], [0, 2])
    for (const event of story.end(3200)) {
      feed.note(event)
    }
    const last = feed.next(3200)
    assert.ok(last.event === 'news')
    page.take(last.data)
    assert.deepEqual(page.flows(), [])
  })

  it('takes what has no bytes for whole, of which no peer tells', () => {
    const empty = new SwarmStory({ peers: ['ann', 'ben'] })
    for (const entry of empty.entries) {
      entry.byteLength = entry.origin === 'ann' ? 0 : entry.byteLength
    }
    const feed = new DashboardFeed()
    for (const event of empty.beginning()) {
      feed.note(event)
    }
    const page = new PageState(feed.snapshot(1000))
    const shares = page.files.map(({ content }) => page.mapOf(1, content).share)
    assert.deepEqual(shares, [1, 1])
    assert.deepEqual(
      page.files.map(({ content }) => page.mapOf(0, content).share),
      [1, 0]
    )
  })

  it('takes no line twice, and keeps the last ones', () => {
    const { feed, page } = begun()
    const { news } = feed.snapshot(1000)
    const count = page.lines.length
    page.take(news)
    assert.equal(page.lines.length, count)
    for (let number = 0; number < 600; number++) {
      feed.note({ event: 'warning', atMs: 1000, peer: 'ann', message: `${number}` })
      const told = feed.next(1000)
      assert.ok(told.event === 'news')
      page.take(told.data)
    }
    assert.equal(page.lines.length, 500)
    assert.equal(page.lines.at(-1)?.text, '599')
  })

  it('keeps its curves short over a long run', () => {
    const { page, pass } = begun()
    for (let second = 2; second < 2000; second++) {
      pass(second * 1000, second / 2000)
    }
    const { atMs, receiving } = page.curves
    assert.ok(atMs.length >= 200 && atMs.length <= 480, `${atMs.length} points`)
    assert.ok(receiving.every((curve) => curve.length === atMs.length))
    assert.ok(
      atMs.every((time, index) => index === 0 || time > (atMs[index - 1] ?? 0)),
      'in order'
    )
    // 2 MB in 2000 s to each of three: 1 KB/s, and three of them together.
    assert.equal(page.sumOfReceiving.at(-1), 3000)
  })
})
