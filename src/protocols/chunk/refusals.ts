/** Why there is no chunk, as the code says it and as it travels. */
import { ChunkReply } from './pb/messages.ts'

export type ChunkRefusal = 'not-held' | 'unreadable' | 'busy' | 'none-fresh' | 'cancelled'

export const STATUS_OF: Record<ChunkRefusal, ChunkReply.Status> = {
  'not-held': ChunkReply.Status.NOT_HELD,
  unreadable: ChunkReply.Status.UNREADABLE,
  busy: ChunkReply.Status.BUSY,
  'none-fresh': ChunkReply.Status.NONE_FRESH,
  cancelled: ChunkReply.Status.CANCELLED
}

/** A status that this version does not know counts as `not-held`. */
export function refusalOf(status: ChunkReply.Status): ChunkRefusal {
  switch (status) {
    case ChunkReply.Status.UNREADABLE:
      return 'unreadable'
    case ChunkReply.Status.BUSY:
      return 'busy'
    case ChunkReply.Status.NONE_FRESH:
      return 'none-fresh'
    case ChunkReply.Status.CANCELLED:
      return 'cancelled'
    default:
      return 'not-held'
  }
}
