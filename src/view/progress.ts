/** Decides when a line of progress is due where nothing can be painted over, and shows what has no bar. */
import { cut } from './columns.ts'
import type { Screen } from './screen.ts'

/** How much of the swarm's time passes at the least between two lines that say nearly the same. */
const LINE_INTERVAL_MS = 5000

export class ProgressLines {
  readonly #screen: Screen
  #lastAtMs = Number.NEGATIVE_INFINITY
  #statusSinceMs: number | undefined

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** Says it, when it is time for another line. */
  line(atMs: number, text: () => string): void {
    if (passed(this.#lastAtMs, atMs)) {
      this.#lastAtMs = atMs
      this.#screen.line(text())
    }
  }

  /** One line of text that is painted over; without a terminal, not before it has been going on for a while. */
  status(atMs: number, text: string): void {
    if (this.#screen.live) {
      this.#screen.paint([cut(text, this.#screen.size.columns)])
      return
    }
    this.#statusSinceMs ??= atMs
    if (passed(this.#statusSinceMs, atMs)) {
      this.line(atMs, () => text)
    }
  }

  /** Takes the status away. */
  end(): void {
    this.#screen.paint([])
  }
}

/** Whether it is time for another line. Either way: a peer's clock leaps, also backwards, when it learns the swarm's. */
export function passed(lastAtMs: number, atMs: number): boolean {
  return Math.abs(atMs - lastAtMs) >= LINE_INTERVAL_MS
}
