/**
 * The files that the peers of a local swarm bring: pseudo-random, different for each peer, the same on every machine.
 */
import { createCipheriv, createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { messageOf, PotluckError } from '../core/errors.ts'
import type { PeerPlace } from './run-folder.ts'

/** Large enough that the calls cost little beside the bytes, small enough that nothing else waits for long. */
const WRITE_BYTE_LENGTH = 1024 * 1024

/** The peers whose source is missing or has another length. */
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

/** Called with the number of bytes written since the last call. */
export type OnWritten = (byteLength: number) => void

/**
 * Makes the source of one peer. It gets its name when it is complete, so a source with the right length has the right
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
    const bytes = keystream(place.number, byteLength, onWritten)
    await pipeline(bytes, createWriteStream(unfinished), { signal })
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

/** AES in counter mode is the fastest source of incompressible bytes that are the same on every machine. */
function* keystream(number: number, byteLength: number, onWritten: OnWritten): Generator<Uint8Array> {
  const key = createHash('sha256').update(`potluck source ${number}`).digest().subarray(0, 16)
  const cipher = createCipheriv('aes-128-ctr', key, new Uint8Array(16))
  const zeros = new Uint8Array(WRITE_BYTE_LENGTH)
  for (let left = byteLength; left > 0; left -= WRITE_BYTE_LENGTH) {
    const bytes = cipher.update(zeros.subarray(0, left))
    yield bytes
    onWritten(bytes.byteLength)
  }
}
