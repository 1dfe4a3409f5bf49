/**
 * Where people read: lines that stay, and on a terminal a few lines below them that are painted over.
 */
import { createLogUpdate } from 'log-update'

/** Ten frames a second look smooth; each more costs time that the transfer could use. */
const FRAME_INTERVAL_MS = 100

/** The part of a `tty.WriteStream` that is needed; a pipe or a file has neither `isTTY` nor `columns`. */
export interface ScreenStream extends NodeJS.WritableStream {
  isTTY?: boolean
  columns?: number
}

export class Screen {
  readonly #stream: ScreenStream
  readonly #paint: ReturnType<typeof createLogUpdate> | undefined
  #painted: readonly string[] = []
  #paintedAtMs = Number.NEGATIVE_INFINITY

  constructor(stream: ScreenStream) {
    this.#stream = stream
    this.#paint = stream.isTTY === true ? createLogUpdate(stream) : undefined
  }

  /** Whether `paint` shows anything. */
  get live(): boolean {
    return this.#paint !== undefined
  }

  get columns(): number {
    return this.#stream.columns ?? 80
  }

  /** Lines that stay. */
  line(...lines: string[]): void {
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
  }
}
