/**
 * Standard output or standard error, written to without waiting for whoever reads it: a terminal under Ctrl-S or a pipe
 * that nobody empties holds up what is shown, and nothing else.
 */
import { setTimeout as delay } from 'node:timers/promises'

/** Between two tries while nothing is taken. Soon at first, since most readers are only slow. */
const MIN_PAUSE_MS = 5
const MAX_PAUSE_MS = 100

export interface OutletInit {
  /**
   * Writes as many of the bytes as are taken at once, and returns how many: 0 for none at the moment. Throws when
   * nothing is going to be taken any more.
   */
  take(bytes: Uint8Array): number
  /** Whether what `take` threw can pass while this process does something else: a disk that is full. */
  canPass(error: unknown): boolean
  /** How much may wait to be taken. Lines beyond it are dropped. */
  maxWaitingBytes: number
  /** Whether the lines of one turn of the event loop leave together, once nothing waits for the reader. */
  isGathering?: boolean
  /** The line that stands where so many lines were dropped, with its line end. */
  gapLine(lineCount: number): string
}

export interface DrainLimits {
  /** How long nothing may be taken. */
  idleMs: number
  totalMs: number
}

export class Outlet {
  readonly #init: OutletInit
  /** A begun block is finished before anything else, so that no line is torn. */
  #block: Uint8Array = new Uint8Array()
  #later = ''
  #laterByteLength = 0
  #missingLines = 0
  #isLossy = false
  #isGone = false
  #waits = true
  #pauseMs = MIN_PAUSE_MS
  #retry: NodeJS.Timeout | undefined
  /** Writes what this turn of the event loop gathers. */
  #turnEnd: NodeJS.Immediate | undefined
  #movedAtMs = 0

  constructor(init: OutletInit) {
    this.#init = init
  }

  /** Whether something still waits to be taken. */
  get isBehind(): boolean {
    return this.#waitingBytes > 0
  }

  /** Whether lines were dropped, or would be if the process ended now. */
  get isLossy(): boolean {
    return this.#isLossy || this.isBehind
  }

  /** From now on nothing waits for the reader. Until then `write` returns when all is taken. */
  neverWait(): void {
    this.#waits = false
  }

  /** Writes whole lines, or drops them where too much waits already. */
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

  /** Writes what must not be dropped, because what is painted next goes by it. While `isBehind`: clean-up only. */
  paint(text: string): void {
    this.#append(text, Buffer.byteLength(text))
  }

  /** Writes what is taken now, and sees to it that the rest is tried again. */
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

  /** Resolves when all is taken, or the patience is over. Of a reader that is known to take nothing there is none left. */
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
      // Whoever read has gone, as `head` does. What is under way matters more than telling nobody of it.
      this.#isGone = true
      this.#later = ''
      this.#laterByteLength = 0
      return this.#block.byteLength
    }
  }

  /** Says how much is missing once there is room, and not at each line that finds a little. */
  #fillGap(): void {
    if (this.#missingLines > 0 && !this.#isGone && this.#waitingBytes <= this.#init.maxWaitingBytes / 2) {
      const line = this.#init.gapLine(this.#missingLines)
      this.#missingLines = 0
      this.#later += line
      this.#laterByteLength += Buffer.byteLength(line)
    }
  }
}

/** Stops this thread. For the time in which there is nothing else to do. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
