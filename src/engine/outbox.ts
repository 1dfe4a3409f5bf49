/** What the engine decides, for a driver to carry out. */
import type { NewChunks, PeerStatus } from '../protocols/availability/index.ts'
import type { Ask, AskFailure } from './downloads.ts'
import type { Content } from './swarm-state.ts'
import type { ChunkUpload } from './uploads.ts'

/** Why an ask gets no chunk, as its provider says. */
export type Refusal = Exclude<AskFailure, 'stream-closed'>

/**
 * Each call returns at once and calls the engine back only later. PeerIds name remotes; chunks are numbers of the swarm's
 * state.
 */
export interface Outbox {
  /** Ask for a chunk. What comes of it: `arrived` and then `settled`, or `failed`. */
  ask(ask: Ask): void
  /** Say that a chunk that was asked for is not wanted any more. It is answered all the same. */
  takeBack(remote: string, chunk: number): void
  /** Ask for the digests of a content. What comes of it: `digestsCame`. */
  askDigests(remote: string, content: Content): void
  /** Read the chunk and send it. What comes of it: `taken` or `unreadable`. */
  send(reply: ChunkUpload): void
  /** Say that an ask gets no chunk, and why. */
  refuse(getter: string, id: number, refusal: Refusal): void
  /** Tell one what is held of a content, and that its chunks can be taken here; or of all contents. */
  tellHoldings(remote: string, content?: Content): void
  /** Tell one which chunks are held here now, and what it plans by where that has changed. */
  tellNews(remote: string, haves: readonly NewChunks[], status: PeerStatus | undefined): void
  /** Call `tellNews` of the engine after so many milliseconds, and no more where that was asked for before. */
  tellSoon(afterMs: number): void
  /** End the streams on which the remote owes chunks. */
  endChunkStreams(remote: string): void
  /** End the wait for all digests that the remote owes. */
  endDigestStream(remote: string): void
  /** End the connection: no data either way for so long. */
  disconnect(remote: string, silentMs: number): void
  /** The remote sent false bytes too often: nothing more is asked of it, and nothing that it tells is believed. */
  banned(remote: string): void
}
