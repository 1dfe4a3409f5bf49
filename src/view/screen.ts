/**
 * Where people read: lines that stay, and on a terminal a few lines below them that are painted over.
 */
import { columnsOf } from './columns.ts'
import { COLOURED, PLAIN, type Style } from './style.ts'

/** Ten frames a second look smooth; each more costs time that the transfer could use. */
const FRAME_INTERVAL_MS = 100

/** Whole frames only, on terminals that know how; others ignore both. */
const FRAME_BEGIN = '\u001b[?2026h'
const FRAME_END = '\u001b[?2026l'

const ERASE_LINE_END = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/** Where a screen writes, and what it has to know of the terminal there, if it is one. */
export interface ScreenStream {
  isTTY?: boolean
  columns?: number | undefined
  rows?: number | undefined
  /** Whether earlier text still waits to be taken. Frames are left out meanwhile. */
  readonly isBehind?: boolean
  /** Whether it has so many colours, and nobody said that they are not wanted. */
  hasColors?(count?: number): boolean
  write(lines: string): unknown
  /** Writes what must not be left out when too much waits. Without it, `write` leaves out nothing. */
  paint?(text: string): void
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

/** What lines may take, in columns and rows. */
export interface TerminalSize {
  columns: number
  rows: number
}

export interface ScreenOptions {
  /** Shows nothing at all. */
  quiet?: boolean
  /** Shows what the log has, with addresses and digests. */
  verbose?: boolean
}

export class Screen {
  /** How words are set off. */
  readonly style: Style
  readonly verbose: boolean
  readonly #stream: ScreenStream
  readonly #quiet: boolean
  readonly #isTerminal: boolean
  /** What belongs below all other lines. */
  #painted: readonly string[] = []
  /** What stands there. */
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

  /** One column is left free: a full line makes some terminals wrap. */
  get size(): TerminalSize {
    return { columns: Math.max(1, this.#columns - 1), rows: this.#rows }
  }

  /** A terminal that nobody gave a size has 0 columns and rows. */
  get #columns(): number {
    return this.#stream.columns || 80
  }

  get #rows(): number {
    return this.#stream.rows || 24
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
    if (this.#ended) {
      return
    }
    this.#painted = lines
    if (lines.length === this.#shown.length && lines.every((line, row) => line === this.#shown[row])) {
      // What somebody types below stays as it is.
      return
    }
    if (lines.length === 0) {
      this.#clear()
    } else if (performance.now() - this.#paintedAtMs >= FRAME_INTERVAL_MS) {
      this.#paintedAtMs = performance.now()
      this.#draw()
    }
  }

  /** Runs what writes to the same terminal by another way, with the painted lines out of its way meanwhile. */
  beside(write: () => void): void {
    this.#clear()
    write()
    this.#draw()
  }

  /** The terminal has echoed a line that was typed below what is painted. */
  typed(): void {
    if (this.#shown.length > 0) {
      this.#shown = [...this.#shown, '']
    }
  }

  /** Takes away what is painted. Lines can still follow, and nothing is painted below them. */
  end(): void {
    this.#ended = true
    this.#painted = []
    this.#clear()
    this.#stream.off('resize', this.#onResize)
  }

  #draw(): void {
    // A terminal that takes nothing would get them all at once later.
    if (!this.#isTerminal || this.#painted.length === 0 || this.#stream.isBehind === true) {
      return
    }
    const lines = this.#painted.slice(-Math.max(1, this.#rows - 1))
    const text = lines.map((line) => `${line}${ERASE_LINE_END}\n`).join('')
    // The rows that a longer picture had before are below it.
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

  /** Takes away the shown lines, and leaves the cursor where the first of them began. */
  #erased(): string {
    const rows = this.#shownRows
    // Row by row as well: some terminals and recorders know nothing of what is below, and a short line would leave the rest.
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
    // What fits now is painted with the next news.
    this.#painted = []
    this.#paintedAtMs = Number.NEGATIVE_INFINITY
  }
}

/** To the start of the row so many above. */
function up(rows: number): string {
  return rows === 0 ? '' : `\u001b[${rows}A\r`
}
