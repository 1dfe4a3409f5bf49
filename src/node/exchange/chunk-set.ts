/** A set of chunk numbers, one bit each: what one peer holds of all contents together. */
export class ChunkSet {
  #words: Uint32Array<ArrayBuffer> = new Uint32Array(0)
  #count = 0

  get count(): number {
    return this.#count
  }

  has(chunk: number): boolean {
    return (((this.#words[chunk >>> 5] ?? 0) >>> (chunk & 31)) & 1) === 1
  }

  /** @returns whether the chunk is new to the set */
  add(chunk: number): boolean {
    if (this.has(chunk)) {
      return false
    }
    const word = chunk >>> 5
    if (word >= this.#words.length) {
      // Doubled, so that a set that grows chunk by chunk is not copied as often.
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
