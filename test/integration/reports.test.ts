/** The peers' reports to the coordinator, and the events that both emit. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COORDINATION_VERSION, type PeerMessage } from '#potluck/protocols/coordination/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { rawSession } from '../fixtures/raw-peer.js'
import { nextEvent, TestSwarm } from '../fixtures/swarm.js'

/** The events that others may rely on, and the fields that each has besides `event`, `atMs` and `peer`. */
const PROMISED: Record<string, Record<string, 'string' | 'number'>> = {
  registered: {},
  roster: {},
  'manifests-published': {},
  catalog: {},
  'chunk-stored': {
    file: 'string',
    chunkIndex: 'number',
    from: 'string',
    byteLength: 'number',
    elapsedMs: 'number'
  },
  'file-complete': {
    file: 'string',
    origin: 'string',
    byteLength: 'number',
    md5: 'string',
    elapsedMs: 'number'
  },
  'peer-complete': {},
  'swarm-complete': { makespanMs: 'number' }
}

function checkPromised(events: readonly object[], absent: string[]): void {
  for (const [kind, fields] of Object.entries(PROMISED)) {
    const found = events.filter((event) => 'event' in event && event.event === kind)
    assert.equal(found.length > 0, !absent.includes(kind), kind)
    for (const event of found) {
      const types = Object.fromEntries(Object.entries(event).map(([key, value]) => [key, typeof value]))
      const expected = { event: 'string', atMs: 'number', peer: 'string', ...fields }
      assert.deepEqual({ ...types, ...expected }, types, kind)
    }
  }
}

/** Joins a swarm of one, publishes nothing, and says something once the catalog is known. */
async function sayAlone(swarm: TestSwarm, message: Partial<PeerMessage>): Promise<void> {
  const coordinator = await swarm.coordinator({ expectedPeers: 1 })
  await rawSession(coordinator, async (session) => {
    await session.send({ join: { version: COORDINATION_VERSION, name: 'eve', multiaddrs: [] } })
    await session.send({ manifests: { manifests: [], last: true } })
    for await (const { catalog } of session.received()) {
      if (catalog !== undefined) {
        break
      }
    }
    await session.send(message)
    await nextEvent(coordinator, 'peer-lost')
  })
}

describe('arrivals', () => {
  it('those who wait are told who has come, and who has gone again', async () => {
    await TestSwarm.run(async (swarm) => {
      await swarm.coordinator({ expectedPeers: 3 })
      const ann = await swarm.peer('ann', {})
      const told = (joined: number) => nextEvent(ann.peer, 'arrivals', (event) => event.joined === joined)
      const two = told(2)
      const ben = await swarm.peer('ben', {})
      await ann.peer.start()
      await ben.peer.start()
      const { expectedPeers, names } = await two
      assert.deepEqual({ expectedPeers, names }, { expectedPeers: 3, names: ['ann', 'ben'] })
      const one = told(1)
      await ben.peer.stop()
      assert.deepEqual((await one).names, ['ann'])
    })
  })
})

describe('reports', () => {
  it('make events with all the fields that are promised, in both streams', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const bytes = bytesOf(100_000, 'a')
      const ann = await swarm.peer('ann', { 'a.bin': bytes, 'hollow/': new Uint8Array() })
      const ben = await swarm.peer('ben', {})
      await Promise.all([ann.peer.start(), ben.peer.start()])
      await Promise.all([coordinator.completed(), ben.peer.completed()])
      checkPromised(ben.events, [])
      checkPromised(swarm.coordinatorEvents, ['chunk-stored'])
      const files = [ben.events, swarm.coordinatorEvents].map((events) =>
        events
          .flatMap((event) => (event.event === 'file-complete' ? [event] : []))
          .map(({ peer, file, origin, byteLength, md5 }) => ({ peer, file, origin, byteLength, md5 }))
          .sort((a, b) => a.byteLength - b.byteLength)
      )
      assert.deepEqual(files[0], files[1], 'the coordinator tells of a file what the peer does')
      assert.deepEqual(
        files[1]?.map(({ file, byteLength }) => [file, byteLength]),
        [
          ['ann/hollow', 0],
          ['ann/a.bin', bytes.byteLength]
        ]
      )
    })
  })

  it('tell the bound by configured capacities, and the efficiency, to all', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const bytes = bytesOf(100_000, 'a')
      const ann = await swarm.peer('ann', { 'a.bin': bytes }, { uplink: 8, downlink: 80 })
      const ben = await swarm.peer('ben', {}, { uplink: 8 })
      const told = nextEvent(coordinator, 'bound')
      await Promise.all([ann.peer.start(), ben.peer.start()])
      const outcome = await coordinator.completed()
      const { peer, boundMs, term, basis, capacities } = await told
      assert.deepEqual([peer, boundMs, term, basis], ['ann', 100, 'origin', 'configured'])
      const uplink = { bytesPerSecond: 1_000_000, configured: true }
      assert.deepEqual(capacities, [
        { name: 'ann', uplink, downlink: { bytesPerSecond: 10_000_000, configured: true } },
        { name: 'ben', uplink }
      ])
      assert.ok(outcome.boundMs !== undefined)
      assert.deepEqual([outcome.boundMs, outcome.boundPeer], [100, 'ann'])
      assert.ok(outcome.exchangeMs !== undefined && outcome.exchangeMs <= outcome.makespanMs)
      assert.equal(outcome.efficiency, Math.min(1, 100 / outcome.exchangeMs))
      assert.deepEqual(await ben.peer.completed(), outcome)
      for (const events of [ann.events, ben.events, swarm.coordinatorEvents]) {
        const end = events.find((event) => event.event === 'swarm-complete')
        assert.ok(end?.event === 'swarm-complete' && end.boundMs !== undefined)
        assert.deepEqual([end.boundMs, end.term, end.efficiency], [100, 'origin', outcome.efficiency])
      }
    })
  })

  it('tell no bound where nothing had to be sent', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const tree = { 'a.bin': bytesOf(100_000, 'a') }
      const ann = await swarm.peer('ann', tree, { uplink: 8, downlink: 80 })
      const ben = await swarm.peer('ben', tree, { uplink: 8, downlink: 80 })
      await Promise.all([ann.peer.start(), ben.peer.start()])
      assert.equal((await coordinator.completed()).boundMs, undefined)
      assert.ok(!swarm.coordinatorEvents.some(({ event }) => event === 'bound'))
    })
  })

  for (const [what, fileCompletion] of [
    ['a file that is not in the catalog', { origin: 'ann', path: 'nothing.bin', atMs: 5 }],
    ['a name that is no file', { origin: '__proto__', path: 'x', atMs: 5 }]
  ] as const) {
    it(`fault 31: are not believed when they tell of ${what}`, async () => {
      await TestSwarm.run(async (swarm) => {
        await sayAlone(swarm, { fileCompletion })
        const kinds = swarm.coordinatorEvents.map(({ event }) => event)
        assert.ok(!kinds.includes('file-complete'))
        const lost = swarm.coordinatorEvents.find((event) => event.event === 'peer-lost')
        assert.match(lost?.event === 'peer-lost' ? lost.message : '', /which is not in the catalog/)
      })
    })
  }
})
