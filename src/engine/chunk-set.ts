/** A set of numbers, one bit each: the chunks of all contents that one peer has, or the contents that it announced. */
export class ChunkSet {
  #words: Uint32Array<ArrayBuffer> = new Uint32Array(0)
  #count = 0

  get count(): number {
    return this.#count
  }

  has(chunk: number): boolean {
    return (((this.#words[chunk >>> 5] ?? 0) >>> (chunk & 31)) & 1) === 1
  }

  /** How many there are from `start` up to and not including `end`. */
  countIn(start: number, end: number): number {
    let count = 0
    for (let chunk = start; chunk < end; chunk++) {
      count += this.has(chunk) ? 1 : 0
    }
    return count
  }

  /** The first chunk from `start` up to and not including `end` that is in both sets; `end` if there is none. */
  firstCommon(other: ChunkSet, start: number, end: number): number {
    let mask = -1 << (start & 31)
    for (let word = start >>> 5; word << 5 < end; word++) {
      const common = (this.#words[word] ?? 0) & (other.#words[word] ?? 0) & mask
      if (common !== 0) {
        return Math.min(end, (word << 5) + 31 - Math.clz32(common & -common))
      }
      mask = -1
    }
    return end
  }

  /** @returns whether the chunk is new to the set */
  add(chunk: number): boolean {
    if (this.has(chunk)) {
      return false
    }
    const word = chunk >>> 5
    if (word >= this.#words.length) {
      // Doubled, so that a set that grows chunk by chunk is seldom copied.
      const words = new Uint32Array(2 * word + 2)
      words.set(this.#words)
      this.#words = words
    }
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (chunk & 31))
    this.#count++
    return true
  }

  /** @returns whether the chunk was in the set */
  delete(chunk: number): boolean {
    if (!this.has(chunk)) {
      return false
    }
    this.#words[chunk >>> 5] = (this.#words[chunk >>> 5] ?? 0) & ~(1 << (chunk & 31))
    this.#count--
    return true
  }
}
