/** What a person should know at the end of a peer's run: where the files are, and which ones were moved aside. Pure. */
import { printable } from '../core/names.ts'
import { countOf } from '../core/units.ts'
import type { PeerEvent } from '../events/peer.ts'

/** How many moved files to list; the log has all. */
const MAX_MOVED = 3

/** Receives the events of a peer, and describes its files at the end. */
export class PeerEnd {
  readonly #collection: string
  readonly #moved: string[] = []
  #movedCount = 0
  #hasCatalog = false

  /** @param collection the folder, as shown to people */
  constructor(collection: string) {
    this.#collection = collection
  }

  note(event: PeerEvent): void {
    if (event.event === 'moved-aside') {
      this.#movedCount++
      if (this.#moved.length < MAX_MOVED) {
        this.#moved.push(printable(event.movedTo))
      }
    }
    this.#hasCatalog ||= event.event === 'catalog'
  }

  /** One line each; none if no file could have arrived. */
  get lines(): string[] {
    return this.#hasCatalog ? [this.#whereText, ...this.#movedLines] : []
  }

  get #whereText(): string {
    return `Files are in ${printable(this.#collection)}, in one folder for each person.`
  }

  get #movedLines(): string[] {
    if (this.#movedCount === 0) {
      return []
    }
    const more = this.#movedCount - this.#moved.length
    const names = `${this.#moved.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
    const kept = `${countOf(this.#movedCount, 'file')} of yours ${this.#movedCount === 1 ? 'was' : 'were'} kept`
    return [`${kept} under another name, because a received file has its name: ${names}`]
  }
}
