/**
 * An estimate of this peer's uplink: the most that its connections took over two seconds, among the last windows. A
 * lower rate says little, because getters, or their links, may have wanted no more. Pure: the caller passes the time.
 *
 * Connections take chunks that leave side by side in bursts, so the bytes of each chunk are spread over the time that
 * it took.
 */

/** The steps in which time is counted. */
const STEP_MS = 500

/** Shorter bursts show what buffers absorb, not what a link carries. */
const WINDOW_STEPS = 4

/** Chunks that are still leaving are counted later, so the latest steps are not complete. */
const OPEN_STEPS = 4

/** Steps that are kept: a chunk that takes longer counts for these alone. */
const STEPS = 64

/** Windows that are remembered: ten seconds. After that, a lower capacity is believed. */
const WINDOWS = 20

/** Shorter pauses are those between one chunk and the next. */
const PAUSE_MS = 100

/** At this part of a limit, the limit holds the peer back and not the uplink. */
const LIMITED_PART = 0.8

/** This many chunks give a first estimate before the first window has passed, where the sockets are not observed. */
const FIRST_CHUNKS = 4

export class UplinkEstimate {
  readonly #chunkByteLength: number
  /** A limit of what leaves, whatever the uplink carries. */
  #limitBytesPerSecond = Number.POSITIVE_INFINITY
  readonly #steps = new Float64Array(STEPS)
  /** Of the last windows, in bytes per second. */
  readonly #windows: number[] = []
  #estimate: number | undefined
  #seenBytesPerSecond = 0
  #totalBytes = 0
  #beganAtMs: number | undefined
  /** The step of the current time. */
  #step = 0
  #latest = 0
  /** The last step in which less was sent than possible, for other reasons than the uplink's. */
  #spareStep = Number.NEGATIVE_INFINITY
  /** Since when nothing is leaving; undefined while something is. */
  #idleSinceMs: number | undefined = Number.NEGATIVE_INFINITY

  constructor(chunkByteLength: number) {
    this.#chunkByteLength = chunkByteLength
  }

  /** Undefined while there is too little data. */
  get bytesPerSecond(): number | undefined {
    const known = Math.max(this.#estimate ?? 0, this.#seenBytesPerSecond) || undefined
    return known === undefined ? undefined : Math.min(known, this.#limitBytesPerSecond)
  }

  /**
   * Sets the limit per second from now on; undefined: as much as the uplink carries.
   *
   * @param configuredBytesPerSecond the configured capacity: where the estimate begins again if the old limit was what
   * it had seen
   */
  limit(bytesPerSecond: number | undefined, configuredBytesPerSecond: number | undefined): void {
    const wasLimited = (this.#estimate ?? 0) >= LIMITED_PART * this.#limitBytesPerSecond
    this.#limitBytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY
    if (this.#estimate === undefined || wasLimited) {
      this.#windows.length = 0
      this.#estimate = configuredBytesPerSecond ?? this.#estimate
    }
  }

  /** The observed sockets sent this much recently. Windows show it some seconds later. */
  onSeen(bytesPerSecond: number): void {
    this.#seenBytesPerSecond = bytesPerSecond
  }

  /** The connections took this many bytes between these times. */
  add(byteLength: number, sinceMs: number, nowMs: number): void {
    if (this.#beganAtMs === undefined) {
      this.#beganAtMs = sinceMs
      this.#step = stepOf(nowMs)
    }
    this.#advance(nowMs)
    const first = Math.max(stepOf(sinceMs), this.#step - STEPS + 1)
    const share = byteLength / (this.#step - first + 1)
    for (let step = first; step <= this.#step; step++) {
      this.#steps[step % STEPS] = (this.#steps[step % STEPS] ?? 0) + share
    }
    this.#totalBytes += byteLength
    const isFirst = this.#windows.length === 0 && this.#seenBytesPerSecond === 0
    if (isFirst && this.#totalBytes >= FIRST_CHUNKS * this.#chunkByteLength) {
      this.#latest = (1000 * this.#totalBytes) / Math.max(STEP_MS / 10, nowMs - this.#beganAtMs)
      this.#estimate = Math.max(this.#estimate ?? 0, this.#latest)
    }
  }

  /** More was asked for and held back, or getters could accept no more: less is sent now than possible. */
  onNotBinding(nowMs: number): void {
    this.#spareStep = stepOf(nowMs)
  }

  /** From now on something is leaving, or nothing is. */
  setBusy(busy: boolean, nowMs: number): void {
    this.#advance(nowMs)
    this.#idleSinceMs = busy ? undefined : (this.#idleSinceMs ?? nowMs)
  }

  /** Whether this much of it was in use recently; before the first window has passed, whether anything is leaving. */
  isUsed(part: number, nowMs: number): boolean {
    this.#advance(nowMs)
    if (this.#windows.length === 0) {
      return this.#idleSinceMs === undefined
    }
    return this.#latest >= part * (this.bytesPerSecond ?? Number.POSITIVE_INFINITY)
  }

  #advance(nowMs: number): void {
    const now = stepOf(nowMs)
    if (this.#idleSinceMs !== undefined && nowMs - this.#idleSinceMs > PAUSE_MS) {
      this.#spareStep = now
    }
    if (this.#beganAtMs === undefined) {
      return
    }
    // After a pause of more steps than are kept, nothing of them is left.
    this.#step = Math.max(this.#step, now - STEPS)
    while (this.#step < now) {
      this.#step++
      this.#steps[this.#step % STEPS] = 0
      this.#close(this.#step - OPEN_STEPS)
    }
  }

  /** The window that ends before the first incomplete step. */
  #close(end: number): void {
    if (end - WINDOW_STEPS < stepOf(this.#beganAtMs ?? 0) + 1) {
      return
    }
    let bytes = 0
    for (let step = end - WINDOW_STEPS; step < end; step++) {
      bytes += this.#steps[step % STEPS] ?? 0
    }
    this.#latest = (1000 * bytes) / (WINDOW_STEPS * STEP_MS)
    // Time in which no one wanted more, or more was held back, says nothing against the estimate.
    const spare = this.#spareStep >= end - WINDOW_STEPS
    if (bytes > 0 && (!spare || this.#windows.length === 0 || this.#latest > (this.#estimate ?? 0))) {
      this.#windows.push(this.#latest)
      this.#windows.splice(0, this.#windows.length - WINDOWS)
      this.#estimate = Math.max(...this.#windows)
    }
  }
}

function stepOf(atMs: number): number {
  return Math.floor(atMs / STEP_MS)
}
