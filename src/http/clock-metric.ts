/** The swarm's clock as a metric, between the events that tell it. */
import type { EventBase, Listener } from '../events/stream.ts'
import type { Metrics } from './metrics.ts'

/** Adds it; the events are to go to what it returns. @param now milliseconds on any steady clock */
export function clockMetric(metrics: Metrics, now: () => number): Listener<EventBase> {
  let zeroMs: number | undefined
  metrics.gauge(
    'potluck_swarm_clock_seconds',
    'Since the coordinator started; of a peer that has not registered yet, since the peer did.',
    () => (zeroMs === undefined ? undefined : (now() - zeroMs) / 1000)
  )
  return ({ atMs }) => {
    zeroMs = now() - atMs
  }
}
