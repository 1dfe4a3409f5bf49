/**
 * Where people read: lines that stay, and on a terminal a few lines below them that are painted over.
 */
import { createLogUpdate } from 'log-update'
import { columnsOf } from './columns.ts'
import { COLOURED, PLAIN, type Style } from './style.ts'

/** Ten frames a second look smooth; each more costs time that the transfer could use. */
const FRAME_INTERVAL_MS = 100

/** The part of a `tty.WriteStream` that is needed; a pipe or a file has nothing but `write`. */
export interface ScreenStream extends NodeJS.WritableStream {
  isTTY?: boolean
  columns?: number
  rows?: number
  /** Whether it has so many colours, and nobody said that they are not wanted. */
  hasColors?(count?: number): boolean
}

/** What lines may take, in columns and rows. */
export interface TerminalSize {
  columns: number
  rows: number
}

export interface ScreenOptions {
  /** Shows nothing at all. */
  quiet?: boolean
}

export class Screen {
  /** How words are set off. */
  readonly style: Style
  readonly #stream: ScreenStream
  readonly #quiet: boolean
  readonly #paint: ReturnType<typeof createLogUpdate> | undefined
  #painted: readonly string[] = []
  #paintedAtMs = Number.NEGATIVE_INFINITY

  constructor(stream: ScreenStream, { quiet = false }: ScreenOptions = {}) {
    this.#stream = stream
    this.#quiet = quiet
    const isTerminal = stream.isTTY === true && !quiet && process.env['TERM'] !== 'dumb'
    this.#paint = isTerminal ? createLogUpdate(stream) : undefined
    this.style = isTerminal && stream.hasColors?.() === true ? COLOURED : PLAIN
    if (isTerminal) {
      stream.on('resize', this.#onResize)
    }
  }

  /** Whether `paint` shows anything. */
  get live(): boolean {
    return this.#paint !== undefined
  }

  /** One column is left free: a full line makes some terminals wrap. */
  get size(): TerminalSize {
    return { columns: Math.max(1, (this.#stream.columns ?? 80) - 1), rows: this.#stream.rows ?? 24 }
  }

  /** Lines that stay. */
  line(...lines: string[]): void {
    if (this.#quiet) {
      return
    }
    this.beside(() => {
      this.#stream.write(`${lines.join('\n')}\n`)
    })
  }

  /** Shows the lines below all others, in place of those painted before; no lines take those away. */
  paint(lines: readonly string[]): void {
    this.#painted = lines
    if (lines.length === 0) {
      this.#paint?.clear()
    } else if (performance.now() - this.#paintedAtMs >= FRAME_INTERVAL_MS) {
      this.#paintedAtMs = performance.now()
      this.#paint?.(lines.join('\n'))
    }
  }

  /** Runs what writes to the same terminal by another way, with the painted lines out of its way meanwhile. */
  beside(write: () => void): void {
    if (this.#painted.length > 0) {
      this.#paint?.clear()
    }
    write()
    if (this.#painted.length > 0) {
      this.#paint?.(this.#painted.join('\n'))
    }
  }

  /** Takes away what is painted and gives the cursor back. */
  end(): void {
    if (this.#painted.length > 0) {
      this.#painted = []
      this.#paint?.clear()
    }
    this.#paint?.done()
    this.#stream.off('resize', this.#onResize)
  }

  /** A terminal that became narrower has broken the painted lines into more of them, which have to go as well. */
  readonly #onResize = (): void => {
    const columns = Math.max(1, this.#stream.columns ?? 80)
    const broken = this.#painted.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns)),
      0
    )
    if (broken > this.#painted.length) {
      this.#stream.write('\u001b[2K\u001b[1A'.repeat(broken - this.#painted.length))
    }
    this.#paint?.clear()
    // What fits now is painted with the next news.
    this.#painted = []
    this.#paintedAtMs = Number.NEGATIVE_INFINITY
  }
}
