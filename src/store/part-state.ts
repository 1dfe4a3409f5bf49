/**
 * The state file of an unfinished content: which of its chunks were on the disk when it was written. It only says where
 * to look; claimed chunks are hashed before they count.
 *
 * Format: the name of the format and the root in ASCII, one line each; the bitfield; SHA-256 over all before it.
 */
import { hash } from 'node:crypto'
import { Bitfield } from '../core/bitfield.ts'
import { DIGEST_BYTE_LENGTH } from '../core/chunks.ts'

export function encodeState(root: string, bitfield: Uint8Array): Uint8Array {
  const body = Buffer.concat([headerOf(root), bitfield])
  return Buffer.concat([body, hash('sha256', body, 'buffer')])
}

/** Undefined when the bytes are torn, or not the state of this content. */
export function decodeState(bytes: Uint8Array, root: string, chunkCount: number): Bitfield | undefined {
  const header = headerOf(root)
  const body = Buffer.from(bytes.subarray(0, Math.max(0, bytes.byteLength - DIGEST_BYTE_LENGTH)))
  const checksum = bytes.subarray(body.byteLength)
  if (
    !hash('sha256', body, 'buffer').equals(checksum) ||
    !body.subarray(0, header.byteLength).equals(header)
  ) {
    return undefined
  }
  try {
    return Bitfield.fromBytes(body.subarray(header.byteLength), chunkCount)
  } catch {
    // A bitfield of another length: of a file that was divided otherwise.
    return undefined
  }
}

function headerOf(root: string): Buffer {
  return Buffer.from(`potluck-state-1\n${root}\n`)
}
