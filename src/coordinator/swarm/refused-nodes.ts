/**
 * Which events report nodes that are not let in, or refused: such nodes decide how many they are, so the reports are
 * limited. Pure.
 */
import type { CoordinatorEvent } from '../../events/coordinator.ts'
import type { UnstampedEvent } from '../coordinator-events.ts'

/** The refused node, and why. */
export type RefusedNode = Omit<Extract<CoordinatorEvent, { event: 'refused' }>, 'event' | 'atMs'>

/** Beyond this many per minute they are not reported one by one. */
const MAX_REPORTED = 60
const MINUTE_MS = 60_000

export class RefusedNodes {
  /** Since the current minute of the swarm clock began. */
  #last = { minute: 0, count: 0 }

  /** The event for one; none if enough were reported in its minute. */
  take(refusal: RefusedNode, nowMs: number): UnstampedEvent[] {
    const minute = Math.floor(nowMs / MINUTE_MS)
    const count = minute === this.#last.minute ? this.#last.count + 1 : 1
    this.#last = { minute, count }
    if (count <= MAX_REPORTED) {
      return [{ event: 'refused', ...refusal }]
    }
    const message = `${MAX_REPORTED} connections were refused within a minute; this minute's further ones are not reported`
    return count > MAX_REPORTED + 1 ? [] : [{ event: 'warning', message }]
  }
}
