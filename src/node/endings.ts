/**
 * When a peer ends its run by itself: because nothing can go on, or because nothing is left to do and no one says so.
 * Pure: the caller passes the situation and the time.
 */

/**
 * No one is given up for sending nothing before this time, however short the wait for others is: a disk may sleep as
 * well.
 */
const MIN_STILL_MS = 30_000

/** Without a coordinator, a connected member that accepts nothing may be making room on its disk, but not for ever. */
const MAX_QUIET_MS = 2 * 60 * 60 * 1000

/**
 * When the coordinator is gone and everything is done, the others get this long to learn it before this peer leaves;
 * and to receive the last chunks when nothing more can arrive.
 */
const LEAVE_GRACE_MS = 2000

export interface Situation {
  /** The catalog is known, and chunks are missing that no connected peer could send. */
  stuck: boolean
  /** No peer can return with them either, and no connected peer lacks anything that this one has. */
  hopeless: boolean
  /** For how long nothing has moved although a connected peer could send what is missing. */
  stillMs: number
  /** For how long nothing has moved here or at others. */
  quietMs: number
  /** Nothing more is expected here, and the coordinator is unreachable. */
  doneAlone: boolean
  /**
   * Other members that are not known to have everything; `met`: there was a connection at some time; `done`: they said
   * that they expect no more data, so no one need wait for them.
   */
  unfinished: readonly { name: string; connected: boolean; met: boolean; done: boolean }[]
  /** Another peer is known to have everything: peers that never met this one can get it there. */
  relieved: boolean
}

export type RunEnd =
  | { kind: 'none' }
  /**
   * What is missing has had no source for too long, and the others have had time to fetch what is here; `silent`: it
   * has a source, which sends nothing.
   */
  | { kind: 'incomplete'; silent: boolean }
  /** This peer is done and may leave. `missing` are the members that are not known to have everything. */
  | { kind: 'leave'; missing: string[] }

export class Endings {
  readonly #peerReturnTimeoutMs: number
  #stuckSinceMs: number | undefined
  #hopelessSinceMs: number | undefined
  #idleSinceMs: number | undefined

  constructor(peerReturnTimeoutMs: number) {
    this.#peerReturnTimeoutMs = peerReturnTimeoutMs
  }

  /** To be called regularly: a situation counts from the first call that sees it, as long as every call does. */
  judge(situation: Situation, nowMs: number): RunEnd {
    const { stuck, hopeless, stillMs, quietMs, doneAlone, unfinished, relieved } = situation
    this.#stuckSinceMs = stuck ? (this.#stuckSinceMs ?? nowMs) : undefined
    // Others end for the same reason a moment sooner; the fact that they are gone then gives no hope.
    this.#hopelessSinceMs = stuck ? (this.#hopelessSinceMs ?? (hopeless ? nowMs : undefined)) : undefined
    // As long as others still receive chunks, they may need those of this peer.
    const isNeeded = quietMs <= Math.min(this.#peerReturnTimeoutMs, MIN_STILL_MS)
    if (
      (this.#stuckSinceMs !== undefined &&
        nowMs - this.#stuckSinceMs > this.#peerReturnTimeoutMs &&
        !isNeeded) ||
      (this.#hopelessSinceMs !== undefined && nowMs - this.#hopelessSinceMs >= LEAVE_GRACE_MS)
    ) {
      return { kind: 'incomplete', silent: false }
    }
    if (stillMs > Math.max(this.#peerReturnTimeoutMs, MIN_STILL_MS)) {
      return { kind: 'incomplete', silent: true }
    }
    const isQuiet = quietMs > Math.max(this.#peerReturnTimeoutMs, MAX_QUIET_MS)
    const idle = doneAlone && (isQuiet || !unfinished.some(({ connected, done }) => connected && !done))
    this.#idleSinceMs = idle ? (this.#idleSinceMs ?? nowMs) : undefined
    const missing = relieved ? unfinished.filter(({ met }) => met) : unfinished
    const limitMs = missing.every(({ done }) => done) ? LEAVE_GRACE_MS : this.#peerReturnTimeoutMs
    if (this.#idleSinceMs !== undefined && nowMs - this.#idleSinceMs >= limitMs) {
      return { kind: 'leave', missing: missing.map(({ name }) => name) }
    }
    return { kind: 'none' }
  }
}
