/**
 * What this peer knows of the exchange: of each chunk whether it is held, asked for or missing, and which peers hold
 * it. Pure: no clock, no network, no disk; the random numbers come in.
 */
import { Bitfield } from '../../protocols/bitfield.ts'
import { byteLengthOfChunk, chunkCountOf, type Extent } from '../../protocols/chunks.ts'
import { type Random, RarityOrder } from './rarity-order.ts'

/** One chunk of one content. */
export interface ChunkRef {
  root: string
  chunkIndex: number
  byteLength: number
}

interface Content extends Extent {
  root: string
  chunkCount: number
  /** The number of its first chunk among all chunks of all contents. */
  firstChunk: number
  held: Bitfield
  /** Whether its chunks may be asked for: the digests to check them by are known. */
  open: boolean
  requested: Set<number>
}

/** What one peer told that it holds, by root. */
type Holdings = Map<string, Bitfield>

export class SwarmState {
  readonly #contents = new Map<string, Content>()
  /** Contents that miss chunks and are not open yet. */
  readonly #closed = new Set<Content>()
  readonly #byFirstChunk: Content[] = []
  readonly #remotes = new Map<string, Holdings>()
  readonly #wanted: RarityOrder
  /** How many peers hold each chunk, by its number among all. */
  #availability: Uint16Array<ArrayBuffer> = new Uint16Array(0)
  #chunkCount = 0
  #missingChunks = 0
  #heldBytes = 0
  #totalBytes = 0

  constructor(random: Random) {
    this.#wanted = new RarityOrder(random)
  }

  get missingChunks(): number {
    return this.#missingChunks
  }

  /** Bytes of all contents, each counted once. */
  get totalBytes(): number {
    return this.#totalBytes
  }

  /** Bytes of them that are held. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Every content with what is held of it, as it is to be told to others. */
  *holdings(): Generator<{ root: string; held: Bitfield }> {
    for (const { root, held } of this.#contents.values()) {
      yield { root, held }
    }
  }

