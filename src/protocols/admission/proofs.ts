/** What both ends need to prove something: the secret, nonces, and an end to the wait for the other side. */
import type { Stream } from '@libp2p/interface'
import { messageOf } from '../../core/errors.ts'
import { ProtocolViolation } from '../wire.ts'
import { NONCE_BYTE_LENGTH } from './constants.ts'

/** What the swarm's secret, or the key of an invitation, can do. Itself it stays with whoever read it. */
export interface SwarmSecret {
  /** HMAC-SHA-256 over the statement. */
  proofOf(statement: Uint8Array): Uint8Array<ArrayBuffer>
  /** Whether the proof is that; takes as long for a wrong one as for a right one. */
  isProof(proof: Uint8Array, statement: Uint8Array): boolean
}

/** What a side goes by in an exchange. */
export interface Means {
  secret: SwarmSecret | undefined
  /** Whether that is the key of an invitation. */
  invited: boolean
}

/** Does the work until the signal aborts; then the stream is reset, which ends the work. */
export async function inTime<T>(stream: Stream, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const abort = (): void => stream.abort(new Error('no admission in time'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    stream.abort(new Error(messageOf(error)))
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
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
