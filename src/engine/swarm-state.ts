/**
 * What this peer knows of the exchange: whether each chunk is here, asked for or missing, and which peers have it.
 * Pure: no clock, no network, no disk; the caller passes the random numbers.
 *
 * All chunks of all contents are numbered one after another, in the order in which the contents were added. The numbers
 * are this peer's own and are never sent.
 */
import { Bitfield } from '../core/bitfield.ts'
import { byteLengthOfChunk, chunkCountOf, type Extent, heldBytesOf } from '../core/chunks.ts'
import type { Random } from '../core/random.ts'
import { ChunkSet } from './chunk-set.ts'
import { MAX_CANDIDATES, WINDOW_CHUNKS } from './constants.ts'
import type { Holdings } from './holdings.ts'

/** One chunk of one content. */
export interface ChunkRef {
  root: string
  chunkIndex: number
  byteLength: number
}

export interface Content extends Extent {
  readonly root: string
  /** Its key here: its root, or root and length while members contradict one another about its length. */
  key: string
  readonly chunkCount: number
  /** Contents are numbered as well, in the same order. */
  readonly number: number
  /** The number of its first chunk among all chunks of all contents. */
  readonly firstChunk: number
  /** The only peer that brought it, by its PeerId; undefined when several did, so that it has no first copies. */
  readonly origin: string | undefined
  readonly held: Bitfield
  /** Whether its chunks may be asked for: the digests that verify them are known. */
  open: boolean
  /** Nothing more of it is wanted here. */
  givenUp: boolean
  /** That is by choice, and the others learn it: this peer does without it. */
  declined: boolean
  /** How many of the others announced that they do without it. */
  declinedBy: number
  /** How many of its chunks are wanted and asked of no one. */
  wanted: number
  /** Its place among the contents with such chunks. */
  wantedPlace: number
  /** None of its chunks before this one is wanted and unasked. */
  firstWanted: number
}

export class SwarmState {
  /** By their keys. */
  readonly #contents = new Map<string, Content>()
  /** By root, contents of which at most one is as its members describe it. */
  readonly #disputed = new Map<string, Content[]>()
  /** Contents that lack chunks and are not open yet. */
  readonly #closed = new Set<Content>()
  readonly #byFirstChunk: Content[] = []
  /** Of the peers that announced any. */
  readonly #remotes = new Set<Holdings>()
  readonly #random: Random
  /** Chunks that may be asked for and are asked of no one. */
  readonly #wanted = new ChunkSet()
  /** The contents of these chunks. */
  readonly #wantedContents: Content[] = []
  readonly #held = new ChunkSet()
  readonly #requested = new ChunkSet()
  /** By origin, how many of the contents that it alone brought are open and not complete here. */
  readonly #lacking = new Map<string, number>()
  /** How many peers have each chunk besides its only origin. */
  #copies: Uint16Array<ArrayBuffer> = new Uint16Array(0)
  #chunkCount = 0
  #contentCount = 0
  /** Chunks that are missing here and not wanted. */
  #givenUpCount = 0
  /** Chunks of contents that turned out not to exist. */
  #withdrawnCount = 0
  #heldBytes = 0
  #totalBytes = 0
  /** Bytes, not here, of contents that this peer does without. */
  #declinedBytes = 0

  constructor(random: Random) {
    this.#random = random
  }

  get chunkCount(): number {
    return this.#chunkCount
  }

  /** The number of chunks to fetch. */
  get missingChunks(): number {
    return this.#chunkCount - this.#held.count - this.#givenUpCount
  }

  /** The number of chunks that are here. */
  get heldChunks(): number {
    return this.#held.count
  }

  /** Bytes of all contents, each counted once, except what this peer does without and does not have. */
  get totalBytes(): number {
    return this.#totalBytes - this.#declinedBytes
  }

  /** How many of them are here. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Every content whose digests are known, or that this peer does without, as it is announced to others. */
  *holdings(): Generator<Content> {
    for (const content of this.#contents.values()) {
      if ((content.open || content.declined) && content.key === content.root) {
        yield content
      }
    }
  }

