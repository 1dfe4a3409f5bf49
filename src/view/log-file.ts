/**
 * A file that lines are added to. They wait for a moment, so that many are written at once and nothing waits for the disk.
 *
 * Not sonic-boom: its `flushSync` (4.2) tries again without end when the disk is full, and holds up the whole process.
 */
import { closeSync, openSync, write, writeSync } from 'node:fs'

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
  readonly #timer: NodeJS.Timeout
  readonly #closed: Promise<void>
  #onClosed: () => void = () => undefined
  /** What is being written. */
  #block: Uint8Array = new Uint8Array()
  #later = ''
  #isWriting = false
  #isEnding = false
  #isClosed = false

  /** Opens the file, to be continued where it exists. @throws Error of the system */
  constructor(init: LogFileInit) {
    this.#init = init
    this.#file = openSync(init.path, 'a')
    this.#timer = setInterval(() => this.#writeSome(), FLUSH_INTERVAL_MS).unref()
    this.#closed = new Promise((resolve) => {
      this.#onClosed = resolve
    })
  }

  add(line: string): void {
    if (this.#isEnding) {
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

  /** Writes what waits, before it returns. @throws Error of the system */
  flushNow(): void {
    if (this.#isClosed) {
      return
    }
    // What is being written is another thread's.
    const begun = this.#isWriting ? new Uint8Array() : this.#block
    let bytes: Uint8Array = Buffer.concat([begun, Buffer.from(this.#later)])
    this.#block = this.#isWriting ? this.#block : new Uint8Array()
    this.#later = ''
    while (bytes.byteLength > 0) {
      bytes = bytes.subarray(writeSync(this.#file, bytes))
    }
  }

  /** Writes what waits, and resolves when the file is closed. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.#writeSome()
    await this.#closed
  }

  /** Closes the file, and forgets what waits. */
  destroy(): void {
    this.#isEnding = true
    this.#later = ''
    this.#block = new Uint8Array()
    this.#writeSome()
  }

  #writeSome(): void {
    if (this.#isWriting || this.#isClosed) {
      return
    }
    if (this.#block.byteLength === 0) {
      this.#block = Buffer.from(this.#later)
      this.#later = ''
    }
    if (this.#block.byteLength > 0) {
      this.#isWriting = true
      write(this.#file, this.#block, (error, byteLength) => this.#onWritten(error, byteLength))
    } else if (this.#isEnding) {
      this.#close()
    }
  }

  #onWritten(error: Error | null, byteLength: number): void {
    this.#isWriting = false
    if (error !== null) {
      this.destroy()
      this.#init.onUnwritable(error)
      return
    }
    this.#block = this.#block.subarray(byteLength)
    if (this.#isEnding || this.#block.byteLength > 0 || this.#later.length >= WRITE_LENGTH) {
      this.#writeSome()
    }
  }

  #close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    try {
      closeSync(this.#file)
    } catch (error) {
      this.#init.onUnwritable(error)
    }
    this.#onClosed()
  }
}
