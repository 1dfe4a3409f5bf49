/**
 * Grows a file on a file system that writes every gap (FAT, exFAT). A large file made at its full length, or written at
 * its end first, would block the store's thread for minutes. So it grows piece by piece as far as the next chunk needs
 * it, and other work is done between the pieces.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { hasCode } from '../core/system-errors.ts'
import type { Descriptors } from './descriptors.ts'

/** A slow USB stick writes it in 0.2 s. */
const MIN_PIECE_BYTE_LENGTH = 1024 * 1024
const MAX_PIECE_BYTE_LENGTH = 64 * 1024 * 1024

/** A piece that takes less is followed by a larger one, and one that takes more than the limit by a smaller one. */
const QUICK_MS = 25
const LIMIT_MS = 100

export class Growth {
  readonly #path: string
  readonly #descriptors: Pick<Descriptors, 'create' | 'write'>
  readonly #signal: AbortSignal
  readonly #now: () => number
  #pieceByteLength = MIN_PIECE_BYTE_LENGTH
  /** The file is at least this long; unless another program cut it, which shows when it is read. */
  #byteLength = 0
  #isExtended = true

  /** @param now milliseconds on any steady clock, for tests */
  constructor(
    path: string,
    descriptors: Pick<Descriptors, 'create' | 'write'>,
    signal: AbortSignal,
    now = () => performance.now()
  ) {
    this.#path = path
    this.#descriptors = descriptors
    this.#signal = signal
    this.#now = now
  }

  get byteLength(): number {
    return this.#byteLength
  }

  /** The file reaches this far: it was found like this, or was written there. */
  noteReached(byteLength: number): void {
    this.#byteLength = Math.max(this.#byteLength, byteLength)
  }

  /** Resolves when the file reaches this far, or the signal aborts. @throws the error of the system */
  async reach(byteLength: number): Promise<void> {
    while (this.#byteLength < byteLength && !this.#signal.aborted) {
      const next = Math.min(byteLength, this.#byteLength + this.#pieceByteLength)
      const beganMs = this.#now()
      this.#extend(next)
      this.#byteLength = next
      this.#adapt(this.#now() - beganMs)
      await nextTurn()
    }
  }

  #adapt(elapsedMs: number): void {
    if (elapsedMs < QUICK_MS) {
      this.#pieceByteLength = Math.min(MAX_PIECE_BYTE_LENGTH, 2 * this.#pieceByteLength)
    } else if (elapsedMs > LIMIT_MS) {
      this.#pieceByteLength = Math.max(MIN_PIECE_BYTE_LENGTH, this.#pieceByteLength / 2)
    }
  }

  /** Some file systems refuse to make a file longer, but let it be written so. */
  #extend(byteLength: number): void {
    if (this.#isExtended) {
      try {
        this.#descriptors.create(this.#path, byteLength)
        return
      } catch (error) {
        if (!hasCode(error, 'EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP')) {
          throw error
        }
        this.#isExtended = false
      }
    }
    this.#descriptors.write(this.#path, new Uint8Array(byteLength - this.#byteLength), this.#byteLength)
  }
}