  /**
   * Adds a content. Its chunks are not asked for before `open`. A content that is known already stays as it is.
   *
   * @param origin the PeerId of the only peer that brought it; undefined when there are several
   * @param key differs from the root when members contradict one another about its length
   */
  addContent(root: string, extent: Extent, held: Bitfield, origin: string | undefined, key = root): void {
    if (this.#contents.has(key)) {
      return
    }
    const { byteLength, chunkByteLength } = extent
    const chunkCount = chunkCountOf(extent)
    const firstChunk = this.#chunkCount
    const open = held.complete
    const wants = { wanted: 0, wantedPlace: -1, firstWanted: firstChunk }
    const content = {
      root,
      key,
      number: this.#contentCount,
      byteLength,
      chunkByteLength,
      chunkCount,
      firstChunk,
      origin,
      held,
      open,
      givenUp: false,
      declined: false,
      declinedBy: 0,
      ...wants
    }
    this.#contentCount++
    this.#contents.set(key, content)
    if (key !== root) {
      this.#disputed.set(root, [...(this.#disputed.get(root) ?? []), content])
    }
    if (!open) {
      this.#closed.add(content)
    }
    if (chunkCount > 0) {
      this.#byFirstChunk.push(content)
    }
    this.#totalBytes += byteLength
    for (const chunkIndex of held.held()) {
      this.#held.add(firstChunk + chunkIndex)
      this.#heldBytes += byteLengthOfChunk(content, chunkIndex)
    }
    this.#chunkCount += chunkCount
    if (this.#chunkCount > this.#copies.length) {
      // Doubled, so that many small contents do not copy it once each.
      const copies = new Uint16Array(2 * this.#chunkCount)
      copies.set(this.#copies)
      this.#copies = copies
    }
  }

  /** Undefined when no content has this root, or its length is disputed. */
  content(root: string): Content | undefined {
    return this.#contents.get(root)
  }

  /** The content of a root, or all its candidates while its length is disputed. */
  candidates(root: string): readonly Content[] {
    const content = this.#contents.get(root)
    return content === undefined ? (this.#disputed.get(root) ?? []) : [content]
  }

  contents(): Iterable<Content> {
    return this.#contents.values()
  }

  /** The contents that lack chunks which may not be asked for yet. */
  closedContents(): Iterable<Content> {
    return this.#closed
  }

  /**
   * From now on the content's chunks may be asked for; of a disputed content only the last, which decides its length.
   */
  open(key: string): void {
    const content = this.#contents.get(key)
    if (content === undefined || content.open || content.givenUp) {
      return
    }
    content.open = true
    this.#closed.delete(content)
    this.#countLacking(content, 1)
    const first = content.key === content.root ? 0 : content.chunkCount - 1
    this.#wantFrom(content, first)
  }

  /** The content's chunks may not be asked for any more, until it is opened again. */
  close(key: string): void {
    const content = this.#contents.get(key)
    if (content?.open === true && !content.givenUp) {
      this.#countLacking(content, -1)
      content.open = false
      this.#closed.add(content)
      this.#unwantAll(content)
    }
  }

  /** The content is as described, and the other candidates of its root do not exist. */
  settle(key: string): void {
    const content = this.#contents.get(key)
    if (content === undefined || content.key === content.root) {
      return
    }
    for (const rival of this.#disputed.get(content.root) ?? []) {
      if (rival !== content) {
        this.#withdraw(rival)
      }
    }
    this.#disputed.delete(content.root)
    this.#contents.delete(key)
    content.key = content.root
    this.#contents.set(content.root, content)
    this.#wantFrom(content, 0)
  }

  /** Nothing more of the root's content is wanted here; its chunks that are here stay, for others. */
  giveUp(root: string): void {
    for (const content of this.candidates(root)) {
      this.#giveUp(content)
    }
  }

  /** This peer does without the root's content: as `giveUp`, and the others learn it. */
  decline(root: string): void {
    for (const content of this.candidates(root)) {
      if (!content.declined && !content.givenUp && !content.held.complete) {
        content.declined = true
        this.#declinedBytes += content.byteLength - heldBytesOf(content, content.held)
        this.#giveUp(content)
      }
    }
  }

  /** This peer wants what it did without. Its chunks are asked for like those of any content, once it is open. */
  want(root: string): void {
    for (const content of this.candidates(root).filter(({ declined }) => declined)) {
      const { chunkCount, held, open } = content
      content.declined = false
      this.#declinedBytes -= content.byteLength - heldBytesOf(content, held)
      content.givenUp = false
      this.#givenUpCount -= chunkCount - held.count
      if (held.complete) {
        continue
      }
      if (open) {
        this.#countLacking(content, 1)
        this.#wantFrom(content, 0)
      } else {
        this.#closed.add(content)
      }
    }
  }

  #withdraw(content: Content): void {
    this.#declinedBytes -= content.declined ? content.byteLength - heldBytesOf(content, content.held) : 0
    this.#giveUp(content)
    for (const holdings of this.#remotes) {
      this.#forget(holdings, content)
    }
    this.#contents.delete(content.key)
    this.#totalBytes -= content.byteLength
    this.#withdrawnCount += content.chunkCount
  }

  #wantFrom(content: Content, first: number): void {
    for (let chunkIndex = first; chunkIndex < content.chunkCount; chunkIndex++) {
      this.#want(content, content.firstChunk + chunkIndex)
    }
  }

  #unwantAll(content: Content): void {
    for (let chunkIndex = 0; chunkIndex < content.chunkCount; chunkIndex++) {
      this.#unwant(content, content.firstChunk + chunkIndex)
    }
  }

