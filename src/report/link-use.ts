/** A peer's link, from the bytes that had passed through it at each time: its fastest throughput, and when. */
import type { PeerProgress } from '../events/peer.ts'

/** Over a shorter time bursts and chance dominate. */
const PEAK_WINDOW_MS = 2000

export interface Span {
  bytes: number
  fromAtMs: number
  toAtMs: number
}

/** All as one; undefined if there is none. */
export function together(...spans: ReadonlyArray<Span | undefined>): Span | undefined {
  const known = spans.filter((span) => span !== undefined)
  const [first] = known
  return (
    first && {
      bytes: known.reduce((sum, { bytes }) => sum + bytes, 0),
      fromAtMs: Math.min(...known.map(({ fromAtMs }) => fromAtMs)),
      toAtMs: Math.max(...known.map(({ toAtMs }) => toAtMs))
    }
  )
}

class DirectionUse {
  #last: { atMs: number; bytes: number } | undefined
  /** Bytes of earlier starts of the peer, because it counts from 0 after each. */
  #earlierBytes = 0
  #window: Array<{ atMs: number; bytes: number }> = []
  /** The throughput of the fastest 2 s; undefined if the transfer was shorter. */
  peakBytesPerSecond: number | undefined
  #fromAtMs: number | undefined
  #toAtMs: number | undefined
  #bytesBefore = 0

  note(atMs: number, sum: number): void {
    const last = this.#last
    if (last !== undefined && sum + this.#earlierBytes < last.bytes) {
      this.#earlierBytes = last.bytes
    }
    const bytes = this.#earlierBytes + sum
    if (bytes > (last?.bytes ?? 0)) {
      if (this.#fromAtMs === undefined) {
        this.#fromAtMs = last?.atMs ?? atMs
        this.#bytesBefore = last?.bytes ?? bytes
      }
      this.#toAtMs = atMs
    }
    this.#last = { atMs, bytes }
    this.#notePeak(atMs, bytes)
  }

  /** How many bytes passed, from when to when; undefined if there were none. */
  get span(): Span | undefined {
    const [fromAtMs, toAtMs, last] = [this.#fromAtMs, this.#toAtMs, this.#last]
    return fromAtMs === undefined || toAtMs === undefined || last === undefined || toAtMs <= fromAtMs
      ? undefined
      : { bytes: last.bytes - this.#bytesBefore, fromAtMs, toAtMs }
  }

  #notePeak(atMs: number, bytes: number): void {
    const window = this.#window
    window.push({ atMs, bytes })
    while ((window[1]?.atMs ?? atMs) <= atMs - PEAK_WINDOW_MS) {
      window.shift()
    }
    const [first] = window
    const elapsedMs = atMs - (first?.atMs ?? atMs)
    if (first !== undefined && elapsedMs >= PEAK_WINDOW_MS) {
      const bytesPerSecond = ((bytes - first.bytes) / elapsedMs) * 1000
      this.peakBytesPerSecond = Math.max(this.peakBytesPerSecond ?? 0, bytesPerSecond)
    }
  }
}

export class LinkUse {
  readonly sending = new DirectionUse()
  readonly receiving = new DirectionUse()

  /** Adds the sums at a time; times must increase. */
  note(atMs: number, { receivedBytes, sentBytes }: Pick<PeerProgress, 'receivedBytes' | 'sentBytes'>): void {
    this.receiving.note(atMs, receivedBytes)
    this.sending.note(atMs, sentBytes)
  }
}
