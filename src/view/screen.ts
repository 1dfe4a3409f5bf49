/** The output for people: permanent lines, and on a terminal a few lines below them that are repainted. */
import { columnsOf } from './columns.ts'
import { COLOURED, PLAIN, type Style } from './style.ts'

/** Ten frames per second look smooth; each more takes time from the transfer. */
const FRAME_INTERVAL_MS = 100

/** Complete frames only, on terminals that support it; others ignore both. */
const FRAME_BEGIN = '\u001b[?2026h'
const FRAME_END = '\u001b[?2026l'

const ERASE_LINE_END = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/** The target of a screen's output, and the properties of its terminal, if it is one. */
export interface ScreenStream {
  isTTY?: boolean
  columns?: number | undefined
  rows?: number | undefined
  /** Whether earlier text is still waiting. Frames are left out until then. */
  readonly isBehind?: boolean
  /** Whether it has this many colours, and no one has turned them off. */
  hasColors?(count?: number): boolean
  write(lines: string): unknown
  /** Writes what must not be left out when too much waits. Without it, `write` leaves out nothing. */
  paint?(text: string): void
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** The space for lines, in columns and rows. */
export interface TerminalSize {
  columns: number
  rows: number
}

export interface ScreenOptions {
  /** Shows nothing at all. */
  quiet?: boolean
  /** Shows the same as the log, with addresses and digests. */
  verbose?: boolean
}

export class Screen {
  /** How words are emphasised. */
  readonly style: Style
  readonly verbose: boolean
  readonly #stream: ScreenStream
  readonly #quiet: boolean
  readonly #isTerminal: boolean
  /** The text below all other lines. */
  #painted: readonly string[] = []
  /** The current text there. */
  #shown: readonly string[] = []
  #paintedAtMs = Number.NEGATIVE_INFINITY
  #ended = false

  constructor(stream: ScreenStream, { quiet = false, verbose = false }: ScreenOptions = {}) {
    this.verbose = verbose
    this.#stream = stream
    this.#quiet = quiet
    this.#isTerminal = stream.isTTY === true && !quiet && process.env['TERM'] !== 'dumb'
    this.style = this.#isTerminal && stream.hasColors?.() === true ? COLOURED : PLAIN
    if (this.#isTerminal) {
      stream.on('resize', this.#onResize)
    }
  }

  /** Whether `paint` shows anything. */
  get live(): boolean {
    return this.#isTerminal
  }

  /** One column stays free: a full line makes some terminals wrap. */
  get size(): TerminalSize {
    return { columns: Math.max(1, this.#columns - 1), rows: this.#rows }
  }

  /** A terminal without a configured size has 0 columns and rows. */
  get #columns(): number {
    return this.#stream.columns || 80
  }

  get #rows(): number {
    return this.#stream.rows || 24
  }

  /** Permanent lines. */
  line(...lines: string[]): void {
    if (this.#quiet) {
      return
    }
    this.beside(() => {
      this.#stream.write(`${lines.join('\n')}\n`)
    })
  }

  /** Shows the lines below all others, instead of those painted before; without lines, removes those. */
  paint(lines: readonly string[]): void {
    if (this.#ended) {
      return
    }
    this.#painted = lines
    if (lines.length === this.#shown.length && lines.every((line, row) => line === this.#shown[row])) {
      // Text that is being typed below stays as it is.
      return
    }
    if (lines.length === 0) {
      this.#clear()
    } else if (performance.now() - this.#paintedAtMs >= FRAME_INTERVAL_MS) {
      this.#paintedAtMs = performance.now()
      this.#draw()
    }
  }

  /** Runs code that writes to the same terminal in another way, with the painted lines removed until then. */
  beside(write: () => void): void {
    this.#clear()
    write()
    this.#draw()
  }

  /** The terminal has echoed a line that was typed below the painted ones. */
  typed(): void {
    if (this.#shown.length > 0) {
      this.#shown = [...this.#shown, '']
    }
  }

  /** Removes the painted lines. Lines can still follow, and nothing is painted below them. */
  end(): void {
    this.#ended = true
    this.#painted = []
    this.#clear()
    this.#stream.off('resize', this.#onResize)
  }

  #draw(): void {
    // A terminal that accepts nothing would get them all at once later.
    if (!this.#isTerminal || this.#painted.length === 0 || this.#stream.isBehind === true) {
      return
    }
    const lines = this.#painted.slice(-Math.max(1, this.#rows - 1))
    const text = lines.map((line) => `${line}${ERASE_LINE_END}\n`).join('')
    // The remaining rows of a longer frame are below it.
    const below = Math.max(0, this.#shownRows - lines.length)
    const rest = below === 0 ? '' : `${`${ERASE_LINE_END}\n`.repeat(below)}${up(below)}`
    this.#put(`${up(this.#shownRows)}${text}${rest}${ERASE_BELOW}`)
    this.#shown = lines
  }

  #clear(): void {
    if (this.#shown.length > 0) {
      this.#put(this.#erased())
      this.#shown = []
    }
  }

  /** Removes the shown lines, and leaves the cursor at the start of the first of them. */
  #erased(): string {
    const rows = this.#shownRows
    // Also row by row: some terminals and recorders cannot clear below, and a short line would leave the rest.
    return rows === 0 ? '' : `${up(rows)}${`${ERASE_LINE_END}\n`.repeat(rows)}${up(rows)}${ERASE_BELOW}`
  }

  /** Each line takes several rows on a terminal that became narrower. */
  get #shownRows(): number {
    return this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / this.#columns)), 0)
  }

  #put(text: string): void {
    const frame = `${FRAME_BEGIN}${text}${FRAME_END}`
    if (this.#stream.paint === undefined) {
      this.#stream.write(frame)
    } else {
      this.#stream.paint(frame)
    }
  }

  readonly #onResize = (): void => {
    this.#clear()
    // The next event paints what fits now.
    this.#painted = []
    this.#paintedAtMs = Number.NEGATIVE_INFINITY
  }
}

/** To the start of the row this many above. */
function up(rows: number): string {
  return rows === 0 ? '' : `\u001b[${rows}A\r`
}
