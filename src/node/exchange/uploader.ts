/** Serves others: passes their asks to the engine, and its answers to the asks' streams. */
import type { Engine } from '../../engine/engine.ts'
import type { ChunkUpload } from '../../engine/uploads.ts'
import {
  type AskHandler,
  type ChunkRefusal,
  COMPLAINT_INTERVAL_MS,
  MAX_WAITING_ASKS,
  REMEMBERED_ANSWERS,
  type ReceivedAsk,
  type ReplyStream
} from '../../protocols/chunk/index.ts'
import { ProtocolViolation } from '../../protocols/wire.ts'

export interface UploaderInit {
  engine: Engine
  /** Milliseconds on any steady clock. */
  now(): number
  /** Rejects when the chunk cannot be read as it was, which is checked when it is doubted. */
  read(chunk: number, isDoubted: boolean, getter: string): Promise<Uint8Array>
  /** Nothing refers to the bytes that were read any more. */
  release(bytes: Uint8Array): void
  /** The last byte was passed to the stream. `elapsedMs` starts when the chunk was chosen. */
  onSent(getter: string, chunk: number, byteLength: number, elapsedMs: number): void
}

/** Where an ask came from. Its id there is the stream's own, and the one here the process's. */
interface Origin {
  replies: ReplyStream
  id: number
  slot: boolean
}

export class Uploader implements AskHandler {
  readonly #init: UploaderInit
  readonly #asks = new Map<number, Origin>()
  readonly #streams = new Map<ReplyStream, SentChunks>()
  /** By PeerId, for members that ever complained, until when their other complaints are ignored. */
  readonly #complainsFromMs = new Map<string, number>()
  #lastAsk = 0

  constructor(init: UploaderInit) {
    this.#init = init
  }

  onStream(replies: ReplyStream): (ask: ReceivedAsk) => void {
    this.#streams.set(replies, new SentChunks())
    return (ask) => {
      // Refusals cost the getter nothing, and a getter that reads none of them would make this peer keep them all.
      if (replies.waiting >= MAX_WAITING_ASKS) {
        throw new ProtocolViolation(`more than ${MAX_WAITING_ASKS} answers that it does not take`)
      }
      if (ask.kind === 'cancel') {
        this.#takeBack(replies, ask.id)
      } else if (ask.kind === 'complaint') {
        void this.#check(replies, ask.id)
      } else {
        this.#take(replies, ask)
      }
    }
  }

  onStreamEnd(replies: ReplyStream): void {
    this.#streams.delete(replies)
    for (const [ask, origin] of this.#asks) {
      if (origin.replies === replies) {
        this.#asks.delete(ask)
        this.#init.engine.askDropped(replies.getter, ask)
      }
    }
  }

