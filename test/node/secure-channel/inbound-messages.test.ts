/** Messages cut from any pieces, and the reuse of the memory that they are read into. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InboundMessages } from '#potluck/node/secure-channel/inbound-messages.js'
import { fc } from '../../fixtures/properties.js'

/** Two bytes of length, and the message. */
function framed(messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(messages.flatMap((message) => [lengthOf(message.byteLength), message]))
}

function lengthOf(byteLength: number): Uint8Array {
  return Uint8Array.of(byteLength >>> 8, byteLength & 0xff)
}

/** Takes as a socket would: to where the next bytes belong. */
function read(inbound: InboundMessages, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.byteLength; ) {
    const space = inbound.space()
    const piece = bytes.subarray(offset, offset + space.byteLength)
    space.set(piece)
    inbound.onRead(piece.byteLength)
    offset += piece.byteLength
  }
}

const aMessage = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 60 }),
  fc.integer({ min: 16, max: 65_535 }).map((byteLength) => new Uint8Array(byteLength).fill(byteLength))
)

describe('inbound messages', () => {
  it('are cut from pieces of any length, read to their place or brought', () => {
    const someMessages = fc.array(aMessage, { maxLength: 12 })
    const someCuts = fc.array(fc.nat(), { maxLength: 12 })
    fc.assert(
      fc.property(someMessages, someCuts, fc.array(fc.boolean()), (messages, cuts, ways) => {
        const taken: Uint8Array[] = []
        const inbound = new InboundMessages((message) => {
          taken.push(Uint8Array.from(message))
          // It was lent: decryption in place may leave anything there.
          message.fill(0xff)
          return true
        })
        const bytes = framed(messages)
        const ends = [...cuts.map((cut) => cut % (bytes.byteLength + 1)), bytes.byteLength]
        let begin = 0
        for (const [index, end] of ends.sort((a, b) => a - b).entries()) {
          const piece = bytes.subarray(begin, end)
          if (ways[index] === true) {
            inbound.push(piece)
          } else {
            read(inbound, piece)
          }
          begin = end
        }
        assert.deepEqual(
          taken.map((message) => Buffer.from(message)),
          messages.map((message) => Buffer.from(message))
        )
      }),
      { numRuns: 60 }
    )
  })

  it('of several connections do not mix, whichever reads next', () => {
    const sent = [1, 2, 3].map((fill) => [40, 3000, 20].map((length) => new Uint8Array(length).fill(fill)))
    const taken: number[][] = [[], [], []]
    const connections = sent.map(
      (_, index) =>
        new InboundMessages((message) => {
          assert.ok(message.every((byte) => byte === index + 1))
          taken[index]?.push(message.byteLength)
          return true
        })
    )
    const streams = sent.map(framed)
    for (let offset = 0; offset < 3066; offset += 7) {
      for (const [index, inbound] of connections.entries()) {
        read(inbound, streams[index]?.subarray(offset, offset + 7) ?? new Uint8Array())
      }
    }
    assert.deepEqual(taken, [
      [40, 3000, 20],
      [40, 3000, 20],
      [40, 3000, 20]
    ])
  })

  it('brought while others are worked on leave those alone', () => {
    const outer = [new Uint8Array(100).fill(1), new Uint8Array(100).fill(2)]
    const relayed = new InboundMessages(() => true)
    const seen: (number | undefined)[] = []
    const inbound = new InboundMessages((message) => {
      // As where a connection is carried by a stream of another one.
      relayed.push(framed([new Uint8Array(5000).fill(9)]))
      seen.push(message[0], message[99])
      return true
    })
    read(inbound, framed(outer))
    assert.deepEqual(seen, [1, 1, 2, 2])
  })

  it('leave their memory to nobody while the system may write to it', () => {
    const half = framed([new Uint8Array(1000).fill(1)]).subarray(0, 500)
    const ended = new InboundMessages(() => true)
    read(ended, half)
    const target = ended.space()
    ended.end()
    const others = Array.from({ length: 20 }, () => new InboundMessages(() => true))
    for (const other of others) {
      read(other, half)
      assert.notEqual(other.space().buffer, target.buffer)
    }
    // A read that was under way changes nothing.
    target.fill(7)
    ended.onRead(500)
    ended.push(half)
  })

  it('give their memory back between two messages', () => {
    const whole = framed([new Uint8Array(1000)])
    const places = new Set<ArrayBufferLike>()
    for (let count = 0; count < 20; count++) {
      const inbound = new InboundMessages(() => true)
      read(inbound, whole.subarray(0, 10))
      places.add(inbound.space().buffer)
      read(inbound, whole.subarray(10))
      inbound.space()
    }
    assert.equal(places.size, 1)
  })

  it('end at one that is too short to be encrypted, and when they are told so', () => {
    const inbound = new InboundMessages(() => true)
    assert.throws(() => inbound.push(framed([new Uint8Array(15)])), /an encrypted message of 15 bytes/)
    let taken = 0
    const ending = new InboundMessages(() => {
      taken++
      ending.end()
      return false
    })
    ending.push(framed([new Uint8Array(16), new Uint8Array(16)]))
    read(ending, framed([new Uint8Array(16)]))
    assert.equal(taken, 1)
  })
})
