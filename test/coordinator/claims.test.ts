/** Whatever numbers members report, the coordinator only believes possible ones. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  believedCapacities,
  believedCount,
  believedFlow,
  believedProgress,
  believedTime
} from '#potluck/coordinator/swarm/claims.js'
import { openSwarmEnd } from '#potluck/protocols/coordination/index.js'
import { PeerMessage } from '#potluck/protocols/coordination/pb/messages.js'
import { fc } from '../fixtures/properties.js'

/** As the codec lets them through. */
const whole = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER))
const anyDouble = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
)

describe('what a member tells in numbers', () => {
  it('fault 52: its progress is within the catalog', () => {
    const told = fc.record({ totalBytes: whole, heldBytes: whole, receivedBytes: whole, sentBytes: whole })
    fc.assert(
      fc.property(told, fc.nat(1e12), fc.integer({ min: 1, max: 1024 }), (progress, totalBytes, members) => {
        const believed = believedProgress(progress, { totalBytes, members })
        assert.ok(believed.heldBytes <= believed.totalBytes && believed.totalBytes <= totalBytes)
        assert.ok(believed.receivedBytes <= 4 * totalBytes)
        assert.ok(believed.sentBytes <= 4 * totalBytes * members)
        assert.ok(believedFlow(progress.receivedBytes, { totalBytes, members }) <= 4 * totalBytes)
      })
    )
  })

  it('fault 52: a true progress is believed as it is', () => {
    const size = { totalBytes: 1000, members: 3 }
    const progress = { totalBytes: 1000, heldBytes: 700, receivedBytes: 900, sentBytes: 2000 }
    assert.deepEqual(believedProgress(progress, size), progress)
  })

  it('fault 52: its times are between its registration and now', () => {
    fc.assert(
      fc.property(anyDouble, fc.nat(), fc.nat(), (atMs, registeredAtMs, sinceMs) => {
        const nowMs = registeredAtMs + sinceMs
        const believed = believedTime(atMs, registeredAtMs, nowMs)
        assert.ok(believed >= registeredAtMs && believed <= nowMs)
      })
    )
  })

  it('fault 52: its capacities are rates that a link can have, its counts are below a billion', () => {
    fc.assert(
      fc.property(whole, whole, (uplinkBytesPerSecond, downlinkBytesPerSecond) => {
        for (const rate of Object.values(
          believedCapacities({ uplinkBytesPerSecond, downlinkBytesPerSecond })
        )) {
          assert.ok(rate > 0 && rate <= 125e9)
        }
        assert.ok(believedCount(uplinkBytesPerSecond) <= 1e9)
      })
    )
  })

  it('fault 52: the end that a coordinator tells has no times that cannot be', () => {
    fc.assert(
      fc.property(anyDouble, anyDouble, fc.option(anyDouble, { nil: undefined }), (makespanMs, atMs, end) => {
        const completed = end === undefined ? {} : { completedAtMs: end }
        const result = { name: 'ann', registeredAtMs: atMs, receivedBytes: 1, sentBytes: 2, ...completed }
        const told = openSwarmEnd({ complete: true, makespanMs, reason: '', results: [result] })
        const [opened] = told.results
        const times = [told.makespanMs, opened?.registeredAtMs ?? Number.NaN, opened?.completedAtMs ?? 0]
        assert.ok(times.every((time) => time >= 0 && Number.isFinite(time)))
        assert.equal(opened?.completedAtMs === undefined, end === undefined)
      })
    )
  })

  it('fault 52: integers that are none are no message', () => {
    // 2^64 - 1, which other implementations may send as an unsigned number, or for -1.
    const bytes = Uint8Array.from([0x1a, 11, 0x08, ...new Array(9).fill(0xff), 0x01])
    assert.throws(() => PeerMessage.decode(bytes))
  })
})
