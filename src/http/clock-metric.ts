/** The swarm's clock as a metric, between the events that tell it. */
import type { EventBase } from '../events/stream.ts'
import { type Metrics, only } from './metrics.ts'

export class ClockMetric {
  readonly #now: () => number
  #zeroMs: number | undefined

  constructor(metrics: Metrics, now: () => number) {
    this.#now = now
    metrics.gauge({
      name: 'potluck_swarm_clock_seconds',
      help: 'Since the coordinator started; of a peer that has not registered yet, since the peer did.',
      read: () => only(this.#zeroMs === undefined ? undefined : (now() - this.#zeroMs) / 1000)
    })
  }

  take({ atMs }: EventBase): void {
    this.#zeroMs = this.#now() - atMs
  }
}
