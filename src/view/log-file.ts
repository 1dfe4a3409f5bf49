/**
 * A file to append lines to. Lines wait for a moment, so that one write takes many and nothing waits for the disk.
 *
 * Not sonic-boom: its `flushSync` (4.2) retries endlessly when the disk is full, and holds up the whole process.
 */
import { createWriteStream, openSync, type WriteStream, writeSync } from 'node:fs'

/** About fifty lines in one write. */
const WRITE_LENGTH = 8 * 1024

/** How many characters may wait for a slow disk; beyond that lines are dropped, so that memory does not fill. */
const MAX_WAITING_LENGTH = 16 * 1024 * 1024

/** The longest time before a line is written. */
const FLUSH_INTERVAL_MS = 500

export interface LogFileInit {
  path: string
  /** Called at most once. Nothing more is written then. */
  onUnwritable(error: unknown): void
  /** Called for each dropped line. */
  onDrop(): void
}

export class LogFile {
  readonly #init: LogFileInit
  readonly #file: number
  /** Gets one block at a time, so that all others can still be written at once. */
  readonly #stream: WriteStream
  readonly #timer: NodeJS.Timeout
  #later = ''

  /** Opens the file, and appends if it exists. @throws Error of the system */
  constructor(init: LogFileInit) {
    this.#init = init
    this.#file = openSync(init.path, 'a')
    this.#stream = createWriteStream(init.path, { fd: this.#file })
    this.#stream.on('error', init.onUnwritable)
    this.#timer = setInterval(() => this.#writeSome(), FLUSH_INTERVAL_MS).unref()
    this.#stream.on('close', () => clearInterval(this.#timer))
  }

  add(line: string): void {
    if (!this.#stream.writable) {
      return
    }
    if (this.#later.length + line.length > MAX_WAITING_LENGTH) {
      this.#init.onDrop()
      return
    }
    this.#later += line
    if (this.#later.length >= WRITE_LENGTH) {
      this.#writeSome()
    }
  }

  /**
   * Writes the waiting lines before it returns; another thread writes those in progress. @throws Error of the system
   */
  flushNow(): void {
    if (!this.#stream.writable) {
      return
    }
    let bytes: Uint8Array = Buffer.from(this.#later)
    this.#later = ''
    while (bytes.byteLength > 0) {
      bytes = bytes.subarray(writeSync(this.#file, bytes))
    }
  }

  /** Writes the waiting lines, and resolves when the file is closed. */
  async end(): Promise<void> {
    if (!this.#stream.closed) {
      this.#stream.end(this.#later)
      this.#later = ''
      await new Promise<void>((resolve) => this.#stream.once('close', () => resolve()))
    }
  }

  /** Closes the file, and drops the waiting lines. */
  destroy(): void {
    this.#later = ''
    this.#stream.destroy()
  }

  #writeSome(): void {
    if (this.#later !== '' && this.#stream.writable && this.#stream.writableLength === 0) {
      this.#stream.write(this.#later, () => {
        if (this.#later.length >= WRITE_LENGTH) {
          this.#writeSome()
        }
      })
      this.#later = ''
    }
  }
}
