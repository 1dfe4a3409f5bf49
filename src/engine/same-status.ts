/** When what a peer tells of itself for others to plan by is worth telling again. */
import type { PeerStatus } from '../protocols/availability/index.ts'

/** Whether others would plan alike by both: a rate may differ by an eighth. */
export function sameStatus(a: PeerStatus, b: PeerStatus | undefined): boolean {
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