  /** For each getter that reads nothing of what waits for it, for how long. To be called about once per second. */
  stalledMs(): Map<string, number> {
    const stalledMs = new Map<string, number>()
    for (const replies of this.#streams.keys()) {
      const { getter } = replies
      stalledMs.set(getter, Math.max(stalledMs.get(getter) ?? 0, replies.stalledMs(this.#init.now())))
    }
    return stalledMs
  }

  /** Reads the chunk, and sends it to the peer that asked. */
  send(reply: ChunkUpload): void {
    const origin = this.#asks.get(reply.id)
    if (origin !== undefined) {
      void this.#send(origin, reply)
    }
  }

  /** Answers an ask with why there is no chunk. */
  refuse(ask: number, reason: ChunkRefusal): void {
    const origin = this.#asks.get(ask)
    this.#asks.delete(ask)
    if (origin !== undefined) {
      void ignoreEnd(origin.replies.refuse(origin.id, reason))
    }
  }

  #take(replies: ReplyStream, ask: Exclude<ReceivedAsk, { kind: 'cancel' | 'complaint' }>): void {
    const { engine, now } = this.#init
    const { getter } = replies
    if (engine.waitingOf(getter) >= MAX_WAITING_ASKS) {
      throw new ProtocolViolation(`more than ${MAX_WAITING_ASKS} asks that wait`)
    }
    this.#lastAsk++
    this.#asks.set(this.#lastAsk, { replies, id: ask.id, slot: ask.kind === 'slot' })
    if (ask.kind === 'chunk') {
      engine.askedFor(getter, this.#lastAsk, engine.state.chunkOf(ask.root, ask.chunkIndex), now())
    } else {
      engine.askedForAny(getter, this.#lastAsk, now())
    }
  }

  #takeBack(replies: ReplyStream, id: number): void {
    for (const [ask, origin] of this.#asks) {
      if (origin.replies === replies && origin.id === id) {
        this.#init.engine.askTakenBack(replies.getter, ask, this.#init.now())
      }
    }
  }

  /**
   * A getter says that the chunk it received is corrupt: has it verified, and marked as lost if the disk corrupted it.
   * A wrong complaint costs one read, of a chunk that was sent to that getter; after it, the getter's complaints are
   * ignored for a while.
   */
  async #check(replies: ReplyStream, id: number): Promise<void> {
    const { now, read } = this.#init
    const { getter } = replies
    const chunk = this.#streams.get(replies)?.take(id)
    if (chunk === undefined || now() < (this.#complainsFromMs.get(getter) ?? Number.NEGATIVE_INFINITY)) {
      return
    }
    this.#complainsFromMs.set(getter, now() + COMPLAINT_INTERVAL_MS)
    try {
      await read(chunk, true, getter)
    } catch {
      // The reader reports it.
      this.#complainsFromMs.delete(getter)
      await ignoreEnd(replies.refuse(id, 'unreadable'))
    }
  }

  async #send({ replies, id, slot }: Origin, reply: ChunkUpload): Promise<void> {
    const { engine, now, read, release, onSent } = this.#init
    const { getter, chunk, waitedMs } = reply
    const startedAtMs = now()
    let bytes: Uint8Array
    try {
      bytes = await read(chunk, false, getter.id)
    } catch {
      // The reader reports it.
      engine.unreadable(reply, now())
      return
    }
    this.#asks.delete(reply.id)
    this.#streams.get(replies)?.note(id, chunk)
    const { byteLength } = bytes
    let isSent = false
    let isFree = false
    try {
      isFree = await replies.send(id, bytes, waitedMs, slot ? engine.state.refOf(chunk) : undefined)
      isSent = true
    } catch {
      // The stream has ended, and with it its asks; the getter asks again.
    }
    if (isFree) {
      release(bytes)
    } else {
      void replies.left().then(() => release(bytes))
    }
    engine.taken(reply, now())
    if (isSent) {
      engine.sent(byteLength, now())
      onSent(getter.id, chunk, byteLength, now() - startedAtMs)
    }
  }
}

/** Which chunks were sent last on a stream, by the ids of the asks. It allocates nothing per chunk. */
class SentChunks {
  readonly #ids = new Uint32Array(REMEMBERED_ANSWERS)
  /** The number of the chunk plus one; 0 if there is none. */
  readonly #chunks = new Uint32Array(REMEMBERED_ANSWERS)

  note(id: number, chunk: number): void {
    this.#ids[id % REMEMBERED_ANSWERS] = id
    this.#chunks[id % REMEMBERED_ANSWERS] = chunk + 1
  }

  /** The chunk that was sent for an ask; undefined for one that is not known, or the second time. */
  take(id: number): number | undefined {
    const at = id % REMEMBERED_ANSWERS
    const number = this.#chunks[at] ?? 0
    if (this.#ids[at] !== id || number === 0) {
      return undefined
    }
    this.#chunks[at] = 0
    return number - 1
  }
}

/** A stream that has ended accepts no answer; its end has told the getter. */
async function ignoreEnd(sent: Promise<void>): Promise<void> {
  await sent.catch(() => undefined)
}
