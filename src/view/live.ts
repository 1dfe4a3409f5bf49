/** How far a run is: painted over on a terminal, and a line now and then where nothing can be painted over. */
import type { EventBase } from '../events/stream.ts'
import { cut } from './columns.ts'
import type { Screen, TerminalSize } from './screen.ts'
import type { Style } from './style.ts'

/** Rates are those of some seconds: more often there is nothing new to read. */
const REPAINT_MS = 500

/** How it is to be drawn. */
export interface LiveOptions {
  size: TerminalSize
  style: Style
  /** With what only those look at who measure. */
  verbose: boolean
}

/** The lines to show at a time of the swarm clock; none before there is something. */
export type Draw = (atMs: number, options: LiveOptions) => string[]

/** How much of the swarm's time passes at the least between two lines that say nearly the same. */
const LINE_INTERVAL_MS = 5000

/** Decides when a line of progress is due where nothing can be painted over, and shows what has no bar. */
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

  /** Takes away what is painted. */
  end(): void {
    this.#screen.paint([])
  }
}

/** Is painted anew with every news, and some times a second without any: rates fall and times pass where nothing comes. */
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

  /** Sets the clock by an event, and begins to paint; where nothing can be painted over, says it in a line. */
  show(event: EventBase, text: () => string): void {
    if (this.#screen.live) {
      this.paint(event)
    } else {
      this.line(event.atMs, text)
    }
  }

  /** Sets the clock by an event, and begins to paint where something can be painted over. */
  paint({ atMs }: EventBase): void {
    if (!this.#screen.live || this.#ended) {
      return
    }
    this.#offsetMs = atMs - performance.now()
    this.#timer ??= setInterval(() => this.#paint(), REPAINT_MS).unref()
    this.#paint()
  }

  /** For good: what comes after the end of a run is painted no more. */
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

/** Whether it is time for another line. Either way: a peer's clock leaps, also backwards, when it learns the swarm's. */
export function passed(lastAtMs: number, atMs: number): boolean {
  return Math.abs(atMs - lastAtMs) >= LINE_INTERVAL_MS
}
