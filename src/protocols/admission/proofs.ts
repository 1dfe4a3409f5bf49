/** What both ends need for proofs: the secret, nonces, and the bytes that a proof covers. */
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { ProtocolViolation } from '../wire.ts'
import { NONCE_BYTE_LENGTH } from './constants.ts'

/** What the swarm's secret, or the key of an invitation, can do. The code that read the key keeps it. */
export interface SwarmSecret {
  /** HMAC-SHA-256 over the statement. */
  proofOf(statement: Uint8Array): Uint8Array<ArrayBuffer>
  /** Whether the proof is right; takes equally long for a wrong one. */
  isProof(proof: Uint8Array, statement: Uint8Array): boolean
}

/** The key that a side uses in an exchange. */
export interface Means {
  secret: SwarmSecret | undefined
  /** Whether it is the key of an invitation. */
  invited: boolean
}

export function newNonce(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(NONCE_BYTE_LENGTH))
}

/** @throws ProtocolViolation when it has another length */
export function nonceOf({ nonce }: { nonce: Uint8Array }): Uint8Array {
  if (nonce.byteLength !== NONCE_BYTE_LENGTH) {
    throw new ProtocolViolation(`a nonce of ${nonce.byteLength} bytes`)
  }
  return nonce
}

/** Separates a proof from everything else that the secret may be used for. */
const DOMAIN = 'potluck-admission-v1'

/** What both sides have said of themselves before they prove. */
export interface Transcript {
  /** PeerIds as both sides' connections have them, which ties a proof to this connection. */
  coordinatorId: string
  peerId: string
  coordinatorNonce: Uint8Array
  peerNonce: Uint8Array
}

/**
 * The bytes that the side of this role proves. The length of each part precedes it, so no two exchanges have the same
 * bytes. The role keeps a side's proof from being sent back to it as the other's.
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

/** As four bytes, most significant first. */
function lengthOf(part: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, part.byteLength)
  return bytes
}
