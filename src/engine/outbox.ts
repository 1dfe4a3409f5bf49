/** What the engine decides, for a driver to carry out. */
import type { NewChunks, PeerStatus } from '../protocols/availability/index.ts'
import type { Ask, AskFailure } from './downloads.ts'
import type { Content } from './swarm-state.ts'
import type { ChunkUpload } from './uploads.ts'

/** Why an ask gets no chunk, as its provider says. */
export type Refusal = Exclude<AskFailure, 'stream-closed'>

/**
 * Each call returns at once and calls the engine back only later. PeerIds name remotes; chunks are numbers of the
 * swarm's state.
 */
export interface Outbox {
  /** Ask for a chunk. The result: `arrived` and then `settled`, or `failed`. */
  ask(ask: Ask): void
  /** Say that a requested chunk is no longer wanted. The ask is answered all the same. */
  takeBack(remote: string, chunk: number): void
  /** Ask for the digests of a content. The result: `digestsCame`. */
  askDigests(remote: string, content: Content): void
  /** Read the chunk and send it. The result: `taken` or `unreadable`. */
  send(reply: ChunkUpload): void
  /** Say that an ask gets no chunk, and why. */
  refuse(getter: string, id: number, refusal: Refusal): void
  /** Announce to one remote what is here of a content, or of all contents, so that its chunks can be asked for. */
  tellHoldings(remote: string, content?: Content): void
  /** Ask one remote to announce everything that it has again: contents that it announced were not known here. */
  askHoldings(remote: string): void
  /** Announce to one remote which new chunks are here, and the status if it has changed. */
  tellNews(remote: string, haves: readonly NewChunks[], status: PeerStatus | undefined): void
  /** Call `tellNews` of the engine after this many milliseconds, unless a call is already due. */
  tellSoon(afterMs: number): void
  /** End the streams on which the remote owes chunks. */
  endChunkStreams(remote: string): void
  /** End the wait for all digests that the remote owes. */
  endDigestStream(remote: string): void
  /** End the connection: it carried no data in either direction for so long. */
  disconnect(remote: string, silentMs: number): void
  /**
   * The remote sent corrupt data too often: it is asked for nothing more, and nothing that it announces is believed.
   */
  banned(remote: string): void
}
