/** A peer's link, from how much had passed through it at each time: how fast at its fastest, and when. */
import type { PeerProgress } from '../events/peer.ts'

/** What passes within less is bursts, and as much chance as speed. */
const PEAK_WINDOW_MS = 2000

export interface Span {
  bytes: number
  fromAtMs: number
  toAtMs: number
}

/** All as one; undefined where there is none. */
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
  /** Bytes of earlier starts of the peer, which counts from 0 after each. */
  #earlierBytes = 0
  #window: Array<{ atMs: number; bytes: number }> = []
  /** Of the fastest 2 s; undefined where there were none. */
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

  /** How much passed from when to when; undefined where nothing did. */
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

  /** Takes sums as they were at a time; times have to go up. */
  note(atMs: number, { receivedBytes, sentBytes }: Pick<PeerProgress, 'receivedBytes' | 'sentBytes'>): void {
    this.receiving.note(atMs, receivedBytes)
    this.sending.note(atMs, sentBytes)
  }
}
