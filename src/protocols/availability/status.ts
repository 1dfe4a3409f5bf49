/** What a peer tells of itself for others to plan by, and when that is worth telling again. */
import type { UploadStatus } from './pb/messages.ts'

/** Whether others would plan alike by both: a rate may differ by an eighth. */
export function sameStatus(a: UploadStatus, b: UploadStatus | undefined): boolean {
  const rate = a.uplinkBytesPerSecond ?? 0
  const told = b?.uplinkBytesPerSecond ?? 0
  return (
    b !== undefined &&
    a.freshChunks === b.freshChunks &&
    a.takesRequests === b.takesRequests &&
    a.copiesOwed === b.copiesOwed &&
    a.done === b.done &&
    Math.abs(rate - told) <= told / 8
  )
}

/** A terabit a second: no link carries more. */
const MAX_BYTES_PER_SECOND = 125_000_000_000

/** A status as it came, without a rate that cannot be: a `double` may be negative, infinite, or no number at all. */
export function openStatus({ uplinkBytesPerSecond: rate, ...status }: UploadStatus): UploadStatus {
  return rate !== undefined && rate > 0 && rate <= MAX_BYTES_PER_SECOND
    ? { ...status, uplinkBytesPerSecond: rate }
    : status
}
