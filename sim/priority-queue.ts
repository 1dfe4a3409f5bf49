/** A binary heap whose entries know their place in it, so that one can be moved or removed in the middle. */

export interface QueueEntry {
  /** The smallest is first. */
  key: number
  /** Decides between equal keys. */
  order: number
  /** Its place in the queue; -1 while it is in none. Only the queue changes it. */
  slot: number
}

export class PriorityQueue<Entry extends QueueEntry> {
  readonly #entries: Entry[] = []

  get length(): number {
    return this.#entries.length
  }

  get first(): Entry | undefined {
    return this.#entries[0]
  }

  /** Inserts an entry, or moves it after its key was changed. */
  place(entry: Entry): void {
    if (entry.slot < 0) {
      entry.slot = this.#entries.length
      this.#entries.push(entry)
    }
    this.#up(entry)
    this.#down(entry)
  }

  remove(entry: Entry): void {
    const { slot } = entry
    if (slot < 0) {
      return
    }
    entry.slot = -1
    const last = this.#entries.pop()
    if (last !== undefined && last !== entry) {
      this.#put(last, slot)
      this.#up(last)
      this.#down(last)
    }
  }

  #up(entry: Entry): void {
    let slot = entry.slot
    while (slot > 0) {
      const above = this.#entries[(slot - 1) >> 1]
      if (above === undefined || !before(entry, above)) {
        break
      }
      this.#put(above, slot)
      slot = (slot - 1) >> 1
    }
    this.#put(entry, slot)
  }

  #down(entry: Entry): void {
    let slot = entry.slot
    while (true) {
      const left = this.#entries[2 * slot + 1]
      const right = this.#entries[2 * slot + 2]
      const below = left !== undefined && right !== undefined && before(right, left) ? right : left
      if (below === undefined || !before(below, entry)) {
        break
      }
      const freed = below.slot
      this.#put(below, slot)
      slot = freed
    }
    this.#put(entry, slot)
  }

  #put(entry: Entry, slot: number): void {
    this.#entries[slot] = entry
    entry.slot = slot
  }
}

function before(one: QueueEntry, other: QueueEntry): boolean {
  return one.key < other.key || (one.key === other.key && one.order < other.order)
}
