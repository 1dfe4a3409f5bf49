import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Gathering } from '../../sim/gathering.js'

const GATHERINGS = 40

describe('a gathering with liars', () => {
  it('ends with every honest peer complete and liars banned, also for those who come late or are started again', () => {
    const sum = { late: 0, restarted: 0, liars: 0, falsehoods: 0, bans: 0 }
    for (let seed = 1; seed <= GATHERINGS; seed++) {
      const gathering = new Gathering(seed)
      gathering.run()
      sum.late += gathering.counts.late
      sum.restarted += gathering.counts.restarted
      sum.liars += gathering.counts.liars
      sum.falsehoods += gathering.falsehoods
      sum.bans += gathering.bans
    }
    for (const [what, count] of Object.entries(sum)) {
      assert.ok(count >= GATHERINGS / 8, `${what}: ${count}`)
    }
  })

  it('runs the same way again from the same seed', () => {
    const [one, other] = [new Gathering(5), new Gathering(5)]
    one.run()
    other.run()
    assert.deepEqual([one.endedAtMs, one.lies, one.counts], [other.endedAtMs, other.lies, other.counts])
  })
})
