/**
 * The chunk protocol: the bytes of chunks, from a provider to a getter.
 *
 * Participants: a getter opens 2 to 32 long-lived streams to each provider, and has many asks under way on each.
 * Messages, in order:
 *
 * 1. The getter sends a `ChunkRequest` with an id of its own: for a chunk by root and index, or for a slot, which
 *    leaves the choice to the provider. With `cancel` it takes an ask back. With `cancel` and `corrupt` it complains
 *    that the answer to the ask is not the chunk.
 * 2. The provider sends one `ChunkReply` for each ask but a cancel, in any order: `OK` and `byteLength` raw bytes, or
 *    why there is no chunk. A cancelled ask is answered as well. A justified complaint is answered by `UNREADABLE`: the
 *    provider's disk corrupted the chunk.
 *
 * Units: bytes; `waitedMs` in milliseconds. A header has at most 64 bytes, a chunk what the swarm's `chunkByteLength`
 * allows.
 *
 * Goals: chunks at the speed of the link, each byte copied once. Non-goals: which peer has what (availability), whether
 * the bytes are right (the getter's store verifies them), what to ask for and whom to serve first (the engine).
 *
 * @example
 * ```ts
 * // The provider, with one chunk for everyone.
 * const handler: AskHandler = {
 *   onStream: (replies) => (ask) => {
 *     void (ask.kind === 'chunk' ? replies.send(ask.id, bytes, 0) : replies.refuse(ask.id, 'none-fresh'))
 *   },
 *   onStreamEnd: () => undefined
 * }
 * await new ChunkService({ host, handler }).start()
 *
 * // The getter; `init` says where the bytes go.
 * const client = await ChunkClient.open(connection, init, AbortSignal.timeout(10_000))
 * const { answer } = client.ask({ root, chunkIndex: 0, byteLength: 262_144 })
 * const reply = await answer
 * if (reply.status === 'ok') await store(new Uint8Array(reply.buffer, 0, reply.chunk.byteLength))
 * ```
 */
export {
  type ChunkAnswer,
  ChunkClient,
  type ChunkClientInit,
  type ChunkWanted,
  type Intake,
  type ReceivedChunk
} from './client.ts'
export {
  CHUNK_PROTOCOL,
  COMPLAINT_INTERVAL_MS,
  LONG_ROUND_TRIP_MS,
  MAX_STREAMS_PER_PROVIDER,
  MAX_WAITING_ASKS,
  REMEMBERED_ANSWERS,
  STREAMS_PER_PROVIDER
} from './constants.ts'
export type { ChunkRefusal } from './refusals.ts'
export { type Pace, ReplyStream } from './reply-stream.ts'
export { type AskHandler, ChunkService, type ReceivedAsk } from './service.ts'
