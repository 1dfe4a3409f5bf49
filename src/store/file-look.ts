/**
 * A look at a file before it is shared: its length, and whether it is one of Potluck's own. It takes one short,
 * synchronous read per file: ten thousand small files take a tenth of a second.
 */
import { type BigIntStats, closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { READ_FLAGS, readFully } from './descriptors.ts'
import { HEAD_BYTE_LENGTH, type OwnFile, ownFileIn } from './own-files.ts'

/** A file that is being written to has another length a moment later. */
const MAX_ATTEMPTS = 3

/** Standard output and standard error. */
const OUTPUTS = [1, 2]

export interface FileLook {
  byteLength: number
  /** As in `stat`. */
  mode: number
  own: OwnFile | undefined
}

/** Files of this run, whatever their content is by now. */
export interface RunFiles {
  /** Its secret, its identity. */
  keys: readonly string[]
  logs: readonly string[]
}

/** Reading gives another number of bytes than the file system says, as in `/proc`. */
export class FalseLengthError extends Error {
  override readonly name = 'FalseLengthError'
}

export class FileLooks {
  readonly #head = Buffer.alloc(HEAD_BYTE_LENGTH)
  readonly #known = new Map<string, OwnFile>()

  constructor({ keys, logs }: RunFiles) {
    for (const descriptor of OUTPUTS) {
      this.#know('output', () => fstatSync(descriptor, { bigint: true }))
    }
    for (const path of logs) {
      this.#know('log', () => statSync(path, { bigint: true }))
    }
    for (const path of keys) {
      this.#know('secret', () => statSync(path, { bigint: true }))
    }
  }

  /** @throws FalseLengthError, or the system's error */
  at(path: string): FileLook {
    const descriptor = openSync(path, READ_FLAGS)
    try {
      return this.#look(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  #look(descriptor: number): FileLook {
    for (let attempt = 1; ; attempt++) {
      const status = fstatSync(descriptor, { bigint: true })
      const byteLength = Number(status.size)
      const filled = readFully(descriptor, this.#head, 0)
      const isAsTold = filled === Math.min(byteLength, HEAD_BYTE_LENGTH)
      if (isAsTold || attempt === MAX_ATTEMPTS) {
        const own = ownFileIn(this.#head.subarray(0, filled), byteLength) ?? this.#known.get(keyOf(status))
        return { byteLength, mode: Number(status.mode), own }
      }
      if (fstatSync(descriptor, { bigint: true }).size === status.size) {
        throw new FalseLengthError(`it reports ${byteLength} bytes, and a read gives ${filled}`)
      }
    }
  }

  #know(own: OwnFile, statusOf: () => BigIntStats): void {
    try {
      const status = statusOf()
      // Some file systems give all files the number 0.
      if (status.ino !== 0n) {
        this.#known.set(keyOf(status), own)
      }
    } catch {
      // A file that does not exist yet is recognised by its first bytes, and a closed stream writes nothing.
    }
  }
}

/** A file's own number, the same under all its names. */
function keyOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}
