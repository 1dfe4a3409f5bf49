/** A getter of chunks, and a provider that answers as it likes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import '#potluck/polyfill.js'
import { streamPair } from '@libp2p/utils'
import { type ChunkAnswer, ChunkClient, type Intake } from '#potluck/protocols/chunk/client.js'
import { MAX_COMPLAINTS } from '#potluck/protocols/chunk/constants.js'
import { ChunkReply, ChunkRequest } from '#potluck/protocols/chunk/pb/messages.js'
import { frame, ProtocolViolation } from '#potluck/protocols/wire.js'
import { fc } from '../fixtures/properties.js'

const BYTE_LENGTH = 40
const ASKS = 4
const ROOT = 'ab'.repeat(32)
const { OK, NOT_HELD, UNREADABLE } = ChunkReply.Status

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

/** What a correct reader gets for each ask, until the first answer that breaks the rules. */
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

/** Accepts pieces of this many bytes, each after a turn of the event loop; without a length, everything at once. */
class SlowIntake implements Intake {
  readonly pieceByteLength: number
  readonly turns: { byteLength: number; answer: number }[] = []
  #begun = 0

  constructor(pieceByteLength: number) {
    this.pieceByteLength = pieceByteLength
  }

  begin(): number {
    this.#begun++
    return this.#begun
  }

  turn(byteLength: number, answer: number): Promise<void> | undefined {
    this.turns.push({ byteLength, answer })
    return this.turns.length % 3 === 0 ? undefined : new Promise((resolve) => setImmediate(resolve))
  }
}

/** A client that got a chunk for its first ask, and what it told its provider since. */
async function gotOne() {
  const [near, far] = await streamPair()
  const client = new ChunkClient(near, {
    allocate: (byteLength) => new ArrayBuffer(byteLength),
    release: () => undefined,
    byteLengthOf: () => undefined,
    onBytes: () => undefined,
    onFirstByte: () => undefined,
    onClose: () => undefined,
    now: () => 0
  })
  const sent: Uint8Array[] = []
  far.addEventListener('message', ({ data }) => void sent.push(data.subarray()))
  const { answer } = client.ask({ root: ROOT, chunkIndex: 0, byteLength: 1 })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const reply = async (header: Partial<ChunkReply>, bytes = new Uint8Array()): Promise<void> => {
    far.send(Buffer.concat([frame(ChunkReply, header).subarray(), bytes]))
    await turn()
  }
  await reply({ id: 1, status: OK, byteLength: 1 }, new Uint8Array(1))
  const got = await answer
  assert.equal(got.status, 'ok')
  await turn()
  sent.length = 0
  return { client, near, far, sent, reply, turn }
}

describe('a complaint', () => {
  it('is a late cancel to a provider of an earlier version, and may be answered once', async () => {
    const { client, near, sent, reply, turn } = await gotOne()
    let spoilt = 0
    client.complain(1, () => spoilt++)
    await turn()
    const bytes = Buffer.concat(sent).subarray(1)
    const cancel = ChunkRequest.encode({ id: 1, cancel: true })
    assert.deepEqual(bytes.subarray(0, cancel.byteLength), Buffer.from(cancel))
    assert.equal(ChunkRequest.decode(bytes).corrupt, true)
    await reply({ id: 1, status: UNREADABLE })
    assert.equal(spoilt, 1)
    assert.equal(near.status, 'open')
    await reply({ id: 1, status: UNREADABLE })
    assert.notEqual(near.status, 'open')
    assert.equal(spoilt, 1)
  })

  for (const header of [
    { id: 1, status: OK, byteLength: 1 },
    { id: 1, status: NOT_HELD },
    { id: 1, status: UNREADABLE, byteLength: 1 },
    { id: 2, status: UNREADABLE }
  ]) {
    it(`fault 21: is answered by nothing else, such as ${JSON.stringify(header)}`, async () => {
      const { client, near, reply } = await gotOne()
      client.complain(1, () => assert.fail('that is no answer'))
      await reply(header, new Uint8Array(header.byteLength ?? 0))
      assert.notEqual(near.status, 'open')
    })
  }

  it('is not made while too many wait for an answer', async () => {
    const { client, far, sent } = await gotOne()
    for (let id = 1; id <= MAX_COMPLAINTS + 1; id++) {
      client.complain(id, () => undefined)
    }
    const ended = once(far, 'remoteCloseWrite')
    await client.close()
    await ended
    const byteLength = sent.reduce((sum, bytes) => sum + bytes.byteLength, 0)
    assert.equal(byteLength, 7 * MAX_COMPLAINTS)
  })
})

