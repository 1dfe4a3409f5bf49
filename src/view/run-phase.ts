/** The phase of a run, from its events. Pure. */
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { PeerEvent } from '../events/peer.ts'

/** joining: not all are here; publishing: not all files are known; exchanging; then how it ended. */
export type RunPhase = 'starting' | 'joining' | 'publishing' | 'exchanging' | EndPhase

/** failed: with an error. It stays so when the role is stopped after that. */
type EndPhase = 'complete' | 'incomplete' | 'stopped' | 'failed'

/** A stop in these phases is no news. */
const OVER: ReadonlySet<unknown> = new Set(['complete', 'incomplete', 'stopped', 'failed'])

/** The phase after an event of a coordinator. */
export function phaseAfter(event: CoordinatorEvent, phase: RunPhase): RunPhase {
  switch (event.event) {
    case 'started':
      return 'joining'
    case 'roster':
      // A coordinator that carries on emits it again.
      return phase === 'joining' ? 'publishing' : phase
    case 'catalog':
      return 'exchanging'
    default:
      return endAfter(event, phase)
  }
}

/** The end after an event of either role; the same phase if it goes on. */
export function endAfter<Phase>(event: CoordinatorEvent | PeerEvent, phase: Phase): Phase | EndPhase {
  switch (event.event) {
    case 'swarm-complete':
      return 'complete'
    case 'swarm-incomplete':
      return 'incomplete'
    case 'error':
      return 'failed'
    case 'stopped':
      return OVER.has(phase) ? phase : 'stopped'
    default:
      return phase
  }
}
