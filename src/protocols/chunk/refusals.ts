/** Why there is no chunk, in the code and on the wire. */
import { ChunkReply } from './pb/messages.ts'

const REFUSALS = ['not-held', 'unreadable', 'busy', 'none-fresh', 'cancelled'] as const

export type ChunkRefusal = (typeof REFUSALS)[number]

export const STATUS_OF: Record<ChunkRefusal, ChunkReply.Status> = {
  'not-held': ChunkReply.Status.NOT_HELD,
  unreadable: ChunkReply.Status.UNREADABLE,
  busy: ChunkReply.Status.BUSY,
  'none-fresh': ChunkReply.Status.NONE_FRESH,
  cancelled: ChunkReply.Status.CANCELLED
}

/** A status that this version does not know counts as `not-held`. */
export function refusalOf(status: ChunkReply.Status): ChunkRefusal {
  return REFUSALS.find((refusal) => STATUS_OF[refusal] === status) ?? 'not-held'
}
