/**
 * Standard output or standard error, written without waiting for the reader: a terminal under Ctrl-S, or a pipe that no
 * one empties, holds up only what is shown.
 */
import { setTimeout as delay } from 'node:timers/promises'

/** The pause between two attempts while nothing is accepted. Short at first, since most readers are only slow. */
const MIN_PAUSE_MS = 5
const MAX_PAUSE_MS = 100

export interface OutletInit {
  /**
   * Writes as many of the bytes as are accepted at once, and returns how many: 0 if none at the moment. Throws when no
   * more will be accepted.
   */
  take(bytes: Uint8Array): number
  /** Whether the error of `take` can pass while this process goes on, such as a full disk. */
  canPass(error: unknown): boolean
  /** How many bytes may wait. Lines beyond that are dropped. */
  maxWaitingBytes: number
  /** Whether the lines of one turn of the event loop are written together, once nothing waits for the reader. */
  isGathering?: boolean
  /** The line that replaces this many dropped lines, with its line end. */
  gapLine(lineCount: number): string
}

export interface DrainLimits {
  /** How long the reader may accept nothing. */
  idleMs: number
  totalMs: number
}

export class Outlet {
  readonly #init: OutletInit
  /** A block that was begun is finished before anything else, so that no line is torn. */
  #block: Uint8Array = new Uint8Array()
  #later = ''
  #laterByteLength = 0
  #missingLines = 0
  #isLossy = false
  #isGone = false
  #waits = true
  #pauseMs = MIN_PAUSE_MS
  #retry: NodeJS.Timeout | undefined
  /** Writes everything from this turn of the event loop. */
  #turnEnd: NodeJS.Immediate | undefined
  #movedAtMs = 0

  constructor(init: OutletInit) {
    this.#init = init
  }

  get isBehind(): boolean {
    return this.#waitingBytes > 0
  }

  /** Whether lines were dropped, or would be if the process ended now. */
  get isLossy(): boolean {
    return this.#isLossy || this.isBehind
  }

  /** From now on nothing waits for the reader. Before that, `write` returns when everything is accepted. */
  neverWait(): void {
    this.#waits = false
  }

  /** Writes whole lines, or drops them if too much waits already. */
  write(lines: string): void {
    const byteLength = Buffer.byteLength(lines)
    if (!this.#hasRoom(byteLength)) {
      this.flush()
    }
    if (this.#hasRoom(byteLength)) {
      this.#append(lines, byteLength)
    } else {
      this.#isLossy = true
      this.#missingLines += lines.split('\n').length - 1
    }
  }

  /** Writes what must not be dropped, because the next frame depends on it. While `isBehind`: clean-up only. */
  paint(text: string): void {
    this.#append(text, Buffer.byteLength(text))
  }

  /** Writes what is accepted now, and schedules another attempt for the rest. */
  flush(): void {
    while (this.isBehind && this.#takeSome()) {
      this.#fillGap()
    }
    if (!this.isBehind) {
      clearTimeout(this.#retry)
      this.#retry = undefined
      return
    }
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      this.#pauseMs = Math.min(MAX_PAUSE_MS, 2 * this.#pauseMs)
      this.flush()
    }, this.#pauseMs).unref()
  }

  /**
   * Resolves when everything is accepted, or the patience is over. A reader that is known to accept nothing gets none.
   */
  async drained({ idleMs, totalMs }: DrainLimits): Promise<void> {
    const startedAtMs = performance.now()
    this.flush()
    while (this.isBehind) {
      const now = performance.now()
      if (now - this.#movedAtMs > idleMs || now - startedAtMs > totalMs) {
        return
      }
      await delay(this.#pauseMs)
      this.flush()
    }
  }

  get #waitingBytes(): number {
    return this.#block.byteLength + this.#laterByteLength
  }

  #hasRoom(byteLength: number): boolean {
    const waits = this.#waitingBytes
    return waits === 0 || (this.#missingLines === 0 && waits + byteLength <= this.#init.maxWaitingBytes)
  }

  #append(text: string, byteLength: number): void {
    if (this.#isGone) {
      return
    }
    if (!this.isBehind) {
      this.#movedAtMs = performance.now()
      this.#pauseMs = MIN_PAUSE_MS
    }
    this.#later += text
    this.#laterByteLength += byteLength
    if (this.#retry !== undefined) {
      return
    }
    if (this.#waits || this.#init.isGathering !== true) {
      this.flush()
    } else {
      this.#turnEnd ??= setImmediate(() => {
        this.#turnEnd = undefined
        this.flush()
      })
    }
  }

  /** @returns whether to go on */
  #takeSome(): boolean {
    if (this.#block.byteLength === 0) {
      this.#block = Buffer.from(this.#later)
      this.#later = ''
      this.#laterByteLength = 0
    }
    const taken = this.#taken()
    this.#block = this.#block.subarray(taken)
    if (taken > 0) {
      this.#movedAtMs = performance.now()
      this.#pauseMs = MIN_PAUSE_MS
    } else if (this.#waits) {
      pause(MIN_PAUSE_MS)
    }
    return taken > 0 || this.#waits
  }

  #taken(): number {
    try {
      return this.#init.take(this.#block)
    } catch (error) {
      if (!this.#waits && this.#init.canPass(error)) {
        return 0
      }
      // The reader has gone, as `head` does. The work in progress matters more than its output.
      this.#isGone = true
      this.#later = ''
      this.#laterByteLength = 0
      return this.#block.byteLength
    }
  }

  /** Reports the number of dropped lines once there is room, and not at each line that finds a little. */
  #fillGap(): void {
    if (this.#missingLines > 0 && !this.#isGone && this.#waitingBytes <= this.#init.maxWaitingBytes / 2) {
      const line = this.#init.gapLine(this.#missingLines)
      this.#missingLines = 0
      this.#later += line
      this.#laterByteLength += Buffer.byteLength(line)
    }
  }
}

/** Stops this thread, when it has nothing else to do. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
