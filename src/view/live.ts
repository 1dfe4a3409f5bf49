/**
 * What is painted on a terminal while a run goes on: painted anew with every news, and some times a second without any,
 * so that rates fall and times pass also where nothing comes.
 */
import type { EventBase } from '../events/stream.ts'
import type { Screen, TerminalSize } from './screen.ts'
import type { Style } from './style.ts'

/** Rates are those of some seconds: more often there is nothing new to read. */
const REPAINT_MS = 500

/** The lines to show at a time of the swarm clock; none before there is something. */
export type Draw = (atMs: number, size: TerminalSize, style: Style) => string[]

export class LiveView {
  readonly #screen: Screen
  readonly #draw: Draw
  #timer: ReturnType<typeof setInterval> | undefined
  /** The swarm clock minus this process's. */
  #offsetMs = 0

  constructor(screen: Screen, draw: Draw) {
    this.#screen = screen
    this.#draw = draw
  }

  /** Sets the clock by an event, and begins to paint. */
  show({ atMs }: EventBase): void {
    this.#offsetMs = atMs - performance.now()
    if (this.#screen.live) {
      this.#timer ??= setInterval(() => this.#paint(), REPAINT_MS).unref()
      this.#paint()
    }
  }

  /** Takes it away. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#screen.paint([])
  }

  #paint(): void {
    const { size, style } = this.#screen
    this.#screen.paint(this.#draw(performance.now() + this.#offsetMs, size, style))
  }
}
