/** The chunk protocol's decoder, with every split of the bytes and with false ones. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChunkReply } from '#potluck/protocols/chunk/pb/messages.js'
import { ChunkReplyDecoder } from '#potluck/protocols/chunk/reply-decoder.js'
import { frame, ProtocolViolation } from '#potluck/protocols/wire.js'
import { fc } from '../fixtures/properties.js'

const payload = fc.uint8Array({ minLength: 0, maxLength: 200 })
const id = fc.integer({ min: 1, max: 2 ** 32 - 1 })

function encode(replies: { id: number; payload: Uint8Array }[]): Uint8Array {
  return Buffer.concat(
    replies.flatMap((reply) => [
      frame(ChunkReply, {
        id: reply.id,
        status: ChunkReply.Status.OK,
        byteLength: reply.payload.byteLength
      }).subarray(),
      reply.payload
    ])
  )
}

describe('chunk reply decoder', () => {
  it('finds the same replies however the bytes are split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ id, payload }), { maxLength: 8 }),
        fc.array(fc.nat(2000), { maxLength: 20 }),
        (replies, cuts) => {
          const bytes = encode(replies)
          const found: { id: number; payload: Uint8Array }[] = []
          let target = new Uint8Array()
          const decoder = new ChunkReplyDecoder({
            begin: ({ byteLength }) => {
              target = new Uint8Array(byteLength)
              return target
            },
            end: (reply) => found.push({ id: reply.id, payload: target })
          })
          const at = [
            0,
            ...cuts.filter((cut) => cut < bytes.byteLength).sort((a, b) => a - b),
            bytes.byteLength
          ]
          for (const [index, start] of at.entries()) {
            decoder.push(bytes.subarray(start, at[index + 1] ?? bytes.byteLength))
          }
          assert.deepEqual(
            found.map((reply) => [reply.id, Buffer.from(reply.payload)]),
            replies.map((reply) => [reply.id, Buffer.from(reply.payload)])
          )
        }
      )
    )
  })

  it('fault 31: ends noise with a violation at the most, and never asks for memory by a claim', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        let begun = 0
        const decoder = new ChunkReplyDecoder({
          begin: ({ byteLength }) => {
            begun++
            if (byteLength > 64) {
              throw new ProtocolViolation('not asked for')
            }
            return new Uint8Array(64)
          },
          end: () => undefined
        })
        try {
          decoder.push(noise)
        } catch (error) {
          assert.ok(error instanceof ProtocolViolation, String(error))
        }
        assert.ok(begun <= noise.byteLength)
      }),
      { numRuns: 2000 }
    )
  })
})
