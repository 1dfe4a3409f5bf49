/** The network of the simulator: how fast each peer may send, and when messages arrive. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualClock } from '../../sim/clock.js'
import { type Flow, Link, shareFairly } from '../../sim/fair-share.js'
import { type Direction, Network } from '../../sim/network.js'
import { PriorityQueue } from '../../sim/priority-queue.js'
import { fc } from '../fixtures/properties.js'

/** Rates are sums and quotients of doubles. */
const TOLERANCE = 1e-9

describe('heap', () => {
  it('gives its entries in order, whatever was moved and taken out', () => {
    const step = fc.record({ entry: fc.nat(9), key: fc.nat(5), out: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const queue = new PriorityQueue<{ key: number; order: number; slot: number }>()
        const entries = Array.from({ length: 10 }, (_, order) => ({ key: 0, order, slot: -1 }))
        const model = new Set<{ key: number; order: number }>()
        for (const { entry: index, key, out } of steps) {
          const entry = entries[index]
          if (entry !== undefined && out) {
            queue.remove(entry)
            model.delete(entry)
          } else if (entry !== undefined) {
            entry.key = key
            queue.place(entry)
            model.add(entry)
          }
        }
        const expected = [...model].sort((a, b) => a.key - b.key || a.order - b.order)
        for (const entry of expected) {
          assert.equal(queue.first, entry)
          queue.remove(queue.first ?? assert.fail())
        }
        assert.equal(queue.length, 0)
      })
    )
  })
})

describe('fair shares', () => {
  const capacity = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 }))
  const links = fc.array(capacity, { minLength: 2, maxLength: 8 })
  const ends = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 30 })

  it('keep every link within its capacity, and give every flow a link that stops it', () => {
    fc.assert(
      fc.property(links, ends, (capacities, pairs) => {
        const all = capacities.map((available, index) => new Link(index, available))
        const half = all.length >> 1
        const flows = pairs.map(([from, to]): Flow => {
          const uplink = all[from % half] ?? assert.fail()
          const downlink = all[half + (to % (all.length - half))] ?? assert.fail()
          const flow = { uplink, downlink, fairRate: -1 }
          uplink.flows.add(flow)
          downlink.flows.add(flow)
          return flow
        })
        shareFairly(all)
        const used = (link: Link): number => [...link.flows].reduce((sum, { fairRate }) => sum + fairRate, 0)
        for (const link of all) {
          assert.ok(used(link) <= link.available * (1 + TOLERANCE))
        }
        for (const { uplink, downlink, fairRate } of flows) {
          // Max-min fair exactly when each flow has a full link on which none has more.
          const stops = (link: Link): boolean =>
            used(link) >= link.available * (1 - TOLERANCE) &&
            [...link.flows].every((other) => other.fairRate <= fairRate * (1 + TOLERANCE))
          assert.ok(stops(uplink) || stops(downlink))
        }
      })
    )
  })
})

const MS = 1
const LATENCY_MS = 20
const PEERS = 3

interface Sending {
  from: number
  to: number
  byteLength: number
  atMs: number
}

const sending = fc.record({
  from: fc.nat(PEERS - 1),
  to: fc.nat(PEERS - 1),
  byteLength: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 20_000, max: 300_000 })),
  atMs: fc.nat(3000)
})
const capacities = fc.array(
  fc.record({
    uplinkBytesPerSecond: fc.integer({ min: 10_000, max: 10_000_000 }),
    downlinkBytesPerSecond: fc.integer({ min: 10_000, max: 10_000_000 })
  }),
  { minLength: PEERS, maxLength: PEERS }
)

interface Arrival extends Sending {
  arrivedAtMs: number
}

/** Hands each message to its connection at its time and sees all of them arrive. */
function arrivalsOf(
  peers: readonly { uplinkBytesPerSecond: number; downlinkBytesPerSecond: number }[],
  sendings: readonly Sending[],
  quantumMs: number
): Arrival[] {
  const clock = new VirtualClock()
  const network = new Network(clock, quantumMs)
  for (const peer of peers) {
    network.addPeer(peer)
  }
  const directions = new Map<string, Direction>()
  const arrivals: Arrival[] = []
  for (const one of sendings) {
    const key = `${one.from} ${one.to}`
    const direction = directions.get(key) ?? network.open(one.from, one.to, LATENCY_MS)
    directions.set(key, direction)
    clock.at(one.atMs, () =>
      network.send(direction, one.byteLength, () => arrivals.push({ ...one, arrivedAtMs: clock.nowMs }))
    )
  }
  while (clock.step()) {
    // Until nothing is under way.
  }
  return arrivals
}

