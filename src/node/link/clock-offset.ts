/**
 * The swarm clock as a peer sees it: the offset of its own clock, from the fastest of several round trips (Cristian's
 * algorithm; the error is at most half of that round trip).
 */

/** One probe and its reply; the peer's own clock at both ends, the coordinator's in between. */
export interface ClockSample {
  sentAtMs: number
  swarmAtMs: number
  receivedAtMs: number
}

/** Samples to keep: the fastest of the recent ones counts, so that a slow drift of a clock is followed. */
const SAMPLE_COUNT = 16

export class ClockOffset {
  readonly #samples: ClockSample[] = []

  add(sample: ClockSample): void {
    this.#samples.push(sample)
    if (this.#samples.length > SAMPLE_COUNT) {
      this.#samples.shift()
    }
  }

  /** The difference from the own clock to swarm time, in ms; undefined before the first sample. */
  get offsetMs(): number | undefined {
    let best: ClockSample | undefined
    for (const sample of this.#samples) {
      if (best === undefined || roundTripMs(sample) <= roundTripMs(best)) {
        best = sample
      }
    }
    return best === undefined ? undefined : best.swarmAtMs - (best.sentAtMs + best.receivedAtMs) / 2
  }
}

function roundTripMs({ sentAtMs, receivedAtMs }: ClockSample): number {
  return receivedAtMs - sentAtMs
}
