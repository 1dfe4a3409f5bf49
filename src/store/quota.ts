/**
 * Tells a quota that one file exceeds from one that all files exceed: if others are still stored while one is refused
 * again and again, that one will not fit. Pure.
 */

/** A quota may be raised, or room be made: one refusal is no proof. */
const MAX_REFUSALS = 4

interface Refused {
  count: number
  /** The bytes stored of all files at the last count. */
  storedBytes: number
}

export class Quota {
  #storedBytes = 0
  /** By root. */
  readonly #refused = new Map<string, Refused>()

  onStored(root: string, byteLength: number): void {
    this.#storedBytes += byteLength
    this.#refused.delete(root)
  }

  /**
   * A chunk exceeded the quota.
   *
   * @returns whether its file is the only one: it was refused often enough, and each time as many bytes of others were
   * stored since
   */
  onRefused(root: string, byteLength: number): boolean {
    const last = this.#refused.get(root)
    if (last !== undefined && this.#storedBytes - last.storedBytes < byteLength) {
      return false
    }
    const count = (last?.count ?? 0) + 1
    this.#refused.set(root, { count, storedBytes: this.#storedBytes })
    return count >= MAX_REFUSALS
  }
}
