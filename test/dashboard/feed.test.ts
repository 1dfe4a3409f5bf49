import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Snapshot, Update } from '#potluck/dashboard/messages.js'
import { DashboardFeed, type FeedNews } from '#potluck/dashboard/server/feed.js'
import type { CoordinatorEvent } from '#potluck/events/coordinator.js'
import { SwarmStory } from '../fixtures/swarm-story.js'

function feedOf(...events: CoordinatorEvent[]): DashboardFeed {
  const feed = new DashboardFeed()
  for (const event of events) {
    feed.note(event)
  }
  return feed
}

function newsOf(told: FeedNews): Update {
  assert.equal(told.event, 'news')
  return told.data
}

function snapshotOf(told: FeedNews): Snapshot {
  assert.equal(told.event, 'snapshot')
  return told.data
}

function named(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `client${index + 1}`)
}

const story = new SwarmStory({ peers: ['ann', 'ben', 'cat'] })

describe("the dashboard's feed", () => {
  it('begins with all there is to know', () => {
    const feed = feedOf(...story.beginning(), ...story.moment(2000, 0.25))
    const { peers, files, news, curves } = feed.snapshot(2000)
    assert.deepEqual(peers, ['ann', 'ben', 'cat'])
    assert.deepEqual(
      files.map(({ file }) => file),
      ['ann/file-1', 'ben/file-1', 'cat/file-1']
    )
    assert.equal(news.phase, 'exchanging')
    assert.match(news.headline, /^Exchanging: 25 %, about 3 s left$/)
    assert.equal(news.peers.length, 3)
    assert.equal(news.maps.length, 9, 'of each file at each peer, of origins too')
    assert.deepEqual(
      news.maps.find(([peer, content]) => peer === 0 && content === 0),
      [0, 0, 1, 'f']
    )
    assert.deepEqual(
      news.lines.map(({ number }) => number),
      news.lines.map((_, index) => index + 1)
    )
    assert.equal(curves.receiving.length, 3)
    assert.equal(curves.atMs.length, curves.receiving[0]?.length)
  })

  it('names at the end the members without whose files the swarm started', () => {
    const ended = { atMs: 9000, peer: 'coordinator', results: [], leftOut: ['eve', 'fay'] }
    const complete = feedOf(...story.beginning(), { ...ended, event: 'swarm-complete', makespanMs: 1000 })
    const without = '; without the files of eve, fay, because no valid list of them came in time'
    assert.equal(
      complete.snapshot(9000).news.headline,
      `Complete: everyone has every file, makespan 1.0 s${without}`
    )
    const incomplete = feedOf(...story.beginning(), {
      ...ended,
      event: 'swarm-incomplete',
      reason: 'ben left'
    })
    assert.equal(incomplete.snapshot(9000).news.headline, `Ended incomplete: ben left${without}`)
  })

  it('tells then only what has changed', () => {
    const feed = feedOf(...story.beginning(), ...story.moment(2000, 0.25))
    feed.snapshot(2000)
    newsOf(feed.next(2000))
    const nothing = newsOf(feed.next(2000))
    assert.deepEqual([nothing.peers, nothing.maps, nothing.lines], [[], [], []])
    feed.note(story.progress(2000, 0.25))
    feed.note({
      ...{ event: 'activity', atMs: 2000, peer: 'coordinator' },
      peers: [{ ...story.activity('ben', 0.5), contents: story.activity('ben', 0.5).contents.slice(0, 1) }]
    })
    feed.note({ event: 'peer-lost', atMs: 2000, peer: 'cat', message: 'gone' })
    const news = newsOf(feed.next(2000))
    assert.deepEqual(
      news.peers.map(({ peer, state }) => [peer, state]),
      [[2, 'not connected']]
    )
    assert.deepEqual(
      news.maps.map(([peer, content, share]) => [peer, content, share]),
      [[1, 0, 0.5]]
    )
    assert.deepEqual(
      news.lines.map(({ about, text }) => [about, text]),
      [['trouble', 'cat lost its connection: gone']]
    )
    assert.deepEqual(news.stalls, [{ peer: 'cat', text: 'is not connected' }])
  })

  it('tells all anew when somebody joins, or the files become known', () => {
    const [started, ann, ...rest] = story.beginning()
    assert.ok(started && ann)
    const feed = feedOf(started)
    assert.equal(feed.snapshot(50).news.headline, 'Waiting for people: 0 of 3')
    newsOf(feed.next(60))
    feed.note(ann)
    assert.deepEqual(snapshotOf(feed.next(150)).peers, ['ann'])
    newsOf(feed.next(160))
    for (const event of rest) {
      feed.note(event)
    }
    assert.equal(snapshotOf(feed.next(1000)).files.length, 3)
  })

  it('shows while all wait what each offers', () => {
    const events = story.beginning()
    const feed = feedOf(...events.slice(0, events.findIndex(({ event }) => event === 'catalog') - 1))
    const { headline, peers } = feed.snapshot(700).news
    assert.deepEqual(
      peers.map(({ state }) => state),
      ['offers 1 file, 976.6 KiB', 'offers 1 file, 976.6 KiB', 'here']
    )
    assert.equal(headline, 'All 3 people are here. Waiting for the file list of cat')
  })

  it('keeps what changes for nobody who does not listen', () => {
    const feed = feedOf(...story.beginning())
    feed.snapshot(1000)
    feed.forget()
    feed.note(story.moment(2000, 0.5)[1] ?? assert.fail())
    feed.snapshot(2000)
    assert.deepEqual(newsOf(feed.next(2000)).maps, [])
  })

  it('draws the map of a content in sixteen steps, of which all and none are exact', () => {
    const feed = feedOf(...story.beginning())
    feed.snapshot(1000)
    const told = (cells: number[]) => {
      const [content] = story.activity('ann', 0.5).contents
      assert.ok(content)
      feed.note({
        ...{ event: 'activity', atMs: 2000, peer: 'coordinator' },
        peers: [{ ...story.activity('ann', 0.5), contents: [{ ...content, cells }] }]
      })
      return newsOf(feed.next(2000)).maps.map(([, , , digits]) => digits)
    }
    assert.deepEqual(told([0, 1, 128, 254, 255]), ['018ef'])
    assert.deepEqual(told([255, 255, 255]), ['f'])
    assert.deepEqual(told([]), [''])
  })

  it('says at the end how it ended', () => {
    const ended = story
      .end(9100)
      .map((event) => (event.event === 'swarm-complete' ? { ...event, exchangeMs: 8200 } : event))
    const feed = feedOf(...story.beginning(), ...ended)
    const { news } = feed.snapshot(9100)
    assert.equal(
      news.headline,
      'Complete: everyone has every file, exchanged in 8.2 s, after waiting 800 ms for people'
    )
    assert.equal(news.totals.completePeers, 3)
    assert.deepEqual([news.totals.elapsedMs, news.totals.waitedMs], [8200, 800])
    assert.ok(
      news.peers.every(({ flows, receivingBytesPerSecond }) => flows.length + receivingBytesPerSecond === 0)
    )
    assert.ok(news.peers.every(({ state }) => state === 'complete after 9.0 s'))
    const about = { atMs: 2000, peer: 'coordinator' }
    const failed = feedOf(
      ...story.beginning(),
      { ...about, event: 'error', code: 'DISK', message: '' },
      { ...about, event: 'stopped', reason: '' }
    )
    assert.equal(failed.snapshot(2000).news.headline, 'The coordinator failed')
  })

  it('fault 37: passes no invisible character on', () => {
    const hidden = new SwarmStory({ peers: ['a\u202eb', 'c\u0000d'], path: () => 'e\u200bf' })
    const feed = feedOf(...hidden.beginning(), ...hidden.moment(2000, 0.5))
    feed.note({ event: 'peer-lost', atMs: 2000, peer: 'a\u202eb', message: 'g\u0007h' })
    feed.note({
      ...{ event: 'activity', atMs: 2000, peer: 'coordinator' },
      peers: [
        { ...hidden.activity('c\u0000d', 0.5), waiting: { reason: 'no-source', remotes: ['a\u202eb'] } }
      ]
    })
    const text = JSON.stringify(feed.snapshot(2000))
    assert.doesNotMatch(text, /[\u202e\u200b]|\\u0000|\\u0007/)
    assert.match(text, /a\\\\u\{202e\}b/)
  })

  for (const [peers, files] of [
    [4, 250],
    [64, 1],
    [300, 1]
  ] as const) {
    it(`stays small with ${peers} peers and ${peers * files} files`, () => {
      const large = new SwarmStory({ peers: named(peers), files })
      const feed = feedOf(...large.beginning(), ...large.moment(2000, 0.1))
      const sizes = [JSON.stringify(feed.snapshot(2000)).length]
      for (let second = 3; second < 6; second++) {
        for (const event of large.moment(second * 1000, second / 20)) {
          feed.note(event)
        }
        sizes.push(JSON.stringify(newsOf(feed.next(second * 1000))).length)
      }
      const [snapshot = 0, ...news] = sizes
      assert.ok(snapshot < 1_000_000, `a snapshot has ${snapshot} characters`)
      assert.ok(Math.max(...news) < 200_000, `news have ${news.join(', ')} characters`)
    })
  }

  it('tells maps that were too many for one piece of news with the next ones', () => {
    const large = new SwarmStory({ peers: named(64) })
    const feed = feedOf(...large.beginning(), ...large.moment(2000, 0.1))
    feed.snapshot(2000)
    for (const event of large.moment(3000, 0.2)) {
      feed.note(event)
    }
    const told = new Set<string>()
    for (let turn = 0; turn < 4; turn++) {
      for (const [peer, content] of newsOf(feed.next(3000 + turn)).maps) {
        told.add(`${peer}/${content}`)
      }
    }
    assert.equal(told.size, 64 * 63)
  })

  it('shows the largest files of more than it can show', () => {
    const large = new SwarmStory({ peers: named(600) })
    for (const [index, entry] of large.entries.entries()) {
      entry.byteLength += index
    }
    const { files, moreFiles, peers, morePeers } = feedOf(...large.beginning()).snapshot(1000)
    assert.deepEqual([peers.length, morePeers], [256, 344])
    assert.deepEqual([files.length, moreFiles], [16, 584])
    assert.equal(files[0]?.file, 'client585/file-1')
  })
})
