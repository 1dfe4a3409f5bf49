/** A reader of bytes from others, and how it gets frames. */
import type { Random } from '#potluck/core/random.js'

export interface FrameTarget {
  name: string
  samples: readonly Uint8Array[]
  /** Reads the input, in one or several parts. @throws only its own kind of error for invalid input */
  take(bytes: Uint8Array, random: Random): void | Promise<void>
  /** Whether it is slow, so that fewer frames must do. */
  slow?: true
}

/** The bytes as they arrive: in one part, or in two. */
export function inParts(bytes: Uint8Array, random: Random): Uint8Array[] {
  const at = Math.floor(random() * 2 * (bytes.byteLength + 1))
  return at > bytes.byteLength ? [bytes] : [bytes.subarray(0, at), bytes.subarray(at)]
}

/** Does the work, which may throw errors of that kind and no others. */
export function allow(kind: new (message: string) => Error, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof kind)) {
      throw error
    }
  }
}
