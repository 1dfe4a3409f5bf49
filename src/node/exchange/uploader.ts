/** Serves others: takes their asks in, reads the chunks that the scheduler chooses, and hands them to the streams. */
import type { ReceivedAsk, ReplyStream } from '../../protocols/chunk/index.ts'
import { type AskHandler, MAX_WAITING_ASKS } from '../../protocols/chunk/index.ts'
import { ProtocolViolation } from '../../protocols/wire.ts'
import type { SwarmState } from './swarm-state.ts'
import type { ChunkReply, Reply, Uploads } from './uploads.ts'

export interface UploaderInit {
  state: SwarmState
  uploads: Uploads
  /** Milliseconds on any steady clock. */
  now(): number
  /** Whether a peer is one to serve: connected, and a member. */
  serves(getter: string): boolean
  /** Rejects when the chunk cannot be read as it was. */
  read(chunk: number): Promise<Uint8Array>
  /** The last byte was handed to the stream. `elapsedMs` runs from when it was chosen. */
  onSent(getter: string, chunk: number, byteLength: number, elapsedMs: number): void
}

/** Where an ask came from. Ids are a stream's own there, and one a process's here. */
interface Origin {
  replies: ReplyStream
  id: number
  slot: boolean
}

export class Uploader implements AskHandler {
  readonly #init: UploaderInit
  readonly #asks = new Map<number, Origin>()
  readonly #streams = new Set<ReplyStream>()
  #lastAsk = 0

  constructor(init: UploaderInit) {
    this.#init = init
  }

  onStream(replies: ReplyStream): (ask: ReceivedAsk) => void {
    this.#streams.add(replies)
    return (ask) => {
      // Refusals cost the getter nothing, and who reads none of them would have them all kept here.
      if (replies.waiting >= MAX_WAITING_ASKS) {
        throw new ProtocolViolation(`more than ${MAX_WAITING_ASKS} answers that it does not take`)
      }
      if (ask.kind === 'cancel') {
        this.#cancel(replies, ask.id)
      } else {
        this.#take(replies, ask)
      }
      this.pump()
    }
  }

  onStreamEnd(replies: ReplyStream): void {
    this.#streams.delete(replies)
    for (const [ask, origin] of this.#asks) {
      if (origin.replies === replies) {
        this.#init.uploads.cancel(replies.getter, ask)
        this.#asks.delete(ask)
      }
    }
  }

  /** Of each getter that takes nothing of what waits for it, for how long. To be called about once a second. */
  stalledMs(): Map<string, number> {
    const stalledMs = new Map<string, number>()
    for (const replies of this.#streams) {
      const { getter } = replies
      stalledMs.set(getter, Math.max(stalledMs.get(getter) ?? 0, replies.stalledMs(this.#init.now())))
    }
    return stalledMs
  }

  /** Sends what is to be sent now. To be called whenever something has changed that the scheduler goes by. */
  pump(): void {
    const { uploads, now } = this.#init
    for (let reply = uploads.next(now()); reply !== undefined; reply = uploads.next(now())) {
      this.#reply(reply)
    }
  }

  #take(replies: ReplyStream, ask: Exclude<ReceivedAsk, { kind: 'cancel' }>): void {
    const { state, uploads, now, serves } = this.#init
    const { getter } = replies
    const chunk = ask.kind === 'chunk' ? state.chunkOf(ask.root, ask.chunkIndex) : undefined
    const held = chunk !== undefined && state.holds(chunk)
    if (!serves(getter) || (ask.kind === 'chunk' && !held)) {
      void ignoreEnd(replies.refuse(ask.id, ask.kind === 'chunk' ? 'not-held' : 'none-fresh'))
      return
    }
    if (uploads.waitingOf(getter) >= MAX_WAITING_ASKS) {
      throw new ProtocolViolation(`more than ${MAX_WAITING_ASKS} asks that wait`)
    }
    this.#lastAsk++
    this.#asks.set(this.#lastAsk, { replies, id: ask.id, slot: ask.kind === 'slot' })
    uploads.ask(getter, this.#lastAsk, chunk, now())
  }

  #cancel(replies: ReplyStream, id: number): void {
    for (const [ask, origin] of this.#asks) {
      if (origin.replies === replies && origin.id === id && this.#init.uploads.cancel(replies.getter, ask)) {
        this.#asks.delete(ask)
        void ignoreEnd(replies.refuse(id, 'cancelled'))
      }
    }
  }

  #reply(reply: Reply): void {
    const origin = this.#asks.get(reply.id)
    this.#asks.delete(reply.id)
    if (origin === undefined) {
      return
    }
    if ('refusal' in reply) {
      void ignoreEnd(origin.replies.refuse(origin.id, reply.refusal))
    } else {
      void this.#send(origin, reply)
    }
  }

  async #send({ replies, id, slot }: Origin, reply: ChunkReply): Promise<void> {
    const { state, uploads, now, read, onSent, serves } = this.#init
    const { getter, chunk, waitedMs } = reply
    const startedAtMs = now()
    let bytes: Uint8Array
    try {
      bytes = await read(chunk)
    } catch {
      if (!serves(getter)) {
        // The store may be closed by now. The end of the stream answers.
        uploads.onTaken(reply, now())
        return
      }
      // The reader tells of it.
      uploads.unreadable(reply, now())
      await ignoreEnd(replies.refuse(id, 'unreadable'))
      this.pump()
      return
    }
    try {
      await replies.send(id, bytes, waitedMs, slot ? state.refOf(chunk) : undefined)
    } catch {
      // The stream is over, and with it its asks; the getter asks again.
      uploads.onTaken(reply, now())
      return
    }
    uploads.onTaken(reply, now())
    this.pump()
    onSent(getter, chunk, bytes.byteLength, now() - startedAtMs)
  }
}

/** A stream that ended takes no answer; its getter has been told so by the end. */
async function ignoreEnd(sent: Promise<void>): Promise<void> {
  await sent.catch(() => undefined)
}