describe('simulated network', () => {
  const quantum = fc.constantFrom(0, 1, 5)

  it('delivers every message once, in order, not before its latency is over', () => {
    fc.assert(
      fc.property(capacities, fc.array(sending), quantum, (peers, sendings, quantumMs) => {
        const arrivals = arrivalsOf(peers, sendings, quantumMs)
        assert.equal(arrivals.length, sendings.length)
        const lastSent = new Map<string, number>()
        for (const { from, to, atMs, byteLength, arrivedAtMs } of arrivals) {
          const ownMs =
            (byteLength /
              Math.min(peers[from]?.uplinkBytesPerSecond ?? 0, peers[to]?.downlinkBytesPerSecond ?? 0)) *
            1000
          assert.ok(arrivedAtMs >= atMs + LATENCY_MS + ownMs - MS / 1000)
          assert.ok((lastSent.get(`${from} ${to}`) ?? 0) <= atMs, 'first in, first out')
          lastSent.set(`${from} ${to}`, atMs)
        }
      })
    )
  })

  it('lets no link carry more than its capacity, beyond the short messages that it owes for', () => {
    fc.assert(
      fc.property(capacities, fc.array(sending, { minLength: 1 }), quantum, (peers, sendings, quantumMs) => {
        const arrivals = arrivalsOf(peers, sendings, quantumMs)
        const firstMs = Math.min(...sendings.map(({ atMs }) => atMs))
        for (let peer = 0; peer < PEERS; peer++) {
          for (const [end, capacity] of [
            ['from', peers[peer]?.uplinkBytesPerSecond ?? 0],
            ['to', peers[peer]?.downlinkBytesPerSecond ?? 0]
          ] as const) {
            let carried = 0
            for (const arrival of arrivals.filter((one) => one[end] === peer)) {
              carried += arrival.byteLength
              const elapsedMs = arrival.arrivedAtMs - LATENCY_MS - firstMs
              // 50 ms of the capacity may be owed, and one more short message.
              assert.ok(carried <= (capacity * (elapsedMs + 50 * MS)) / 1000 + 200)
            }
          }
        }
      })
    )
  })

  it('leaves no link idle that somebody waits for', () => {
    fc.assert(
      fc.property(capacities, fc.array(sending, { minLength: 1, maxLength: 20 }), (peers, sendings) => {
        const bulk = sendings.map((one) => ({
          ...one,
          from: 0,
          to: 1,
          atMs: 0,
          byteLength: 20_000 + one.byteLength
        }))
        const total = bulk.reduce((sum, { byteLength }) => sum + byteLength, 0)
        const rate = Math.min(peers[0]?.uplinkBytesPerSecond ?? 0, peers[1]?.downlinkBytesPerSecond ?? 0)
        const lastMs = Math.max(...arrivalsOf(peers, bulk, 1).map(({ arrivedAtMs }) => arrivedAtMs))
        assert.ok(Math.abs(lastMs - (LATENCY_MS + (total / rate) * 1000)) < MS / 100)
      })
    )
  })

  it('follows a change of capacity at once, and a link of none stands still until it has some', () => {
    const clock = new VirtualClock()
    const network = new Network(clock, 1)
    network.addPeer({ uplinkBytesPerSecond: 100_000, downlinkBytesPerSecond: 0 })
    network.addPeer({ uplinkBytesPerSecond: 0, downlinkBytesPerSecond: 1_000_000 })
    const direction = network.open(0, 1, 0)
    let arrivedAtMs = 0
    network.send(direction, 200_000, () => {
      arrivedAtMs = clock.nowMs
    })
    clock.at(1000, () => network.setCapacities(0, { uplinkBytesPerSecond: 0 }))
    clock.at(5000, () => network.setCapacities(0, { uplinkBytesPerSecond: 50_000 }))
    while (clock.step()) {
      // Until it is there.
    }
    assert.ok(Math.abs(arrivedAtMs - 7000) < MS / 100)
  })

  it('delivers nothing of a connection that was closed', () => {
    const clock = new VirtualClock()
    const network = new Network(clock, 1)
    network.addPeer({ uplinkBytesPerSecond: 1000, downlinkBytesPerSecond: 1000 })
    network.addPeer({ uplinkBytesPerSecond: 1000, downlinkBytesPerSecond: 1000 })
    const direction = network.open(0, 1, LATENCY_MS)
    const closed = (): never => assert.fail('delivered')
    network.send(direction, 100, closed)
    network.send(direction, 20_000, closed)
    network.close(direction)
    network.send(direction, 100, closed)
    while (clock.step()) {
      // Nothing is to come.
    }
  })
})
