/**
 * Memory that two threads share, identified by numbers: a buffer is sent to the other thread once, and named from then
 * on.
 *
 * One side makes the buffers and lends them. When that side loses a buffer, its thread's collector finds it, and the
 * other side forgets it.
 */

/** The side that makes and lends. */
export class LentBuffers {
  readonly #numbers = new WeakMap<SharedArrayBuffer, number>()
  /** Those that the other side works on or keeps. */
  readonly #lent = new Map<number, SharedArrayBuffer>()
  readonly #lost: FinalizationRegistry<number>
  #lastNumber = 0

  /** @param onLost nothing on this side refers to the buffer any more, so it will not be named again */
  constructor(onLost: (number: number) => void) {
    this.#lost = new FinalizationRegistry(onLost)
  }

  /**
   * Names a buffer, which belongs to the other side until it is returned.
   *
   * @returns its number, with the buffer itself the first time
   * @throws Error when it is lent already
   */
  lend(buffer: SharedArrayBuffer): { number: number; shared?: SharedArrayBuffer } {
    const known = this.#numbers.get(buffer)
    if (known !== undefined && this.#lent.has(known)) {
      throw new Error('a chunk buffer that the store has was handed to it again')
    }
    const number = known ?? this.#name(buffer)
    this.#lent.set(number, buffer)
    return known === undefined ? { number, shared: buffer } : { number }
  }

  /** The other side is done with a buffer. @returns undefined for one that was lost */
  takeBack(number: number): SharedArrayBuffer | undefined {
    const buffer = this.#lent.get(number)
    this.#lent.delete(number)
    return buffer
  }

  /** A buffer that was to be named for the first time was not sent. */
  unname(buffer: SharedArrayBuffer): void {
    this.#numbers.delete(buffer)
  }

  #name(buffer: SharedArrayBuffer): number {
    this.#lastNumber++
    this.#numbers.set(buffer, this.#lastNumber)
    this.#lost.register(buffer, this.#lastNumber)
    return this.#lastNumber
  }
}

/** The side that works on lent buffers. */
export class BorrowedBuffers {
  readonly #buffers = new Map<number, SharedArrayBuffer>()
  readonly #numbers = new WeakMap<ArrayBufferLike, number>()

  /** How many are known. */
  get count(): number {
    return this.#buffers.size
  }

  /** @param shared the buffer, if it is named for the first time @throws Error for a number that is not known */
  at(number: number, shared?: SharedArrayBuffer): SharedArrayBuffer {
    if (shared !== undefined) {
      this.#buffers.set(number, shared)
      this.#numbers.set(shared, number)
    }
    const buffer = this.#buffers.get(number)
    if (buffer === undefined) {
      throw new Error(`no buffer has the number ${number}`)
    }
    return buffer
  }

  /** The numbers of those that the other side has lent and not lost. */
  numbersOf(buffers: readonly ArrayBufferLike[]): number[] {
    return buffers.flatMap((buffer) => this.#numbers.get(buffer) ?? [])
  }

  forget(number: number): void {
    const buffer = this.#buffers.get(number)
    if (buffer !== undefined) {
      this.#buffers.delete(number)
      this.#numbers.delete(buffer)
    }
  }
}
