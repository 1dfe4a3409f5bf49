/** The owner of a chunk buffer, whatever happens to it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import '#potluck/polyfill.js'
import { ChunkBuffers } from '#potluck/node/exchange/chunk-buffers.js'
import { fc } from '../../fixtures/properties.js'

const BYTE_LENGTH = 100

const stored = (...free: ArrayBufferLike[]) => ({ stored: true, free })

describe('chunk buffers', () => {
  it('are shared memory, and used again', () => {
    const buffers = new ChunkBuffers(BYTE_LENGTH, 1)
    const [one, other] = [buffers.take(), buffers.take()]
    assert.ok(one instanceof SharedArrayBuffer && one.byteLength === BYTE_LENGTH)
    assert.notEqual(one, other)
    buffers.give(one)
    buffers.give(other)
    assert.equal(buffers.take(), one)
    assert.notEqual(buffers.take(), other, 'no more than one is kept')
  })

  it('are given back by the one who has them, once', async () => {
    const buffers = new ChunkBuffers(BYTE_LENGTH, 9)
    const buffer = buffers.take()
    buffers.give(buffer)
    assert.throws(() => buffers.give(buffer), /in the hands of pool/)
    assert.throws(() => buffers.release(new Uint8Array(buffer)), /in the hands of pool/)
    assert.throws(() => buffers.give(new SharedArrayBuffer(BYTE_LENGTH)), /in the hands of nobody/)
    await assert.rejects(
      buffers.write(buffer, () => assert.fail()),
      /in the hands of pool/
    )
    const taken = buffers.take()
    await assert.rejects(
      buffers.write(taken, async () => stored(taken, taken)),
      /in the hands of pool/
    )
    assert.equal(buffers.take(), buffer)
    assert.notEqual(buffers.take(), buffer)
  })

  it('are out of the network’s reach from the call of the store to its outcome', async () => {
    const buffers = new ChunkBuffers(BYTE_LENGTH, 9)
    const buffer = buffers.take()
    const outcome = Promise.withResolvers<ReturnType<typeof stored>>()
    const writing = buffers.write(buffer, () => outcome.promise)
    assert.throws(() => buffers.give(buffer), /in the hands of store/)
    await assert.rejects(
      buffers.write(buffer, () => assert.fail()),
      /in the hands of store/
    )
    assert.notEqual(buffers.take(), buffer)
    outcome.resolve(stored(buffer))
    await writing
    assert.equal(buffers.take(), buffer)
  })

  it('that the store keeps are the pool’s when it gives them back with another', async () => {
    const buffers = new ChunkBuffers(BYTE_LENGTH, 9)
    const [kept, other] = [buffers.take(), buffers.take()]
    await buffers.write(kept, async () => stored())
    assert.throws(() => buffers.give(kept), /in the hands of store/)
    await buffers.write(other, async () => stored(kept))
    assert.equal(buffers.take(), kept)
    assert.throws(() => buffers.give(other), /in the hands of store/)
  })

  it('are free again when the store fails, however often', async () => {
    const buffers = new ChunkBuffers(BYTE_LENGTH, 9)
    const fail = (): Promise<never> => Promise.reject(new Error('it failed'))
    const buffer = buffers.take()
    for (let times = 0; times < 3; times++) {
      await assert.rejects(buffers.write(buffer, fail), /it failed/)
      await assert.rejects(buffers.read(fail), /it failed/)
      assert.equal(buffers.take(), buffer)
    }
    assert.notEqual(buffers.take(), buffer)
  })

  it('that were read to are free when they are released, and at once where the bytes lie elsewhere', async () => {
    const buffers = new ChunkBuffers(BYTE_LENGTH, 9)
    const bytes = await buffers.read(async (buffer) => new Uint8Array(buffer, 0, 10))
    assert.notEqual(buffers.take(), bytes.buffer)
    buffers.release(bytes)
    const again = await buffers.read(async () => new Uint8Array(10))
    buffers.release(again)
    assert.equal(buffers.take(), bytes.buffer)
  })

  it('are never two’s, whatever order things happen in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ do: fc.constantFrom('take', 'give', 'write', 'keep', 'read'), which: fc.nat(5) })
        ),
        async (steps) => {
          const buffers = new ChunkBuffers(BYTE_LENGTH, 3)
          const taken: ArrayBufferLike[] = []
          const kept: ArrayBufferLike[] = []
          const takeOut = (which: number): ArrayBufferLike | undefined => taken.splice(which, 1)[0]
          for (const { do: what, which } of steps) {
            const others = new Set([...taken, ...kept])
            if (what === 'take') {
              taken.push(buffers.take())
              assert.ok(!others.has(taken.at(-1) ?? assert.fail()))
            } else if (what === 'read') {
              const { buffer } = await buffers.read(async (lent) => new Uint8Array(lent))
              assert.ok(!others.has(buffer))
              taken.push(buffer)
            } else {
              const buffer = takeOut(which)
              if (buffer !== undefined && what === 'give') {
                buffers.give(buffer)
              } else if (buffer !== undefined) {
                kept.push(buffer)
                const free = what === 'keep' ? kept.splice(0, kept.length - 2) : kept.splice(0)
                await buffers.write(buffer, async () => stored(...free))
              }
            }
          }
        }
      )
    )
  })
})
