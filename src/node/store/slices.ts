/** Work that can wait, done a slice at a time between the requests, whose turn comes first. */

/** Does a little of the work; returns whether there is more. */
export type Slice = () => boolean

export class Slices {
  readonly #waiting = new Set<Slice>()
  #immediate: NodeJS.Immediate | undefined

  /** Has the slice called once a turn of the event loop, in turn with the others, until it has nothing more to do. */
  add(slice: Slice): void {
    this.#waiting.add(slice)
    this.#schedule()
  }

  stop(): void {
    this.#waiting.clear()
    clearImmediate(this.#immediate)
    this.#immediate = undefined
  }

  #schedule(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined
      this.#doOne()
    })
  }

  #doOne(): void {
    const [slice] = this.#waiting
    if (slice === undefined) {
      return
    }
    this.#waiting.delete(slice)
    if (slice()) {
      this.#waiting.add(slice)
    }
    if (this.#waiting.size > 0) {
      this.#schedule()
    }
  }
}