  #giveUp(content: Content): void {
    if (content.givenUp || content.held.complete) {
      return
    }
    this.#countLacking(content, -1)
    content.givenUp = true
    this.#closed.delete(content)
    this.#givenUpCount += content.chunkCount - content.held.count
    this.#unwantAll(content)
  }

  /** The number of a chunk; undefined when there is no such chunk. */
  chunkOf(root: string, chunkIndex: number): number | undefined {
    const content = this.#contents.get(root)
    return content !== undefined && chunkIndex >= 0 && chunkIndex < content.chunkCount
      ? content.firstChunk + chunkIndex
      : undefined
  }

  /** @throws RangeError when there is no such chunk */
  refOf(chunk: number): ChunkRef {
    const content = this.contentOf(chunk)
    const chunkIndex = chunk - content.firstChunk
    return { root: content.root, chunkIndex, byteLength: byteLengthOfChunk(content, chunkIndex) }
  }

  /** @throws RangeError when there is no such chunk */
  contentOf(chunk: number): Content {
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
    if (content === undefined || chunk < 0 || chunk >= content.firstChunk + content.chunkCount) {
      throw new RangeError(`no chunk ${chunk} in the swarm`)
    }
    return content
  }

  /**
   * The only peer that brought the chunk; undefined when several did. @throws RangeError when there is no such chunk
   */
  originOf(chunk: number): string | undefined {
    return this.contentOf(chunk).origin
  }

  /** Whether an open content that the peer alone brought is not complete here. */
  lacksFrom(origin: string): boolean {
    return (this.#lacking.get(origin) ?? 0) > 0
  }

  /** Whether the chunk is stored here. */
  holds(chunk: number): boolean {
    return this.#held.has(chunk)
  }

  /**
   * A peer announces everything that it has of a content.
   *
   * @param bytes empty when it has nothing of a content that it does without
   * @param declined whether it does without the rest
   * @returns how many chunks; undefined when the claim is invalid: unknown content, wrong length
   */
  setHoldings(
    holdings: Holdings,
    root: string,
    complete: boolean,
    bytes: Uint8Array,
    declined = false
  ): number | undefined {
    const counts = this.candidates(root).map((content) =>
      this.#setHoldingsOf(holdings, content, complete, bytes, declined)
    )
    return counts.find((count) => count !== undefined)
  }

  #setHoldingsOf(
    holdings: Holdings,
    content: Content,
    complete: boolean,
    bytes: Uint8Array,
    declined: boolean
  ): number | undefined {
    const heldCount = holdings.hasToldOf(content) ? holdings.countOf(content) : undefined
    const isSame = holdings.declined.has(content.number) === declined
    if (complete && isSame && heldCount === content.chunkCount) {
      // The shortest of claims: repeated, it costs almost nothing, however many chunks it covers.
      return content.chunkCount
    }
    const isShort = declined && !complete && bytes.byteLength === 0
    if (isShort && heldCount !== undefined && heldCount > 0) {
      // Just as short. To be as cheap, only a peer that has announced no chunk may send it.
      return undefined
    }
    let claimed: Bitfield | undefined
    try {
      claimed = isShort ? undefined : claimOf(content, complete, bytes)
    } catch {
      return undefined
    }
    this.#forget(holdings, content)
    this.#remotes.add(holdings)
    holdings.contents.add(content.number)
    if (declined) {
      holdings.declined.add(content.number)
      holdings.declinedLacking += content.chunkCount
      content.declinedBy++
    }
    for (const chunkIndex of claimed?.held() ?? []) {
      this.#gain(holdings, content, content.firstChunk + chunkIndex)
    }
    return claimed?.count ?? 0
  }

  /** A peer announces one more chunk, which exists. @returns whether it is new */
  addHave(holdings: Holdings, chunk: number): boolean {
    if (holdings.has(chunk)) {
      return false
    }
    this.#remotes.add(holdings)
    this.#gain(holdings, this.contentOf(chunk), chunk)
    return true
  }

  /** A peer turned out not to have a chunk that it claimed. */
  dropHave(holdings: Holdings, chunk: number): void {
    if (holdings.has(chunk)) {
      this.#drop(holdings, this.contentOf(chunk), chunk)
    }
  }

  /** A peer disconnected, or is no longer believed. The caller releases what it was asked for. */
  forget(holdings: Holdings): void {
    if (this.#remotes.delete(holdings)) {
      for (const content of this.#contents.values()) {
        this.#forget(holdings, content)
      }
    }
  }

  /** How many peers have the chunk, not counting this one and its only origin. */
  copies(chunk: number): number {
    return this.#copies[chunk] ?? 0
  }

  /** Whether the peer announced that it has every chunk of every content. */
  isComplete(holdings: Holdings): boolean {
    return holdings.count === this.#chunkCount - this.#withdrawnCount
  }

  /** How many chunks the peer still wants, by its announcements: without those that it does without. */
  lackedBy(holdings: Holdings): number {
    return this.#chunkCount - this.#withdrawnCount - holdings.count - holdings.declinedLacking
  }

  /**
   * Whether the peer announced every chunk that is here.
   *
   * @param wanted whether to count chunks that it does without, which this peer need not give it
   */
  holdsAllHere(holdings: Holdings, wanted = false): boolean {
    if (holdings.count + (wanted ? holdings.declinedLacking : 0) < this.#held.count) {
      return false
    }
    for (const content of this.#contents.values()) {
      const isWhole = holdings.countOf(content) === content.chunkCount
      const isSettled = isWhole || (wanted && holdings.declined.has(content.number))
      for (const chunkIndex of isSettled ? [] : content.held.held()) {
        if (!holdings.has(content.firstChunk + chunkIndex)) {
          return false
        }
      }
    }
    return true
  }

  /**
   * A chunk that may be asked for, is asked of no one, and that the peer has: of the next few of each content the one
   * with the fewest copies. So rare chunks spread, and nothing is left behind, and a file grows with few gaps while its
   * chunks are still in memory. It looks further ahead only when the peer has none of these.
   *
   * @param own whether to choose from contents that the peer alone brought, or from all others
   * @param fits whether to consider a chunk
   */
  pick(holdings: Holdings, own: boolean, fits: (chunk: number) => boolean = () => true): number | undefined {
    const { length } = this.#wantedContents
    if (holdings.wanted === 0) {
      return undefined
    }
    let picked: number | undefined
    let beyond: number | undefined
    let fewest = Number.POSITIVE_INFINITY
    let seen = 0
    const first = Math.floor(this.#random() * length)
    for (let turn = 0; turn < length && seen < MAX_CANDIDATES; turn++) {
      const content = this.#wantedContents[(first + turn) % length]
      if (content === undefined || (content.origin === holdings.id) !== own) {
        continue
      }
      for (const chunk of this.#wantedIn(content, holdings, fits)) {
        if (chunk >= content.firstWanted + WINDOW_CHUNKS) {
          beyond ??= chunk
          break
        }
        seen++
        const copies = this.copies(chunk)
        if (copies < fewest) {
          fewest = copies
          picked = chunk
        }
      }
    }
    return picked ?? beyond
  }

  isRequested(chunk: number): boolean {
    return this.#requested.has(chunk)
  }

  /** missing → requested. */
  request(chunk: number): void {
    if (!this.#held.has(chunk)) {
      this.#requested.add(chunk)
      this.#unwant(this.contentOf(chunk), chunk)
    }
  }

  /** requested → missing: no answer arrived, or it had no chunk. */
  release(chunk: number): void {
    if (this.#requested.delete(chunk)) {
      this.#want(this.contentOf(chunk), chunk)
    }
  }

  /** missing or requested → stored. @returns whether it is new */
  store(chunk: number): boolean {
    const content = this.contentOf(chunk)
    this.#requested.delete(chunk)
    this.#unwant(content, chunk)
    if (!this.#held.add(chunk)) {
      return false
    }
    content.held.add(chunk - content.firstChunk)
    this.#givenUpCount -= content.givenUp ? 1 : 0
    if (content.held.complete) {
      this.#countLacking(content, -1)
    }
    this.#countHeld(content, chunk, 1)
    return true
  }

  /** stored → missing: the bytes on disk have changed. */
  lose(chunk: number): void {
    if (this.#held.delete(chunk)) {
      const content = this.contentOf(chunk)
      if (content.held.complete) {
        this.#countLacking(content, 1)
      }
      content.held.delete(chunk - content.firstChunk)
      this.#givenUpCount += content.givenUp ? 1 : 0
      this.#countHeld(content, chunk, -1)
      this.#want(content, chunk)
    }
  }

  #countHeld(content: Content, chunk: number, by: 1 | -1): void {
    const byteLength = by * byteLengthOfChunk(content, chunk - content.firstChunk)
    this.#heldBytes += byteLength
    this.#declinedBytes -= content.declined ? byteLength : 0
  }

  /** Whether a missing chunk is under way, or a peer could be asked for one. */
  get canProgress(): boolean {
    if (this.#requested.count > 0) {
      return true
    }
    for (const { wanted } of this.#remotes) {
      if (wanted > 0) {
        return true
      }
    }
    return false
  }

  /** For each content that is wanted and not complete, how many chunks are missing. */
  *missing(): Generator<{ root: string; chunkCount: number }> {
    for (const { root, chunkCount, held, givenUp } of this.#contents.values()) {
      if (!held.complete && !givenUp) {
        yield { root, chunkCount: chunkCount - held.count }
      }
    }
  }

  /** The peers that announced a chunk which is missing here. */
  holdersOfMissing(): string[] {
    const missing = Array.from(this.#contents.values()).filter(
      ({ held, givenUp }) => !held.complete && !givenUp
    )
    const isMissing = ({ chunks }: Holdings, { firstChunk, chunkCount }: Content): boolean => {
      for (let chunk = firstChunk; chunk < firstChunk + chunkCount; chunk++) {
        if (chunks.has(chunk) && !this.#held.has(chunk)) {
          return true
        }
      }
      return false
    }
    return [...this.#remotes].flatMap((holdings) =>
      missing.some((content) => isMissing(holdings, content)) ? [holdings.id] : []
    )
  }

  #forget(holdings: Holdings, content: Content): void {
    const { firstChunk, chunkCount, number } = content
    const end = firstChunk + chunkCount
    for (let chunk = firstChunk; holdings.contents.has(number) && chunk < end; chunk++) {
      if (holdings.has(chunk)) {
        this.#drop(holdings, content, chunk)
      }
    }
    holdings.contents.delete(number)
    if (holdings.declined.delete(number)) {
      holdings.declinedLacking -= chunkCount
      content.declinedBy--
    }
  }

  #gain(holdings: Holdings, content: Content, chunk: number): void {
    holdings.chunks.add(chunk)
    holdings.contents.add(content.number)
    this.#count(holdings, content, chunk, 1)
  }

  #drop(holdings: Holdings, content: Content, chunk: number): void {
    holdings.chunks.delete(chunk)
    this.#count(holdings, content, chunk, -1)
  }

  #count(holdings: Holdings, { origin, number }: Content, chunk: number, by: 1 | -1): void {
    holdings.wanted += this.#wanted.has(chunk) ? by : 0
    holdings.declinedLacking -= holdings.declined.has(number) ? by : 0
    if (holdings.id !== origin) {
      this.#copies[chunk] = this.copies(chunk) + by
    }
  }

  /** The wanted chunks of a content that a peer has and that fit, in their order. */
  *#wantedIn(
    content: Content,
    { chunks }: Holdings,
    fits: (chunk: number) => boolean
  ): Generator<number, void> {
    const end = content.firstChunk + content.chunkCount
    while (content.firstWanted < end && !this.#wanted.has(content.firstWanted)) {
      content.firstWanted++
    }
    let chunk = this.#wanted.firstCommon(chunks, content.firstWanted, end)
    while (chunk < end) {
      if (fits(chunk)) {
        yield chunk
      }
      chunk = this.#wanted.firstCommon(chunks, chunk + 1, end)
    }
  }

  /** Adds a chunk to the wanted ones, if it may be asked for. */
  #want(content: Content, chunk: number): void {
    const isWanted = content.open && !content.givenUp
    if (isWanted && !this.#held.has(chunk) && !this.#requested.has(chunk) && this.#wanted.add(chunk)) {
      if (content.wanted === 0) {
        content.wantedPlace = this.#wantedContents.push(content) - 1
        content.firstWanted = chunk
      }
      content.wanted++
      content.firstWanted = Math.min(content.firstWanted, chunk)
      this.#countWanted(chunk, 1)
    }
  }

  #unwant(content: Content, chunk: number): void {
    if (this.#wanted.delete(chunk)) {
      content.wanted--
      if (content.wanted === 0) {
        // The order of contents means nothing: the last one takes the free place.
        const last = this.#wantedContents.pop()
        if (last !== undefined && last !== content) {
          this.#wantedContents[content.wantedPlace] = last
          last.wantedPlace = content.wantedPlace
        }
      }
      this.#countWanted(chunk, -1)
    }
  }

  #countLacking({ origin, open, givenUp }: Content, by: 1 | -1): void {
    if (origin !== undefined && open && !givenUp) {
      this.#lacking.set(origin, (this.#lacking.get(origin) ?? 0) + by)
    }
  }

  #countWanted(chunk: number, by: 1 | -1): void {
    for (const holdings of this.#remotes) {
      if (holdings.chunks.has(chunk)) {
        holdings.wanted += by
      }
    }
  }
}

/** @throws RangeError when the content cannot have such a claim */
function claimOf({ chunkCount }: Content, complete: boolean, bytes: Uint8Array): Bitfield {
  return complete ? Bitfield.full(chunkCount) : Bitfield.fromBytes(bytes, chunkCount)
}
