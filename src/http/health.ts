/** A role's health in a few words, for monitoring: made from its events alone. */
import type { RunPhase } from '../view/run-phase.ts'
import { type Route, sendText } from './server.ts'

export interface Health {
  /** `failed`: it cannot end well any more. */
  status: 'ok' | 'failed'
  phase: Phase
  peers: {
    /** How many peers the swarm waits for; 0 while unknown. */
    expected: number
    /** How many have registered; for a peer, how many the roster has. */
    registered: number
    /** How many of them are connected with the coordinator, or with this peer. */
    connected: number
    /** How many have everything; a peer knows only about itself. */
    complete: number
  }
}

export type Phase =
  | RunPhase
  | 'hashing'
  /** This peer has everything, and serves the others. */
  | 'serving'

/** A role's health in a phase. */
export function healthIn(phase: Phase, peers: Health['peers']): Health {
  return { status: FAILED.has(phase) ? 'failed' : 'ok', phase, peers }
}

const FAILED: ReadonlySet<Phase> = new Set(['incomplete', 'failed', 'stopped'])

/** 200 while all is well or has ended well, and 503 after that. */
export function healthRoute(health: () => Health): Route {
  return ({ response }) => {
    const report = health()
    const status = report.status === 'ok' ? 200 : 503
    sendText(response, status, `${JSON.stringify(report)}\n`, 'application/json')
  }
}
