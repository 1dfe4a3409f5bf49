/** Compares a file with what should be its copies, byte for byte: an eighth of the work of hashing them all. */
import { closeSync, openSync, readSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { messageOf } from '../protocols/errors.ts'

/** Large enough that the calls cost nothing beside the bytes, small enough that nothing else waits for long. */
const READ_BYTE_LENGTH = 1024 * 1024

export interface CompareOptions {
  signal: AbortSignal
  /** Called with how many bytes of the source were compared since the last call. */
  onCompared(byteLength: number): void
}

/**
 * Reads all of them afresh, side by side.
 *
 * @returns what is wrong with which file, by its path
 * @throws the signal's reason
 */
export async function compareCopies(
  source: string,
  copies: readonly string[],
  { signal, onCompared }: CompareOptions
): Promise<Map<string, string>> {
  const files = new ComparedFiles()
  const sourceBuffer = Buffer.alloc(READ_BYTE_LENGTH)
  const copyBuffer = Buffer.alloc(READ_BYTE_LENGTH)
  try {
    files.open([source, ...copies])
    for (let ended = false; !ended; ) {
      await nextTurn()
      signal.throwIfAborted()
      const expected = files.read(source, sourceBuffer)
      for (const copy of copies) {
        const bytes = files.read(copy, copyBuffer)
        if (expected !== undefined && bytes?.equals(expected) === false) {
          files.drop(copy, `differs from its origin ${source}`)
        }
      }
      const byteLength = expected?.byteLength ?? 0
      onCompared(byteLength)
      ended = byteLength < READ_BYTE_LENGTH
    }
  } finally {
    files.close()
  }
  const { problems } = files
  const sourceProblem = problems.get(source)
  return sourceProblem === undefined
    ? problems
    : new Map([source, ...copies].map((path) => [path, sourceProblem]))
}

/** Files that are read from their beginning on, until something is wrong with them. */
class ComparedFiles {
  readonly problems = new Map<string, string>()
  readonly #descriptors = new Map<string, number>()

  open(paths: readonly string[]): void {
    for (const path of paths) {
      try {
        this.#descriptors.set(path, openSync(path, 'r'))
      } catch (error) {
        this.#fail(path, error)
      }
    }
  }

  /** The next bytes of a file, as many as fit if it has them; undefined when something is wrong with it. */
  read(path: string, buffer: Buffer): Buffer | undefined {
    const descriptor = this.#descriptors.get(path)
    if (descriptor === undefined) {
      return undefined
    }
    try {
      let filled = 0
      for (let count = -1; count !== 0 && filled < buffer.byteLength; filled += count) {
        count = readSync(descriptor, buffer, filled, buffer.byteLength - filled, null)
      }
      return buffer.subarray(0, filled)
    } catch (error) {
      this.#fail(path, error)
      return undefined
    }
  }

  drop(path: string, problem: string): void {
    this.problems.set(path, problem)
    const descriptor = this.#descriptors.get(path)
    if (descriptor !== undefined) {
      this.#descriptors.delete(path)
      closeSync(descriptor)
    }
  }

  close(): void {
    for (const descriptor of this.#descriptors.values()) {
      closeSync(descriptor)
    }
    this.#descriptors.clear()
  }

  #fail(path: string, error: unknown): void {
    this.drop(path, `cannot be compared: ${messageOf(error)}`)
  }
}
