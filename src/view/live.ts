/** Shows the progress of a run: repainted on a terminal, and a line now and then where nothing can be repainted. */
import type { EventBase } from '../events/stream.ts'
import { cut } from './columns.ts'
import type { Screen, TerminalSize } from './screen.ts'
import type { Style } from './style.ts'

/** Rates are means over some seconds: more often there is nothing new to read. */
const REPAINT_MS = 500

/** The layout of the view. */
export interface LiveOptions {
  size: TerminalSize
  style: Style
  /** With figures for people who measure. */
  verbose: boolean
}

/** The lines to show at a time of the swarm clock; none before there is anything to show. */
export type Draw = (atMs: number, options: LiveOptions) => string[]

/** The least time of the swarm clock between two nearly equal lines. */
const LINE_INTERVAL_MS = 5000

/** Decides when a line of progress is due where nothing can be repainted, and shows progress without a bar. */
export class ProgressLines {
  readonly #screen: Screen
  #lastAtMs = Number.NEGATIVE_INFINITY
  #statusSinceMs: number | undefined

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** Prints the line if another one is due. */
  line(atMs: number, text: () => string): void {
    if (passed(this.#lastAtMs, atMs)) {
      this.#lastAtMs = atMs
      this.#screen.line(text())
    }
  }

  /** One line of text that is repainted. Without a terminal it is printed only after a while. */
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

  /** Removes the painted lines. */
  end(): void {
    this.#screen.paint([])
  }
}

/**
 * Repaints with each event, and some times per second without any: rates fall and time passes even if nothing arrives.
 */
export class LiveView extends ProgressLines {
  readonly #screen: Screen
  readonly #draw: Draw
  #timer: ReturnType<typeof setInterval> | undefined
  /** The swarm clock minus this process's. */
  #offsetMs = 0
  #ended = false

  constructor(screen: Screen, draw: Draw) {
    super(screen)
    this.#screen = screen
    this.#draw = draw
  }

  /** Sets the clock from an event, and begins to paint; where nothing can be repainted, prints a line. */
  show(event: EventBase, text: () => string): void {
    if (this.#screen.live) {
      this.paint(event)
    } else {
      this.line(event.atMs, text)
    }
  }

  /** Sets the clock from an event, and begins to paint where something can be repainted. */
  paint({ atMs }: EventBase): void {
    if (!this.#screen.live || this.#ended) {
      return
    }
    this.#offsetMs = atMs - performance.now()
    this.#timer ??= setInterval(() => this.#paint(), REPAINT_MS).unref()
    this.#paint()
  }

  /** For good: nothing is painted after the end of a run. */
  override end(): void {
    this.#ended = true
    clearInterval(this.#timer)
    this.#timer = undefined
    super.end()
  }

  #paint(): void {
    const { size, style, verbose } = this.#screen
    this.#screen.paint(this.#draw(performance.now() + this.#offsetMs, { size, style, verbose }))
  }
}

/**
 * Whether another line is due. A peer's clock jumps, even backwards, when it learns the swarm's: both directions count.
 */
export function passed(lastAtMs: number, atMs: number): boolean {
  return Math.abs(atMs - lastAtMs) >= LINE_INTERVAL_MS
}
