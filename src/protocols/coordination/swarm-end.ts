/** The end of a swarm as the coordinator tells it, with no times that cannot be. */
import type { SwarmEnd } from './pb/messages.ts'

/** Takes the end from the coordinator. A time that is negative, infinite or no number is told as 0. */
export function openSwarmEnd({ makespanMs, results, ...end }: SwarmEnd): SwarmEnd {
  return {
    ...end,
    makespanMs: timeOf(makespanMs),
    results: results.map(({ registeredAtMs, completedAtMs, ...result }) => ({
      ...result,
      registeredAtMs: timeOf(registeredAtMs),
      ...(completedAtMs === undefined ? {} : { completedAtMs: timeOf(completedAtMs) })
    }))
  }
}

function timeOf(atMs: number): number {
  return Number.isFinite(atMs) && atMs > 0 ? atMs : 0
}
