/** What a peer tells of itself for others to plan by. */
import type { PeerStatus } from './pb/messages.ts'

/** A terabit a second: no link carries more. */
const MAX_BYTES_PER_SECOND = 125_000_000_000

/** A status as it came, without a rate that cannot be: a `double` may be negative, infinite, or no number at all. */
export function openStatus({ uplinkBytesPerSecond: rate, ...status }: PeerStatus): PeerStatus {
  return rate !== undefined && rate > 0 && rate <= MAX_BYTES_PER_SECOND
    ? { ...status, uplinkBytesPerSecond: rate }
    : status
}
