import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChunkCache, unfilledBytes } from '#potluck/store/chunk-cache.js'
import { fc } from '../fixtures/properties.js'

const MAX_BYTE_LENGTH = 100

const chunk = { root: fc.constantFrom('a', 'b'), chunkIndex: fc.nat(5) }
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      ...chunk,
      bufferByteLength: fc.oneof(fc.constant(30), fc.nat(120)),
      unused: fc.nat(3),
      waitedFor: fc.boolean()
    })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), ...chunk }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('taken' as const), ...chunk }) }
)

/** The plain way: everything that was kept, the first to go first. */
type Kept = { key: string; byteLength: number; buffer: ArrayBufferLike; fill: number; waitedFor: boolean }

function toGoFirst(kept: Kept[]): Kept[] {
  return [...kept.filter(({ waitedFor }) => !waitedFor), ...kept.filter(({ waitedFor }) => waitedFor)]
}

function total(kept: Kept[]): number {
  return kept.reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
}

describe('chunk cache', () => {
  it('keeps what was put last or is waited for, within its bound, and gives back no buffer that it keeps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cache = new ChunkCache(MAX_BYTE_LENGTH)
        let kept: Kept[] = []
        /** What was kept and is not, and was not given back yet. */
        let dropped: ArrayBufferLike[] = []
        const drop = (isDropped: (other: Kept) => boolean): void => {
          dropped.push(...kept.filter(isDropped).map(({ buffer }) => buffer))
          kept = kept.filter((other) => !isDropped(other))
        }
        for (const [fill, one] of steps.entries()) {
          const key = `${one.root}/${one.chunkIndex}`
          if (one.do === 'delete') {
            cache.delete(one.root, one.chunkIndex)
            drop((other) => other.key === key)
          } else if (one.do === 'taken') {
            cache.taken(one.root, one.chunkIndex)
            const found = kept.find((other) => other.key === key && other.waitedFor)
            if (found !== undefined) {
              kept = [...kept.filter((other) => other !== found), { ...found, waitedFor: false }]
            }
          } else {
            const { waitedFor } = one
            const buffer = new ArrayBuffer(one.bufferByteLength)
            const byteLength = Math.max(0, one.bufferByteLength - one.unused)
            new Uint8Array(buffer).fill(fill)
            const given = cache.put(one.root, one.chunkIndex, buffer, byteLength, waitedFor)
            if (buffer.byteLength <= MAX_BYTE_LENGTH) {
              drop((other) => other.key === key)
              kept = toGoFirst(kept)
              while (total(kept) + buffer.byteLength > MAX_BYTE_LENGTH) {
                const [first] = kept
                drop((other) => other === first)
              }
              kept.push({ key, byteLength, buffer, fill, waitedFor })
              assert.deepEqual(new Set(given), new Set(dropped))
              assert.equal(given.length, dropped.length)
              dropped = []
            } else {
              assert.deepEqual(given, [buffer])
            }
          }
          assert.equal(cache.byteLength, total(kept))
          assert.ok(cache.byteLength <= MAX_BYTE_LENGTH)
          for (const root of ['a', 'b']) {
            for (let chunkIndex = 0; chunkIndex <= 5; chunkIndex++) {
              const expected = kept.find((other) => other.key === `${root}/${chunkIndex}`)
              const bytes = cache.get(root, chunkIndex)
              assert.equal(bytes?.byteLength, expected?.byteLength)
              assert.ok(bytes?.every((byte) => byte === expected?.fill) ?? true)
            }
          }
        }
      })
    )
  })

  it('gives the buffer of the chunk that had to go for the one that came', () => {
    const cache = new ChunkCache(20)
    const buffers = [new ArrayBuffer(10), new ArrayBuffer(10), new ArrayBuffer(10)]
    const given = buffers.map((buffer, chunkIndex) =>
      cache.put('root', chunkIndex, buffer, 10, chunkIndex === 1)
    )
    assert.deepEqual(given.slice(0, 2), [[], []])
    assert.equal(given[2]?.length, 1)
    assert.equal(given[2]?.[0], buffers[0])
  })

  it('gives bytes to fill in a buffer of their own, however few', () => {
    for (const byteLength of [0, 1, 4096, 300_000]) {
      const bytes = unfilledBytes(byteLength)
      assert.equal(bytes.byteLength, byteLength)
      assert.equal(bytes.buffer.byteLength, byteLength)
    }
  })
})
