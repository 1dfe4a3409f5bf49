/**
 * A file that lines are added to. They wait for a moment, so that many are written at once and nothing waits for the disk.
 *
 * Not sonic-boom: its `flushSync` (4.2) tries again without end when the disk is full, and holds up the whole process.
 */
import { createWriteStream, openSync, type WriteStream, writeSync } from 'node:fs'

/** Some fifty lines in one write. */
const WRITE_LENGTH = 8 * 1024

/** What waits for a slow disk at the most, in characters; beyond it lines are dropped rather than memory filled. */
const MAX_WAITING_LENGTH = 16 * 1024 * 1024

/** How old a line gets before it is written at the latest. */
const FLUSH_INTERVAL_MS = 500

export interface LogFileInit {
  path: string
  /** Called once at the most. Nothing more is written then. */
  onUnwritable(error: unknown): void
  /** Called for each line that is dropped. */
  onDrop(): void
}

export class LogFile {
  readonly #init: LogFileInit
  readonly #file: number
  /** Has one block at a time, so that all others can still be written at once. */
  readonly #stream: WriteStream
  readonly #timer: NodeJS.Timeout
  #later = ''

  /** Opens the file, to be continued where it exists. @throws Error of the system */
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

  /** Writes what waits, before it returns; what is being written is another thread's. @throws Error of the system */
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

  /** Writes what waits, and resolves when the file is closed. */
  async end(): Promise<void> {
    if (!this.#stream.closed) {
      this.#stream.end(this.#later)
      this.#later = ''
      await new Promise<void>((resolve) => this.#stream.once('close', () => resolve()))
    }
  }

  /** Closes the file, and forgets what waits. */
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
