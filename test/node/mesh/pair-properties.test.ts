import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type End, endOf, FakeConnection } from '../../fixtures/pair.js'
import { fc } from '../../fixtures/properties.js'

/** A connection: which side dialled it and how, and whether it breaks later. */
const connection = fc.record({ byFirst: fc.boolean(), direct: fc.boolean(), breaks: fc.boolean() })

/** The side that next learns of its next connection: 0 or 1. */
const order = fc.array(fc.nat(1), { maxLength: 20 })

function link({ byFirst, direct }: { byFirst: boolean; direct: boolean }): [FakeConnection, FakeConnection] {
  const first = new FakeConnection(direct, byFirst ? 'outbound' : 'inbound')
  const second = new FakeConnection(direct, byFirst ? 'inbound' : 'outbound')
  first.other = second
  second.other = first
  return [first, second]
}

test('both ends of a pair come to use the same connection, the best there is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(connection, { minLength: 1, maxLength: 4, selector: kindOf }),
      order,
      async (made, turns) => {
        const over = new AbortController()
        const ends: [End, End] = [
          endOf({ isFirst: true }, over.signal),
          endOf({ isFirst: false }, over.signal)
        ]
        const links = made.map(link)
        const queues = [links.map(([first]) => first), links.map(([, second]) => second)]
        for (const turn of [...turns, ...Array(8).fill(0), ...Array(8).fill(1)]) {
          const next = queues[turn]?.shift()
          if (next !== undefined) {
            ends[turn === 0 ? 0 : 1].meet(next)
          }
        }
        links.forEach(([first], index) => {
          if (made[index]?.breaks === true) {
            first.abort()
          }
        })
        await setImmediate()
        const left = links.filter(([first]) => first.status === 'open')
        assert.equal(ends[0].inUse?.other, ends[1].inUse)
        assert.equal(ends[0].pair.connected, left.length > 0)
        if (left.some(([first]) => first.direct)) {
          assert.equal(ends[0].inUse?.direct, true)
        }
        over.abort()
      }
    )
  )
})

function kindOf({ byFirst, direct }: { byFirst: boolean; direct: boolean }): string {
  return `${byFirst} ${direct}`
}
