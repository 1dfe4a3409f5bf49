/** How many bytes of file lists a coordinator keeps, for each member and in total, whether or not a list ends. Pure. */

/** One list may take this part of the total. */
const MEMBER_PART = 1 / 2

const BYTES_PER_MIB = 1024 * 1024

export class ListBudget {
  readonly #maxBytes: number
  readonly #memberCount: () => number
  /** By PeerId. */
  readonly #bytes = new Map<string, number>()
  #totalBytes = 0

  /**
   * @param maxBytes of all lists; beyond that a member still has its even share, so that one list keeps out no other.
   * Together they take less than twice as much.
   * @param memberCount how many members there are, or are expected
   */
  constructor(maxBytes: number, memberCount: () => number) {
    this.#maxBytes = maxBytes
    this.#memberCount = memberCount
  }

  /** The member starts its list, or starts it again. */
  forget(peerId: string): void {
    this.#totalBytes -= this.#bytes.get(peerId) ?? 0
    this.#bytes.delete(peerId)
  }

  /**
   * A page of a member's list arrived. @throws Error that says how much would be too much; then the page does not count
   */
  add(peerId: string, page: readonly Uint8Array[]): void {
    const added = page.reduce((sum, { byteLength }) => sum + byteLength, 0)
    const bytes = (this.#bytes.get(peerId) ?? 0) + added
    const fairBytes = this.#maxBytes / this.#memberCount()
    const most = Math.max(fairBytes, this.#maxBytes * MEMBER_PART)
    const isFair = bytes <= fairBytes
    if (bytes > most || (this.#totalBytes + added > this.#maxBytes && !isFair)) {
      const limit = bytes > most ? most : this.#maxBytes
      const whose = bytes > most ? 'its list of files' : 'the lists of all peers'
      throw new Error(
        `${whose} would take more than ${Math.round(limit / BYTES_PER_MIB)} MiB; share an archive instead, or start the coordinator with a larger maxListBytes`
      )
    }
    this.#bytes.set(peerId, bytes)
    this.#totalBytes += added
  }
}
