/** What an admission's proof is made over: who says it to whom, in which exchange of proofs. */
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'

/** Keeps a proof from being taken for one over anything else that the secret may be used for. */
const DOMAIN = 'potluck-admission-v1'

/** What both sides have said of themselves before they prove. */
export interface Transcript {
  /** PeerIds as both sides' connections have them, which is what ties a proof to this connection. */
  coordinatorId: string
  peerId: string
  coordinatorNonce: Uint8Array
  peerNonce: Uint8Array
}

/**
 * The bytes that the side of this role proves. Each part has its length before it, so that no two exchanges have the
 * same bytes; the role keeps a side's proof from being sent back to it as the other's.
 */
export function statementOf(role: 'coordinator' | 'peer', transcript: Transcript): Uint8Array {
  const { coordinatorId, peerId, coordinatorNonce, peerNonce } = transcript
  const parts = [
    ...[DOMAIN, role, coordinatorId, peerId].map((text) => fromString(text)),
    coordinatorNonce,
    peerNonce
  ]
  return concat(parts.flatMap((part) => [lengthOf(part), part]))
}

/** As four bytes, the most significant first. */
function lengthOf(part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, part.byteLength)
  return bytes
}
