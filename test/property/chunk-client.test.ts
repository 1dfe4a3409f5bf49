/** A getter of chunks, and a provider that answers as it likes. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import '#potluck/polyfill.js'
import { streamPair } from '@libp2p/utils'
import fc from 'fast-check'
import { type ChunkAnswer, ChunkClient } from '#potluck/protocols/chunk/chunk-client.js'
import { ChunkReply } from '#potluck/protocols/chunk/messages.js'
import { frame, ProtocolViolation } from '#potluck/protocols/wire.js'

const BYTE_LENGTH = 40
const ASKS = 4
const ROOT = 'ab'.repeat(32)
const { OK, NOT_HELD } = ChunkReply.Status

interface Told {
  id: number
  status: ChunkReply.Status
  byteLength: number
}

const told = fc.oneof(
  // As it should be.
  {
    weight: 4,
    arbitrary: fc.record({
      id: fc.integer({ min: 1, max: ASKS }),
      status: fc.constant(OK),
      byteLength: fc.constant(BYTE_LENGTH)
    })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      id: fc.integer({ min: 1, max: ASKS }),
      status: fc.constant(NOT_HELD),
      byteLength: fc.constant(0)
    })
  },
  // Of another length, of an ask that was not made, a refusal with bytes.
  {
    weight: 1,
    arbitrary: fc.record({
      id: fc.integer({ min: 0, max: ASKS + 2 }),
      status: fc.constantFrom(OK, NOT_HELD),
      byteLength: fc.nat(BYTE_LENGTH + 5)
    })
  }
)

/** What an honest reader makes of them: by ask what it got, until the first that breaks the rules. */
function expected(all: readonly Told[]): { answers: Map<number, string>; isBroken: boolean } {
  const answers = new Map<number, string>()
  for (const [index, { id, status, byteLength }] of all.entries()) {
    const isAsked = id >= 1 && id <= ASKS && !answers.has(id)
    if (!isAsked || byteLength !== (status === OK ? BYTE_LENGTH : 0)) {
      return { answers, isBroken: true }
    }
    answers.set(id, status === OK ? `chunk ${index}` : 'not-held')
  }
  return { answers, isBroken: false }
}

function shown(answer: ChunkAnswer): string {
  if (answer.status !== 'ok') {
    return answer.status
  }
  const bytes = new Uint8Array(answer.buffer, 0, answer.chunk.byteLength)
  assert.ok(
    bytes.every((byte) => byte === bytes[0]),
    'of one reply'
  )
  return `chunk ${bytes[0]}`
}

describe('what nobody asked for', () => {
  it('fault 21: twice, late, of another length: ends the stream, and no ask gets what is not its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(told, { maxLength: 2 * ASKS }), async (all) => {
        const [near, far] = await streamPair()
        let allocated = 0
        let closedBy: Error | undefined
        const client = new ChunkClient({
          stream: near,
          allocate: (byteLength) => {
            allocated++
            return new ArrayBuffer(byteLength)
          },
          byteLengthOf: () => undefined,
          onBytes: () => undefined,
          onFirstByte: () => undefined,
          onClose: (error) => {
            closedBy = error
          },
          now: () => 0
        })
        const asks = Array.from({ length: ASKS }, (_, chunkIndex) =>
          client.ask({ root: ROOT, chunkIndex, byteLength: BYTE_LENGTH }).answer.then(shown, () => 'rejected')
        )
        const bytes = all.flatMap((reply, index) => [
          frame(ChunkReply, reply).subarray(),
          new Uint8Array(reply.byteLength).fill(index)
        ])
        if (bytes.length > 0) {
          far.send(Buffer.concat(bytes))
        }
        await far.close().catch(() => undefined)
        const { answers, isBroken } = expected(all)
        assert.deepEqual(
          await Promise.all(asks),
          asks.map((_, index) => answers.get(index + 1) ?? 'rejected')
        )
        assert.equal(closedBy instanceof ProtocolViolation, isBroken)
        assert.ok(allocated <= ASKS)
      }),
      { numRuns: 300 }
    )
  })
})
