/** Providers that answer asks over real streams and never send a chunk: their cost to the others is bounded. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import type { Host } from '#potluck/node/host/host.js'
import { CHUNK_PROTOCOL } from '#potluck/protocols/chunk/index.js'
import { ChunkReply, ChunkRequest } from '#potluck/protocols/chunk/pb/messages.js'
import { frame, readMessages, sendBytes } from '#potluck/protocols/wire.js'
import type { SharedEntry } from '#potluck/store/store.js'
import { bytesOf } from '../fixtures/bytes.js'
import { altered, oddPeer } from '../fixtures/odd-peer.js'
import { CHUNK, differences, nextEvent, readTree, TestSwarm, type Tree } from '../fixtures/swarm.js'
import { within } from '../fixtures/within.js'

const FILE_CHUNKS = 12
/** What ann and every liar bring. */
const COMMON = bytesOf(FILE_CHUNKS * CHUNK, 'common')
const ANN = bytesOf(FILE_CHUNKS * CHUNK, 'ann')

/** Much longer than the honest files take; without the guards they never come. */
const LIMIT_MS = 60_000

/** On a machine with other work five peers take their time to join. */
const PATIENT = { joinTimeoutMs: LIMIT_MS }

/** How long the liars are looked at once the honest files are there. */
const LOOK_MS = 2000

/** In that time and before. Without the guards, a liar would be asked this often within tenths of a second. */
const MAX_ASKS = 150

type Bytes = Uint8Array<ArrayBuffer>

/** How a liar answers an ask. */
type Answer = (stream: Stream, ask: ChunkRequest, liar: { first: Bytes; ownRoot: Bytes }) => Promise<void>

async function reply(stream: Stream, header: Partial<ChunkReply>, bytes = new Uint8Array()): Promise<void> {
  await sendBytes(stream, Buffer.concat([frame(ChunkReply, header), bytes]))
}

/** An answer of this length, in place of a chunk's, and as many bytes of it as said. */
async function send(
  stream: Stream,
  { id }: ChunkRequest,
  byteLength: number,
  sent = byteLength
): Promise<void> {
  await reply(stream, { id, status: ChunkReply.Status.OK, byteLength }, new Uint8Array(sent))
}

/** One answer after the other, by turns. */
function byTurns(...answers: Answer[]): Answer {
  let turn = 0
  return (stream, ask, liar) => {
    turn++
    return answers[turn % answers.length]?.(stream, ask, liar) ?? Promise.resolve()
  }
}

/** Only slots are answered so; chunks by name it says to have lost. */
function toSlots(answer: Answer): Answer {
  return (stream, ask, liar) =>
    ask.root.byteLength === 0
      ? answer(stream, ask, liar)
      : reply(stream, { id: ask.id, status: ChunkReply.Status.NOT_HELD })
}

/** Any chunk that the getter is told to be of this root. */
async function give(stream: Stream, { id }: ChunkRequest, root: Bytes, bytes: Bytes): Promise<void> {
  const header = { id, status: ChunkReply.Status.OK, byteLength: CHUNK, root, chunkIndex: 0 }
  await reply(stream, header, bytes)
}

const LIARS: Record<string, Answer> = {
  cancels: (stream, { id }) => reply(stream, { id, status: ChunkReply.Status.CANCELLED }),
  breaks: byTurns(
    (stream, ask) => send(stream, ask, CHUNK - 1),
    (stream, ask) => send(stream, ask, CHUNK + 1),
    async (stream, ask) => {
      await send(stream, ask, CHUNK, CHUNK / 2)
      stream.abort(new Error('cut'))
    },
    async (stream, ask) => {
      await send(stream, ask, CHUNK, CHUNK / 2)
      await stream.close()
    }
  ),
  slots: toSlots(
    byTurns(
      (stream, ask, { first, ownRoot }) => give(stream, ask, ownRoot, first),
      (stream, ask, { first, ownRoot }) => give(stream, ask, ownRoot, first),
      (stream, ask) => give(stream, ask, new Uint8Array(32), new Uint8Array(CHUNK))
    )
  )
}

/** How often a liar was asked, and what its own file is known by. */
class Liar {
  asks = 0
  ownRoot = new Uint8Array()
  readonly file: Buffer
  readonly #answer: Answer

  constructor(name: string, answer: Answer) {
    this.file = bytesOf(FILE_CHUNKS * CHUNK, name)
    this.#answer = answer
  }

  get tree(): Tree {
    return { 'common.bin': COMMON, 'own.bin': this.file }
  }

  /** Puts it in the place of what a peer answers asks with. */
  alter(host: Host): void {
    const handle = host.handle.bind(host)
    host.handle = (protocol, handler, options) =>
      handle(protocol, protocol === CHUNK_PROTOCOL ? (stream) => this.#serve(stream) : handler, options)
  }

  async #serve(stream: Stream): Promise<void> {
    try {
      for await (const ask of readMessages(stream, ChunkRequest)) {
        if (!ask.cancel) {
          this.asks++
          await this.#answer(stream, ask, {
            first: Uint8Array.from(this.file.subarray(0, CHUNK)),
            ownRoot: this.ownRoot
          })
        }
      }
    } catch {
      // The getter had enough.
    }
  }
}

function rootOf(entries: readonly SharedEntry[], name: string): Uint8Array<ArrayBuffer> {
  const entry = entries.find(({ path }) => path === name)
  return Uint8Array.from(Buffer.from(entry?.root ?? '', 'hex'))
}

describe('providers that answer and never give', () => {
  it('fault 51: cost a bounded number of asks, and keep nobody from what honest peers have', async () => {
    await TestSwarm.run(async (swarm) => {
      const liars = new Map(Object.entries(LIARS).map(([name, answer]) => [name, new Liar(name, answer)]))
      const { multiaddrs } = await swarm.coordinator({ expectedPeers: liars.size + 2 })
      const coordinator = multiaddrs[0] ?? ''
      const odd = await Promise.all(
        [...liars].map(([name, liar]) =>
          oddPeer(swarm, {
            name,
            coordinator,
            tree: liar.tree,
            alterHost: (host) => liar.alter(host),
            alterStore: (store) =>
              altered(store, {
                hashShares: async (chunkByteLength) => {
                  const entries = await store.hashShares(chunkByteLength)
                  liar.ownRoot = rootOf(entries, 'own.bin')
                  return entries
                }
              })
          })
        )
      )
      const ann = await swarm.peer('ann', { 'common.bin': COMMON, 'a.bin': ANN }, PATIENT)
      const ben = await swarm.peer('ben', {}, PATIENT)
      try {
        const wanted = ['ann/common.bin', 'ann/a.bin'].map((path) =>
          nextEvent(ben.peer, 'file-complete', ({ file }) => file === path)
        )
        await Promise.all([ann, ben].map(({ peer }) => peer.start()).concat(odd.map((peer) => peer.start())))
        await within(LIMIT_MS, () => 'the honest files', Promise.all(wanted))
        await sleep(LOOK_MS)
        const tree = await readTree(ben.collection)
        assert.deepEqual(differences({ a: tree['ann/a.bin'] ?? new Uint8Array() }, { a: ANN }), [])
        for (const [name, { asks }] of liars) {
          assert.ok(asks > 0 && asks <= MAX_ASKS, `${name} was asked ${asks} times`)
          const told = ben.events.filter(
            (event) => event.event === 'chunk-failed' && event.from === name
          ).length
          assert.ok(told <= MAX_ASKS, `${told} failures of ${name} were told`)
        }
      } finally {
        await Promise.all(odd.map((peer) => peer.stop()))
      }
    })
  })
})
