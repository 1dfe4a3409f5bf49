import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sideBySide } from '#potluck/core/side-by-side.js'
import { fc } from '../fixtures/properties.js'

const { signal } = new AbortController()

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await nextTurn()
  }
}

describe('work on items side by side', () => {
  it('is begun in order, so many at a time, and its results are in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(4), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (items, limit) => {
          const begun: number[] = []
          let atATime = 0
          let most = 0
          const results = await sideBySide([...items.entries()], limit, signal, async ([index, item]) => {
            begun.push(index)
            atATime++
            most = Math.max(most, atATime)
            await turns(item)
            atATime--
            return index
          })
          assert.deepEqual(results, [...items.keys()])
          assert.deepEqual(begun, [...items.keys()])
          assert.equal(most, Math.min(limit, items.length))
        }
      ),
      { numRuns: 50 }
    )
  })

  it('ends with what failed first, after all that was begun, which is told to end', async () => {
    const ended: string[] = []
    const work = async (item: string, either: AbortSignal): Promise<void> => {
      if (item === 'bad') {
        await nextTurn()
        throw new Error('bad')
      }
      while (!either.aborted) {
        await nextTurn()
      }
      await turns(3)
      ended.push(item)
      either.throwIfAborted()
    }
    await assert.rejects(sideBySide(['one', 'bad', 'two', 'never'], 3, signal, work), { message: 'bad' })
    assert.deepEqual(ended.sort(), ['one', 'two'])
  })

  it('ends with the reason of the signal, and begins nothing more', async () => {
    const controller = new AbortController()
    const begun: number[] = []
    const working = sideBySide([1, 2, 3], 1, controller.signal, async (item) => {
      begun.push(item)
      await nextTurn()
    })
    controller.abort(new Error('stopped'))
    await assert.rejects(working, { message: 'stopped' })
    assert.deepEqual(begun, [1])
  })
})