describe('answers that may not be taken in at once', () => {
  it('are taken in whole, piece by piece, and each under one number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(90)), async (piece, cuts) => {
        const [near, far] = await streamPair()
        const intake = new SlowIntake(piece)
        const client = new ChunkClient(near, {
          intake,
          allocate: (byteLength) => new ArrayBuffer(byteLength),
          release: () => undefined,
          byteLengthOf: () => undefined,
          onBytes: () => undefined,
          onFirstByte: () => undefined,
          onClose: () => undefined,
          now: () => 0
        })
        const answers = Array.from({ length: ASKS }, (_, chunkIndex) =>
          client.ask({ root: ROOT, chunkIndex, byteLength: BYTE_LENGTH }).answer.then(shown)
        )
        const bytes = Buffer.concat(
          answers.flatMap((_, index) => [
            frame(ChunkReply, { id: index + 1, status: OK, byteLength: BYTE_LENGTH }).subarray(),
            new Uint8Array(BYTE_LENGTH).fill(index)
          ])
        )
        let from = 0
        for (const cut of [...cuts, bytes.byteLength]) {
          const until = Math.min(bytes.byteLength, from + cut)
          if (until > from) {
            far.send(bytes.subarray(from, until))
          }
          from = until
        }
        assert.deepEqual(await Promise.all(answers), ['chunk 0', 'chunk 1', 'chunk 2', 'chunk 3'])
        assert.ok(intake.turns.every(({ byteLength }) => byteLength <= piece))
        const taken = intake.turns.reduce((sum, { byteLength }) => sum + byteLength, 0)
        assert.equal(taken, bytes.byteLength)
        near.abort(new Error('over'))
      }),
      { numRuns: 100 }
    )
  })

  it('are held back on the other side, and nothing of them waits for a stream that is over', async () => {
    const [near, far] = await streamPair()
    const { promise: turn, resolve } = Promise.withResolvers<void>()
    let decoded = 0
    const client = new ChunkClient(near, {
      intake: { pieceByteLength: 10, begin: () => 1, turn: () => turn },
      allocate: (byteLength) => {
        decoded++
        return new ArrayBuffer(byteLength)
      },
      release: () => undefined,
      byteLengthOf: () => undefined,
      onBytes: () => undefined,
      onFirstByte: () => undefined,
      onClose: () => undefined,
      now: () => 0
    })
    const { answer } = client.ask({ root: ROOT, chunkIndex: 0, byteLength: BYTE_LENGTH })
    const rejected = assert.rejects(answer)
    far.send(frame(ChunkReply, { id: 1, status: OK, byteLength: BYTE_LENGTH }))
    await new Promise((next) => setTimeout(next, 20))
    assert.equal(near.readStatus, 'paused')
    near.abort(new Error('over'))
    await rejected
    resolve()
    await new Promise(setImmediate)
    assert.equal(decoded, 0)
  })
})

describe('an answer that is half there when the stream ends', () => {
  it('gives its buffer back once, and what comes late is put nowhere', async () => {
    const [near, far] = await streamPair()
    const turns: (() => void)[] = []
    const buffers: ArrayBufferLike[] = []
    const released: ArrayBufferLike[] = []
    const client = new ChunkClient(near, {
      intake: {
        pieceByteLength: 10,
        begin: () => 1,
        turn: () => new Promise((resolve) => turns.push(resolve))
      },
      allocate: (byteLength) => {
        const buffer = new ArrayBuffer(byteLength)
        buffers.push(buffer)
        return buffer
      },
      release: (buffer) => void released.push(buffer),
      byteLengthOf: () => undefined,
      onBytes: () => undefined,
      onFirstByte: () => undefined,
      onClose: () => undefined,
      now: () => 0
    })
    const asks = [0, 1].map((chunkIndex) => client.ask({ root: ROOT, chunkIndex, byteLength: BYTE_LENGTH }))
    const rejected = asks.map(({ answer }) => assert.rejects(answer))
    const header = frame(ChunkReply, { id: 1, status: OK, byteLength: BYTE_LENGTH })
    far.send(Buffer.concat([header, new Uint8Array(BYTE_LENGTH - 1).fill(9)]))
    for (let taken = 0; buffers.length === 0; taken++) {
      await new Promise(setImmediate)
      turns.pop()?.()
      assert.ok(taken < 1000)
    }
    await new Promise(setImmediate)
    const [buffer] = buffers
    assert.ok(buffer !== undefined && turns.length === 1)
    near.abort(new Error('over'))
    await Promise.all(rejected)
    assert.deepEqual(released, [buffer])
    const bytes = new Uint8Array(buffer).fill(1)
    turns.pop()?.()
    await new Promise(setImmediate)
    assert.ok(bytes.every((byte) => byte === 1))
    await client.close()
    assert.equal(released.length, 1)
  })
})

describe('a provider that goes on after its stream was closed', () => {
  it('puts nothing where it began to, and is ended with its next answer', async () => {
    const [near, far] = await streamPair()
    const released: ArrayBufferLike[] = []
    const client = new ChunkClient(near, {
      allocate: (byteLength) => new ArrayBuffer(byteLength),
      release: (buffer) => void released.push(buffer),
      byteLengthOf: () => undefined,
      onBytes: () => undefined,
      onFirstByte: () => undefined,
      onClose: () => undefined,
      now: () => 0
    })
    const rejected = [0, 1].map((chunkIndex) =>
      assert.rejects(client.ask({ root: ROOT, chunkIndex, byteLength: BYTE_LENGTH }).answer)
    )
    const begin = (id: number) =>
      Buffer.concat([frame(ChunkReply, { id, status: OK, byteLength: BYTE_LENGTH }), Uint8Array.of(9)])
    const turn = () => new Promise((resolve) => setTimeout(resolve, 20))
    far.send(begin(1))
    await turn()
    const closed = client.close()
    await Promise.all([closed, ...rejected])
    const [buffer] = released
    assert.ok(buffer !== undefined)
    far.send(new Uint8Array(BYTE_LENGTH - 1).fill(9))
    await turn()
    assert.deepEqual(new Uint8Array(buffer), Uint8Array.of(9, ...new Uint8Array(BYTE_LENGTH - 1)))
    assert.equal(near.status, 'open')
    far.send(begin(2))
    await turn()
    assert.equal(near.status, 'aborted')
    assert.equal(released.length, 1)
  })
})

describe('what nobody asked for', () => {
  it('fault 21: twice, late, of another length: ends the stream, and no ask gets what is not its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(told, { maxLength: 2 * ASKS }), async (all) => {
        const [near, far] = await streamPair()
        let allocated = 0
        let closedBy: Error | undefined
        const client = new ChunkClient(near, {
          allocate: (byteLength) => {
            allocated++
            return new ArrayBuffer(byteLength)
          },
          release: () => undefined,
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
