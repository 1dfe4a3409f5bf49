import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CoordinatorEvent } from '#potluck/events/coordinator.js'
import { SwarmPicture } from '#potluck/view/swarm-picture.js'
import { SwarmStory } from '../fixtures/swarm-story.js'

const story = new SwarmStory({ peers: ['ann', 'ben', 'cat'], files: 2 })

function pictureOf(...events: CoordinatorEvent[]): SwarmPicture {
  const picture = new SwarmPicture()
  for (const event of events) {
    picture.note(event)
  }
  return picture
}

/** A tenth more each second, from the first on. */
const running = [1, 2, 3, 4, 5].flatMap((second) => story.moment(1000 + second * 1000, second / 10))

describe('the picture of a swarm', () => {
  it('goes through the phases', () => {
    const beginning = story.beginning()
    const phaseAfter = (event: CoordinatorEvent['event']) =>
      pictureOf(...beginning.slice(0, beginning.findLastIndex((other) => other.event === event) + 1)).phase
    assert.equal(phaseAfter('registered'), 'joining')
    assert.equal(phaseAfter('roster'), 'publishing')
    assert.equal(phaseAfter('catalog'), 'exchanging')
    assert.equal(pictureOf(...beginning, ...story.end(9000)).phase, 'complete')
  })

  it('has rates over the last three seconds, of peers and of pairs', () => {
    const [ann] = pictureOf(...story.beginning(), ...running).peers(6000)
    // Of 4 MB from two others a tenth comes each second.
    assert.equal(Math.round(ann?.receivingBytesPerSecond ?? 0), 400_000)
    assert.deepEqual(
      ann?.rates.map(({ from, bytesPerSecond }) => [from, Math.round(bytesPerSecond)]),
      [
        ['ben', 200_000],
        ['cat', 200_000]
      ]
    )
  })

  it('has rates sink when nothing is told any more', () => {
    const picture = pictureOf(...story.beginning(), ...running)
    assert.equal(picture.peers(60_000)[0]?.receivingBytesPerSecond, 0)
    assert.equal(picture.totals(60_000).receivingBytesPerSecond, 0)
  })

  it('estimates what is left', () => {
    const totals = pictureOf(...story.beginning(), ...running).totals(6000)
    assert.equal(Math.round(totals.etaMs ?? 0), 5000)
  })

  it('estimates what is left of a peer that is back by how fast it is since then', () => {
    const ann = (atMs: number, heldBytes: number, receivedBytes: number): CoordinatorEvent => ({
      ...{ event: 'progress', atMs, peer: 'coordinator' },
      peers: [
        {
          ...{ name: 'ann', connected: true, complete: false, sentBytes: 0 },
          ...{ totalBytes: 100_000_000, heldBytes, receivedBytes }
        }
      ]
    })
    const back: CoordinatorEvent = {
      ...{ event: 'registered', atMs: 60_000, peer: 'ann', peerId: '', multiaddrs: [] },
      ...{ joined: 1, expectedPeers: 1, rejoined: true }
    }
    const picture = pictureOf(
      ...story.beginning().filter((event) => event.event === 'catalog'),
      ...[0, 1, 2, 3, 4].map((second) => ann(2000 + second * 1000, second * 1_000_000, second * 1_000_000)),
      { event: 'peer-lost', atMs: 7000, peer: 'ann', message: 'reset' },
      back,
      // It finds 50 MB on its disk, and then receives 1 MB each second.
      ann(60_500, 50_000_000, 0),
      ann(61_000, 50_500_000, 500_000),
      ann(61_500, 51_000_000, 1_000_000)
    )
    assert.equal(Math.round((picture.totals(61_500).etaMs ?? 0) / 1000), 49)
  })

  it('fills the bars with what each lacked, and not with what it brought', () => {
    const picture = pictureOf(...story.beginning(), ...running)
    for (const { fetchedBytes, wantedBytes } of picture.peers(6000)) {
      assert.deepEqual([fetchedBytes, wantedBytes], [2_000_000, 4_000_000])
    }
    const { fetchedBytes, wantedBytes } = picture.totals(6000)
    assert.deepEqual([fetchedBytes, wantedBytes], [6_000_000, 12_000_000])
  })

  it('says nothing of what is left while a peer gets nothing, or has not told what it lacks', () => {
    const untold = story.beginning().filter(({ event }) => event !== 'progress')
    assert.equal(pictureOf(...untold).totals(2000).etaMs, undefined)
    assert.equal(pictureOf(...story.beginning()).totals(2000).etaMs, undefined)
  })

  it('tells what stands still, and why', () => {
    const waiting = (name: string, reason: 'disk-full' | 'no-source' | 'checking'): CoordinatorEvent => ({
      ...{ event: 'activity', atMs: 6000, peer: 'coordinator' },
      peers: [{ ...story.activity(name, 0.5), contents: [], waiting: { reason, remotes: ['cat'] } }]
    })
    const picture = pictureOf(
      ...story.beginning(),
      ...running,
      waiting('ann', 'disk-full'),
      waiting('ben', 'no-source'),
      { event: 'peer-lost', atMs: 6000, peer: 'cat', message: 'gone' }
    )
    assert.deepEqual(picture.stalls(6000), [
      { peer: 'ann', text: 'has no room left on its disk' },
      { peer: 'ben', text: 'waits for cat: nobody who is connected has what it lacks' },
      { peer: 'cat', text: 'is not connected' }
    ])
  })

  it('tells of peers that get nothing for some seconds, and not of those that check', () => {
    const checking: CoordinatorEvent = {
      ...{ event: 'activity', atMs: 6000, peer: 'coordinator' },
      peers: [{ ...story.activity('ben', 0.5), contents: [], waiting: { reason: 'checking', remotes: [] } }]
    }
    const picture = pictureOf(...story.beginning(), ...running, checking)
    assert.deepEqual(picture.stalls(10_900), [])
    assert.deepEqual(
      picture.stalls(11_000).map(({ peer, text }) => `${peer} ${text}`),
      ['ann has received nothing for 5.0 s', 'cat has received nothing for 5.0 s']
    )
  })

  it('forgets who leaves before all are here, and keeps who leaves later', () => {
    const [started, ann, ben, ...rest] = story.beginning()
    assert.ok(started && ann && ben)
    const lost: CoordinatorEvent = { event: 'peer-lost', atMs: 300, peer: 'ann', message: 'gone' }
    assert.deepEqual(
      pictureOf(started, ann, ben, lost)
        .peers()
        .map(({ name }) => name),
      ['ben']
    )
    const later = pictureOf(started, ann, ben, ...rest, lost).peers()
    assert.deepEqual(
      later.map(({ name, connected }) => [name, connected]),
      [
        ['ann', false],
        ['ben', true],
        ['cat', true]
      ]
    )
  })

  it('keeps the curve of a long run short', () => {
    const picture = pictureOf(...story.beginning())
    for (let second = 1; second <= 5000; second++) {
      picture.note(story.progress(1000 + second * 1000, second / 5000))
    }
    const history = picture.peers()[0]?.history ?? []
    assert.ok(history.length > 100 && history.length <= 300, `${history.length} points`)
    assert.ok((history[0]?.atMs ?? 0) <= 2000, 'from its beginning')
    assert.ok((history.at(-1)?.atMs ?? 0) >= 4_900_000, 'to its end')
  })

  it('keeps what is held of the largest files only, where peers and files are very many', () => {
    const many = new SwarmStory({ peers: Array.from({ length: 200 }, (_, index) => `client${index + 1}`) })
    for (const [index, entry] of many.entries.entries()) {
      entry.byteLength += index
    }
    const picture = pictureOf(...many.beginning(), ...many.moment(2000, 0.5))
    assert.equal(picture.files.length, 200)
    assert.equal(picture.mapped.length, 81)
    assert.equal(picture.mapped[0]?.origin, 'client120')
    assert.deepEqual(
      picture
        .peers()
        .map(({ contents }) => contents.size)
        .slice(0, 2),
      [81, 81]
    )
  })

  it('knows at the end how long each took', () => {
    const picture = pictureOf(...story.beginning(), ...running, ...story.end(11_100))
    assert.deepEqual(
      picture.peers().map(({ completedAfterMs }) => completedAfterMs),
      [11_000, 11_000, 11_000]
    )
    assert.equal(picture.outcome?.makespanMs, 11_000)
    assert.deepEqual(picture.stalls(99_000), [])
  })
})
