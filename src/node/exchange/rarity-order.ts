/**
 * The chunks that are wanted and asked of nobody, in order of how few peers hold them; at random among equals.
 *
 * One array holds them all, bucket after bucket, so that a chunk moves between buckets by one swap a bucket passed:
 * no step costs more than the number of peers, whatever the number of chunks.
 */

/** A number from 0 up to and not including 1. */
export type Random = () => number

const ABSENT = -1

export class RarityOrder {
  readonly #random: Random
  /** Chunks, bucket after bucket. */
  #order: Int32Array<ArrayBuffer> = new Int32Array(0)
  /** Where each chunk stands in `#order`. */
  #position: Int32Array<ArrayBuffer> = new Int32Array(0)
  /** `#ends[a]` is one past the last of the chunks that `a` peers hold. */
  readonly #ends: number[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** How many chunks are in the order. */
  get length(): number {
    return this.#ends.at(-1) ?? 0
  }

  /** Makes room for chunks 0 to `chunkCount` - 1. */
  grow(chunkCount: number): void {
    const position = new Int32Array(chunkCount).fill(ABSENT)
    position.set(this.#position)
    const order = new Int32Array(chunkCount)
    order.set(this.#order)
    this.#position = position
    this.#order = order
  }

  has(chunk: number): boolean {
    return (this.#position[chunk] ?? ABSENT) !== ABSENT
  }

  /** Puts a chunk that `availability` peers hold in a random place among its equals. */
  add(chunk: number, availability: number): void {
    while (this.#ends.length <= availability) {
      this.#ends.push(this.length)
    }
    for (let bucket = this.#ends.length - 1; bucket > availability; bucket--) {
      this.#copy(this.#startOf(bucket), this.#ends[bucket] ?? 0)
      this.#ends[bucket] = (this.#ends[bucket] ?? 0) + 1
    }
    const start = this.#startOf(availability)
    const end = this.#ends[availability] ?? 0
    this.#ends[availability] = end + 1
    const chosen = start + Math.floor(this.#random() * (end + 1 - start))
    this.#copy(chosen, end)
    this.#place(chunk, chosen)
  }

  /** Takes a chunk out that `availability` peers hold. */
  remove(chunk: number, availability: number): void {
    let hole = this.#position[chunk] ?? ABSENT
    if (hole === ABSENT) {
      return
    }
    for (let bucket = availability; bucket < this.#ends.length; bucket++) {
      const last = (this.#ends[bucket] ?? 0) - 1
      this.#copy(last, hole)
      this.#ends[bucket] = last
      hole = last
    }
    this.#position[chunk] = ABSENT
  }

  /** The first chunk that fits, the rarest first, beginning with those that `availability` peers hold. */
  find(availability: number, fits: (chunk: number) => boolean): number | undefined {
    for (let index = this.#startOf(availability); index < this.length; index++) {
      const chunk = this.#order[index] ?? ABSENT
      if (fits(chunk)) {
        return chunk
      }
    }
    return undefined
  }

  #startOf(bucket: number): number {
    return bucket === 0 ? 0 : (this.#ends[bucket - 1] ?? this.length)
  }

  /** Moves what stands at one position to another, which is free. Nothing stands at `from` when both are one. */
  #copy(from: number, to: number): void {
    if (from !== to) {
      this.#place(this.#order[from] ?? 0, to)
    }
  }

  #place(chunk: number, position: number): void {
    this.#order[position] = chunk
    this.#position[chunk] = position
  }
}
