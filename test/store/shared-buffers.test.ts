/** Buffers that two threads name by numbers, each side by itself and both together. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BorrowedBuffers, LentBuffers } from '#potluck/store/shared-buffers.js'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

describe('shared buffers', () => {
  it('go over once, and have one number as long as they are known', () => {
    const near = new LentBuffers(() => assert.fail('nothing is lost'))
    const far = new BorrowedBuffers()
    const [one, other] = [new SharedArrayBuffer(10), new SharedArrayBuffer(10)]
    const [first, second] = [near.lend(one), near.lend(other)]
    assert.notEqual(first.number, second.number)
    assert.equal(far.at(first.number, first.shared), one)
    assert.equal(far.at(second.number, second.shared), other)
    assert.deepEqual(far.numbersOf([other, new ArrayBuffer(10), one]), [second.number, first.number])
    assert.equal(near.takeBack(first.number), one)
    assert.deepEqual(near.lend(one), { number: first.number })
    assert.equal(far.at(first.number), one)
  })

  it('are lent to one who has them not, and taken back from one who has', () => {
    const near = new LentBuffers(() => undefined)
    const buffer = new SharedArrayBuffer(10)
    const { number } = near.lend(buffer)
    assert.throws(() => near.lend(buffer), /handed to it again/)
    assert.equal(near.takeBack(number), buffer)
    assert.equal(near.takeBack(number), undefined)
    assert.equal(near.takeBack(number + 1), undefined)
  })

  it('are forgotten on both sides when nobody on the near one refers to them', async () => {
    const far = new BorrowedBuffers()
    const near: LentBuffers = new LentBuffers((number) => far.forget(number))
    const lent: SharedArrayBuffer[] = []
    for (let count = 0; count < 10; count++) {
      const buffer = new SharedArrayBuffer(10)
      const { number, shared } = near.lend(buffer)
      // What the other thread gets is an object of its own.
      far.at(number, shared === undefined ? undefined : structuredClone(shared))
      if (count % 2 === 0) {
        lent.push(buffer)
        near.takeBack(number)
      } else if (count < 5) {
        near.takeBack(number)
      }
    }
    assert.equal(far.count, 10)
    assert.ok(typeof collect === 'function')
    for (let tries = 0; far.count > 8 && tries < 100; tries++) {
      collect()
      await delay(10)
    }
    assert.equal(far.count, 8, 'five are in use here, and three are the other side’s')
    assert.equal(lent.length, 5)
    assert.throws(() => far.at(2), /no buffer has the number 2/)
  })
})
