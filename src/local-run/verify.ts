/** The proof at the end: every file of every peer, read again, has the bytes that its origin has. */
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import type { PeerPlace } from './run-folder.ts'

const READ_BYTE_LENGTH = 1024 * 1024

/** A peer's name for the others, and its folders. */
export interface NamedPlace extends PeerPlace {
  name: string
}

export interface Verification {
  files: number
  identical: number
  /** One sentence for each file that differs. */
  problems: string[]
}

/** Checks each peer's own source and its copies of all others'. @throws the signal's reason */
export async function verifyCopies(
  places: readonly NamedPlace[],
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void
): Promise<Verification> {
  const files = places.length ** 2
  const problems: string[] = []
  let done = 0
  for (const origin of places) {
    for (const holder of places) {
      const path = pathAt(holder, origin)
      const problem = await problemOf(path, origin.source, signal)
      if (problem !== undefined) {
        problems.push(`${path} ${problem}`)
      }
      done++
      onProgress(done, files)
    }
  }
  return { files, identical: files - problems.length, problems }
}

function pathAt(holder: NamedPlace, origin: NamedPlace): string {
  return holder === origin ? origin.source : join(holder.collection, origin.name, origin.sourceName)
}

async function problemOf(path: string, source: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await areEqual(path, source, signal)) ? undefined : `differs from its origin ${source}`
  } catch (error) {
    signal.throwIfAborted()
    return `cannot be compared: ${messageOf(error)}`
  }
}

/**
 * Whether two files have the same bytes; both are read in parallel. @throws Error of the system; the signal's reason
 */
async function areEqual(path: string, source: string, signal: AbortSignal): Promise<boolean> {
  const [copy, original] = [Buffer.alloc(READ_BYTE_LENGTH), Buffer.alloc(READ_BYTE_LENGTH)]
  const file = await open(path)
  try {
    const origin = await open(source)
    try {
      for (;;) {
        signal.throwIfAborted()
        const [own, its] = await Promise.all([filled(file, copy), filled(origin, original)])
        if (!own.equals(its)) {
          return false
        }
        if (own.byteLength < READ_BYTE_LENGTH) {
          return true
        }
      }
    } finally {
      await origin.close()
    }
  } finally {
    await file.close()
  }
}

/** The next bytes of a file: fewer than the buffer has room for only at the end. */
async function filled(file: FileHandle, buffer: Buffer): Promise<Buffer> {
  let length = 0
  for (let more = 1; more > 0 && length < buffer.byteLength; length += more) {
    more = (await file.read(buffer, length)).bytesRead
  }
  return buffer.subarray(0, length)
}