  /** Takes a content in. Its chunks are not asked for before `open`. A content that is known already is kept. */
  addContent(root: string, extent: Extent, held: Bitfield): void {
    if (this.#contents.has(root)) {
      return
    }
    const chunkCount = chunkCountOf(extent)
    const content: Content = {
      root,
      byteLength: extent.byteLength,
      chunkByteLength: extent.chunkByteLength,
      chunkCount,
      firstChunk: this.#chunkCount,
      held,
      open: false,
      requested: new Set()
    }
    this.#contents.set(root, content)
    if (!held.complete) {
      this.#closed.add(content)
    }
    if (chunkCount > 0) {
      this.#byFirstChunk.push(content)
    }
    this.#missingChunks += chunkCount - held.count
    this.#totalBytes += extent.byteLength
    for (const chunkIndex of held.held()) {
      this.#heldBytes += byteLengthOfChunk(content, chunkIndex)
    }
    this.#chunkCount += chunkCount
    if (this.#chunkCount > this.#availability.length) {
      // Doubled, so that many small contents do not copy it once each.
      const availability = new Uint16Array(2 * this.#chunkCount)
      availability.set(this.#availability)
      this.#availability = availability
      this.#wanted.grow(availability.length)
    }
  }

  /** The contents of which chunks are missing and may not be asked for yet. */
  closedContents(): Iterable<{ root: string; chunkCount: number }> {
    return this.#closed
  }

  /** From now on the content's chunks may be asked for. */
  open(root: string): void {
    const content = this.#contents.get(root)
    if (content === undefined || content.open) {
      return
    }
    content.open = true
    this.#closed.delete(content)
    for (let chunkIndex = 0; chunkIndex < content.chunkCount; chunkIndex++) {
      this.#want(content, chunkIndex)
    }
  }

  holds(root: string, chunkIndex: number): boolean {
    return this.#contents.get(root)?.held.has(chunkIndex) ?? false
  }

  /**
   * A peer tells all that it holds of a content.
   *
   * @returns false when the claim cannot be one: unknown content, wrong length
   */
  setHoldings(remote: string, root: string, complete: boolean, bytes: Uint8Array): boolean {
    const content = this.#contents.get(root)
    if (content === undefined) {
      return false
    }
    let claimed: Bitfield
    try {
      claimed = complete ? Bitfield.full(content.chunkCount) : Bitfield.fromBytes(bytes, content.chunkCount)
    } catch {
      return false
    }
    const holdings = this.#holdingsOf(remote)
    this.#forget(content, holdings.get(root))
    holdings.set(root, claimed)
    for (const index of claimed.held()) {
      this.#adjust(content, index, 1)
    }
    return true
  }

  /** A peer tells of one more chunk. @returns false when there is no such chunk */
  addHave(remote: string, root: string, chunkIndex: number): boolean {
    const content = this.#contents.get(root)
    if (content === undefined || chunkIndex >= content.chunkCount) {
      return false
    }
    const holdings = this.#holdingsOf(remote)
    let claimed = holdings.get(root)
    if (claimed === undefined) {
      claimed = new Bitfield(content.chunkCount)
      holdings.set(root, claimed)
    }
    if (claimed.add(chunkIndex)) {
      this.#adjust(content, chunkIndex, 1)
    }
    return true
  }

  /** A peer turned out not to hold a chunk that it claimed. */
  dropHave(remote: string, root: string, chunkIndex: number): void {
    const content = this.#contents.get(root)
    const claimed = this.#remotes.get(remote)?.get(root)
    if (content !== undefined && claimed?.has(chunkIndex) === true) {
      claimed.delete(chunkIndex)
      this.#adjust(content, chunkIndex, -1)
    }
  }

  /** A peer is gone; what was asked of it is released by whoever asked. */
  removeRemote(remote: string): void {
    for (const [root, claimed] of this.#remotes.get(remote) ?? []) {
      const content = this.#contents.get(root)
      if (content !== undefined) {
        this.#forget(content, claimed)
      }
    }
    this.#remotes.delete(remote)
  }

  /** How many peers hold the chunk, this one not counted. */
  availability(root: string, chunkIndex: number): number {
    const content = this.#contents.get(root)
    return content === undefined ? 0 : (this.#availability[content.firstChunk + chunkIndex] ?? 0)
  }

  remoteHolds(remote: string, root: string, chunkIndex: number): boolean {
    return this.#remotes.get(remote)?.get(root)?.has(chunkIndex) ?? false
  }

  /** How many chunks of the content the peer told that it holds. */
  remoteCount(remote: string, root: string): number {
    return this.#remotes.get(remote)?.get(root)?.count ?? 0
  }

  /** Whether the peer told that it holds every chunk of every content. */
  remoteComplete(remote: string): boolean {
    const holdings = this.#remotes.get(remote)
    for (const { root, chunkCount } of this.#contents.values()) {
      if (chunkCount > 0 && holdings?.get(root)?.complete !== true) {
        return false
      }
    }
    return true
  }

  /** The chunks that may be asked for and that somebody holds, the rarest first. */
  *wanted(): Generator<ChunkRef> {
    for (const chunk of this.#wanted) {
      yield this.#refOf(chunk)
    }
  }

  /** missing → requested. */
  request(root: string, chunkIndex: number): void {
    const content = this.#contents.get(root)
    if (content === undefined || content.held.has(chunkIndex)) {
      return
    }
    content.requested.add(chunkIndex)
    this.#wanted.remove(content.firstChunk + chunkIndex, this.availability(root, chunkIndex))
  }

  /** requested → missing: the answer did not come, or was none. */
  release(root: string, chunkIndex: number): void {
    const content = this.#contents.get(root)
    if (content?.requested.delete(chunkIndex) === true) {
      this.#want(content, chunkIndex)
    }
  }

  /** requested → stored. @returns whether it is new */
  store(root: string, chunkIndex: number): boolean {
    const content = this.#contents.get(root)
    if (content === undefined) {
      return false
    }
    content.requested.delete(chunkIndex)
    this.#wanted.remove(content.firstChunk + chunkIndex, this.availability(root, chunkIndex))
    if (!content.held.add(chunkIndex)) {
      return false
    }
    this.#missingChunks--
    this.#heldBytes += byteLengthOfChunk(content, chunkIndex)
    return true
  }

  /** stored → missing: the bytes on disk are no longer what they were. */
  lose(root: string, chunkIndex: number): void {
    const content = this.#contents.get(root)
    if (content?.held.has(chunkIndex) === true) {
      content.held.delete(chunkIndex)
      this.#missingChunks++
      this.#heldBytes -= byteLengthOfChunk(content, chunkIndex)
      this.#want(content, chunkIndex)
    }
  }

  /** Whether a missing chunk is under way, or could be asked of somebody. */
  get canProgress(): boolean {
    for (const { requested } of this.#contents.values()) {
      if (requested.size > 0) {
        return true
      }
    }
    return this.#wanted[Symbol.iterator]().next().done === false
  }

  /** Of each content that is not complete, how many chunks are missing. */
  *missing(): Generator<{ root: string; chunkCount: number }> {
    for (const { root, chunkCount, held } of this.#contents.values()) {
      if (!held.complete) {
        yield { root, chunkCount: chunkCount - held.count }
      }
    }
  }

  #holdingsOf(remote: string): Holdings {
    let holdings = this.#remotes.get(remote)
    if (holdings === undefined) {
      holdings = new Map()
      this.#remotes.set(remote, holdings)
    }
    return holdings
  }

  #forget(content: Content, claimed: Bitfield | undefined): void {
    for (const chunkIndex of claimed?.held() ?? []) {
      this.#adjust(content, chunkIndex, -1)
    }
  }

  /** One peer more or fewer holds the chunk. */
  #adjust(content: Content, chunkIndex: number, by: 1 | -1): void {
    const chunk = content.firstChunk + chunkIndex
    const before = this.#availability[chunk] ?? 0
    this.#availability[chunk] = before + by
    if (this.#wanted.has(chunk)) {
      this.#wanted.remove(chunk, before)
      this.#wanted.add(chunk, before + by)
    }
  }

  /** Puts a chunk among the wanted, if it is one to be asked for. */
  #want(content: Content, chunkIndex: number): void {
    const chunk = content.firstChunk + chunkIndex
    const wanted = content.open && !content.held.has(chunkIndex) && !content.requested.has(chunkIndex)
    if (wanted && !this.#wanted.has(chunk)) {
      this.#wanted.add(chunk, this.#availability[chunk] ?? 0)
    }
  }

  #refOf(chunk: number): ChunkRef {
    let low = 0
    let high = this.#byFirstChunk.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#byFirstChunk[middle]?.firstChunk ?? 0) <= chunk) {
        low = middle
      } else {
        high = middle - 1
      }
    }
    const content = this.#byFirstChunk[low]
    if (content === undefined) {
      throw new RangeError(`no chunk ${chunk} in the swarm`)
    }
    const chunkIndex = chunk - content.firstChunk
    return { root: content.root, chunkIndex, byteLength: byteLengthOfChunk(content, chunkIndex) }
  }
}
