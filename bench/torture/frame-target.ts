/** One of what reads bytes that others send, and how frames are given to it. */
import type { Random } from '#potluck/core/random.js'

export interface FrameTarget {
  name: string
  samples: readonly Uint8Array[]
  /** Takes what came, in one part or several. @throws what it may, and nothing else, for what is not right */
  take(bytes: Uint8Array, random: Random): void | Promise<void>
  /** Whether it takes so long that fewer have to do. */
  slow?: true
}

/** The bytes as they came: in one part, or in two. */
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
