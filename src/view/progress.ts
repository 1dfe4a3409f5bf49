/** Decides when progress is shown and how: painted bars on a terminal, now and then a line elsewhere. */
import { type BarState, progressBars, progressLine } from './bars.ts'
import type { Screen } from './screen.ts'

/** How much of the swarm's time passes at the least between two lines that say nearly the same. */
const LINE_INTERVAL_MS = 5000

/** The rate is that of the last seconds: of one event to the next it would jump. */
const RATE_WINDOW_MS = 3000

interface Sample {
  atMs: number
  receivedBytes: number
}

export class ProgressView {
  readonly #screen: Screen
  readonly #samples = new Map<string, Sample[]>()
  #lastLineAtMs = Number.NEGATIVE_INFINITY
  #statusSinceMs: number | undefined

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** Takes how far all are at a time of the swarm clock; `line` is what says it where nothing can be painted. */
  show(
    atMs: number,
    peers: ReadonlyArray<BarState & { receivedBytes: number }>,
    line: () => string = () => progressLine(peers)
  ): void {
    if (this.#screen.live) {
      const states = peers.map((peer) => ({ ...peer, recent: this.#recent(atMs, peer) }))
      // One column is left free: a full line makes some terminals wrap.
      this.#screen.paint(progressBars(states, this.#screen.columns - 1))
    } else if (passed(this.#lastLineAtMs, atMs)) {
      this.#lastLineAtMs = atMs
      this.#screen.line(line())
    }
  }

  /** One line of text in place of the bars; without a terminal, not before it has been going on for a while. */
  status(atMs: number, text: string): void {
    if (this.#screen.live) {
      this.#screen.paint([text])
      return
    }
    this.#statusSinceMs ??= atMs
    if (passed(this.#statusSinceMs, atMs) && passed(this.#lastLineAtMs, atMs)) {
      this.#lastLineAtMs = atMs
      this.#screen.line(text)
    }
  }

  /** Takes the bars away. */
  end(): void {
    this.#screen.paint([])
  }

  #recent(atMs: number, { name, receivedBytes }: { name: string; receivedBytes: number }) {
    const samples = this.#samples.get(name) ?? []
    samples.push({ atMs, receivedBytes })
    while (samples.length > 2 && atMs - (samples[1]?.atMs ?? atMs) >= RATE_WINDOW_MS) {
      samples.shift()
    }
    this.#samples.set(name, samples)
    const first = samples[0]
    return {
      byteLength: Math.max(0, receivedBytes - (first?.receivedBytes ?? receivedBytes)),
      durationMs: atMs - (first?.atMs ?? atMs)
    }
  }
}

/** Whether it is time for another line. Either way: a peer's clock leaps, also backwards, when it learns the swarm's. */
export function passed(lastAtMs: number, atMs: number): boolean {
  return Math.abs(atMs - lastAtMs) >= LINE_INTERVAL_MS
}
