/** Files of other peers: their bytes from a seed, their chunks, and their manifests. */
import { createHash } from 'node:crypto'
import type { Manifest } from '#potluck/protocols/manifest/index.js'

/** Small, so that small files have many chunks. */
export const CHUNK = 1024

/** Bytes that look random and are the same for the same seed. */
export function bytesOf(byteLength: number, seed: string | number = 0): Uint8Array<ArrayBuffer> {
  // Node's own minimum for the length of the output is one byte.
  const outputLength = Math.max(1, byteLength)
  return Uint8Array.from(
    createHash('shake128', { outputLength }).update(String(seed)).digest().subarray(0, byteLength)
  )
}

/** The digests of a whole file in memory, in the simplest way. */
export function hashNaively(bytes: Uint8Array, chunkByteLength = CHUNK) {
  const digests: Buffer[] = []
  for (let offset = 0; offset < bytes.byteLength; offset += chunkByteLength) {
    const chunk = bytes.subarray(offset, offset + chunkByteLength)
    digests.push(createHash('sha256').update(chunk).digest())
  }
  return {
    byteLength: bytes.byteLength,
    md5: createHash('md5').update(bytes).digest('hex'),
    root: createHash('sha256').update(Buffer.concat(digests)).digest('hex'),
    digests: Uint8Array.from(Buffer.concat(digests))
  }
}

/** Another peer's file. */
export function manifestOf(name: string, bytes: Uint8Array, changes: Partial<Manifest> = {}): Manifest {
  const slash = name.indexOf('/')
  const origin = name.slice(0, slash)
  const { byteLength, md5, root } = hashNaively(bytes, changes.chunkByteLength)
  return {
    kind: 'file',
    origin,
    originId: `id-${origin}`,
    path: name.slice(slash + 1),
    byteLength,
    chunkByteLength: CHUNK,
    md5,
    root,
    ...changes
  }
}

export function chunkOf(bytes: Uint8Array, chunkIndex: number): ArrayBuffer {
  return Uint8Array.from(bytes.subarray(chunkIndex * CHUNK, (chunkIndex + 1) * CHUNK)).buffer
}
