/** The files that the peers of a local swarm bring: pseudo-random, different for each, the same on every machine. */
import { type Cipher, createCipheriv, createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, PotluckError } from '../core/errors.ts'
import type { PeerPlace } from './run-folder.ts'

/** Large enough that the calls cost nothing beside the bytes, small enough that nothing else waits for long. */
const WRITE_BYTE_LENGTH = 1024 * 1024

/** The places whose source is missing or has another length. */
export async function missingSources(places: readonly PeerPlace[], byteLength: number): Promise<PeerPlace[]> {
  const missing: PeerPlace[] = []
  for (const place of places) {
    const found = await stat(place.source).catch(() => undefined)
    if (found === undefined || !found.isFile() || found.size !== byteLength) {
      missing.push(place)
    }
  }
  return missing
}

/** Called with how many bytes were written since the last call. */
export type OnWritten = (byteLength: number) => void

/**
 * Makes the source of one peer. It gets its name when it is whole, so that one with the right length has the right
 * content.
 *
 * @throws PotluckError DISK; the signal's reason
 */
export async function makeSource(
  place: PeerPlace,
  byteLength: number,
  signal: AbortSignal,
  onWritten: OnWritten
): Promise<void> {
  const unfinished = join(place.folder, `${place.sourceName}.unfinished`)
  try {
    await mkdir(place.share, { recursive: true })
    const file = await open(unfinished, 'w')
    try {
      await writeKeystream(file, keystream(place.number), byteLength, signal, onWritten)
    } finally {
      await file.close()
    }
    await rename(unfinished, place.source)
  } catch (error) {
    await rm(unfinished, { force: true })
    signal.throwIfAborted()
    throw new PotluckError(
      'DISK',
      `The source file ${place.source} cannot be made: ${messageOf(error)}. Free some space or choose another folder with --dir.`,
      { cause: error }
    )
  }
}

/** AES in counter mode is the fastest source of bytes that nothing can compress and every machine makes alike. */
function keystream(number: number): Cipher {
  const key = createHash('sha256').update(`potluck source ${number}`).digest().subarray(0, 16)
  return createCipheriv('aes-128-ctr', key, new Uint8Array(16))
}

async function writeKeystream(
  file: FileHandle,
  cipher: Cipher,
  byteLength: number,
  signal: AbortSignal,
  onWritten: OnWritten
): Promise<void> {
  const zeros = new Uint8Array(WRITE_BYTE_LENGTH)
  for (let written = 0; written < byteLength; written += WRITE_BYTE_LENGTH) {
    signal.throwIfAborted()
    const bytes = cipher.update(zeros.subarray(0, Math.min(WRITE_BYTE_LENGTH, byteLength - written)))
    await writeFully(file, bytes)
    onWritten(bytes.byteLength)
  }
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, written)
    written += bytesWritten
  }
}
