/**
 * How long a swarm waits for connected members that publish nothing, or make no progress. Whatever such a member sends,
 * the wait has an end. Pure: the caller passes times, in ms that the coordinator was awake.
 */
import type { CoordinatorConfig } from '../../config/coordinator.ts'
import type { RosterMember } from './roster.ts'

/**
 * The additional time for each manifest: to be signed, sent and checked, which takes 0.6 ms on a small machine. So a
 * member that keeps sending manifests, in an endless list, gets at most 8 minutes more, for the 250,000 that there can
 * be.
 */
const PUBLISH_MS_PER_MANIFEST = 2

/**
 * Members notice by themselves that nothing arrives, and end with a sentence that names what is missing: they go first.
 */
const STILL_TIMEOUTS = 2
const MIN_STILL_MS = 60_000

/** A person has to make room on a disk, or a disk has to read a terabyte. */
const HELD_UP_MS = 2 * 60 * 60 * 1000

/** The time in which each member has to publish its list of files, once the swarm has started. */
export class PublishWatch {
  readonly #timeoutMs: number
  /** Since when nothing but lists is awaited; undefined while members still lack something. */
  #lastSinceMs: number | undefined
  /** By PeerId, since when a member's list is awaited. */
  readonly #sinceMs = new Map<string, number>()
  /** By PeerId, the most valid manifests that a member sent in one list. */
  readonly #offered = new Map<string, number>()

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** A member has sent this many valid manifests of a list that has not ended yet. */
  onManifests(peerId: string, count: number): void {
    this.#offered.set(peerId, Math.max(count, this.#offered.get(peerId) ?? 0))
  }

  /**
   * The members whose time is over. To be called regularly while some have not published; a member's time begins with
   * the first call that has it, whether or not it is connected. All have the same time while nothing else is awaited, so
   * that members who come and go one after another do not keep a swarm from its end.
   *
   * @param unpublished members of a swarm that has started
   * @param areLast whether the swarm waits for nothing else
   */
  late(unpublished: readonly RosterMember[], areLast: boolean, nowMs: number): RosterMember[] {
    this.#lastSinceMs = areLast ? (this.#lastSinceMs ?? nowMs) : undefined
    const isOver = nowMs - (this.#lastSinceMs ?? nowMs) >= this.#timeoutMs
    return unpublished.filter(({ peerId }) => {
      const sinceMs = this.#sinceMs.get(peerId) ?? nowMs
      this.#sinceMs.set(peerId, sinceMs)
      const extraMs = PUBLISH_MS_PER_MANIFEST * (this.#offered.get(peerId) ?? 0)
      return isOver || nowMs - sinceMs >= this.#timeoutMs + extraMs
    })
  }

  /** The member is no longer in the swarm. */
  forget(peerId: string): void {
    this.#sinceMs.delete(peerId)
    this.#offered.delete(peerId)
  }
}

/** How often a member may return without progress before the time in which it was gone counts. */
const MAX_RETURNS = 20

/** What a member says that it waits for, as far as it matters here. */
export type HeldUp = 'disk-full' | 'checking' | 'asking' | undefined

interface Mark {
  heldBytes: number
  completions: number
  atMs: number
  /** How often it has returned since. */
  returns: number
}

type ProgressWatchInit = Pick<CoordinatorConfig, 'peerReturnTimeoutMs' | 'chunkByteLength'>

/** Since when each member has made no progress towards having everything. */
export class ProgressWatch {
  readonly #stillMs: number
  readonly #chunkByteLength: number
  /** By PeerId: the furthest progress that a member has reported. */
  readonly #marks = new Map<string, Mark>()

  constructor({ peerReturnTimeoutMs, chunkByteLength }: ProgressWatchInit) {
    this.#stillMs = Math.max(MIN_STILL_MS, STILL_TIMEOUTS * peerReturnTimeoutMs)
    this.#chunkByteLength = chunkByteLength
  }

  /**
   * A member has all of a file. Only reports beyond all of its earlier ones count as progress, so repeated news does
   * not.
   *
   * @param completions how many it has reported in its session
   */
  onFileComplete({ peerId }: RosterMember, completions: number, nowMs: number): void {
    const mark = this.#marks.get(peerId)
    if (mark !== undefined && completions > mark.completions) {
      this.#marks.set(peerId, { ...mark, completions, atMs: nowMs, returns: 0 })
    }
  }

  /** A member is complete: if it returns and lacks something, its time begins again. */
  onComplete(peerId: string): void {
    this.#marks.delete(peerId)
  }

  /** A member has returned after this many ms, in which it could make no progress. */
  onReturn(peerId: string, lostMs: number): void {
    const mark = this.#marks.get(peerId)
    if (mark !== undefined && mark.returns < MAX_RETURNS) {
      this.#marks.set(peerId, { ...mark, atMs: mark.atMs + lostMs, returns: mark.returns + 1 })
    }
  }

  /**
   * To be called regularly for each member that the swarm waits for. @returns whether it has stood still for too long
   */
  isStill({ peerId, progress }: RosterMember, heldUp: HeldUp, nowMs: number): boolean {
    const { heldBytes, totalBytes } = progress
    const mark = this.#marks.get(peerId) ?? { heldBytes: -1, completions: 0, atMs: nowMs, returns: 0 }
    const byteLength = heldBytes - mark.heldBytes
    // One byte at a time, a member could take for ever.
    const hasMoved = byteLength >= this.#chunkByteLength || (byteLength > 0 && heldBytes === totalBytes)
    const next = hasMoved || mark.heldBytes < 0 ? { ...mark, heldBytes, atMs: nowMs, returns: 0 } : mark
    this.#marks.set(peerId, next)
    const limitMs = heldUp === undefined ? this.#stillMs : Math.max(HELD_UP_MS, this.#stillMs)
    return nowMs - next.atMs > limitMs
  }
}
