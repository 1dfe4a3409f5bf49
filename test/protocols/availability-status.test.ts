import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStatus } from '#potluck/protocols/availability/service.js'

describe('the status of a peer', () => {
  const status = { freshChunks: 3, takesRequests: true, copiesOwed: 7 }

  it('fault 52: has no rate that cannot be', () => {
    for (const rate of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0, 1e300]) {
      assert.deepEqual(openStatus({ ...status, uplinkBytesPerSecond: rate }), status)
    }
  })

  it('has the rate that was told, and may have none', () => {
    const told = { ...status, uplinkBytesPerSecond: 1.5e6 }
    assert.deepEqual(openStatus(told), told)
    assert.deepEqual(openStatus(status), status)
  })
})
