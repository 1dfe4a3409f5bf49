/**
 * Which remotes to ask for the digests of contents that need them. A provider that is slow to send digests does not
 * keep others from being asked, and a provider that fails is left alone. Pure.
 */
import { LATE_MIN_MS, MAX_DIGESTS_IN_FLIGHT } from './constants.ts'
import type { Remote } from './remote.ts'
import type { Content, SwarmState } from './swarm-state.ts'

export class DigestAsks {
  readonly #state: SwarmState
  /** The remotes that owe any. */
  readonly #owing = new Set<Remote>()
  /** By root, the remotes that owe its digests. */
  readonly #askedOf = new Map<string, Set<Remote>>()

  constructor(state: SwarmState) {
    this.#state = state
  }

  /**
   * The contents whose digests to ask of a provider now. Each counts as asked for until it is settled.
   *
   * @param mayTry whether to try a description of a disputed content with the provider
   */
  plan(remote: Remote, nowMs: number, mayTry: (content: Content) => boolean = () => true): Content[] {
    const contents: Content[] = []
    let room = remote.standing.asProvider.rests(nowMs) ? 0 : this.#roomFor(remote, nowMs)
    for (const content of room > 0 ? this.#state.closedContents() : []) {
      const { root, key } = content
      const isDisputed = key !== root
      const isFree = isDisputed ? !this.#askedOf.has(root) : this.#mayAsk(remote, root, nowMs)
      if (isFree && remote.holdings.countOf(content) > 0 && (!isDisputed || mayTry(content))) {
        remote.digestsAtMs = remote.digests.size === 0 ? nowMs : remote.digestsAtMs
        remote.digests.add(content)
        this.#owing.add(remote)
        this.#askedOf.set(root, (this.#askedOf.get(root) ?? new Set()).add(remote))
        contents.push(content)
        room--
        if (room <= 0) {
          break
        }
      }
    }
    return contents
  }

  /** An ask to a remote is over. */
  settled(remote: Remote, content: Content): void {
    remote.digests.delete(content)
    if (remote.digests.size === 0) {
      this.#owing.delete(remote)
    }
    const askedOf = this.#askedOf.get(content.root)
    askedOf?.delete(remote)
    if (askedOf?.size === 0) {
      this.#askedOf.delete(content.root)
    }
  }

  /** A remote is disconnected. */
  remove(remote: Remote): void {
    for (const content of remote.digests) {
      this.settled(remote, content)
    }
  }

  /**
   * How many more may be asked for. Asks of silent remotes take no one else's place; a remote in doubt gets one first.
   */
  #roomFor(remote: Remote, nowMs: number): number {
    if (isSilent(remote, nowMs)) {
      return 0
    }
    let room = MAX_DIGESTS_IN_FLIGHT
    for (const other of this.#owing) {
      room -= isSilent(other, nowMs) ? 0 : other.digests.size
    }
    return remote.standing.asProvider.isDoubtful ? Math.min(room, 1 - remote.digests.size) : room
  }

  /** Whether the digests were asked of no one, or only of silent remotes. */
  #mayAsk(remote: Remote, root: string, nowMs: number): boolean {
    for (const asked of this.#askedOf.get(root) ?? []) {
      if (asked === remote || !isSilent(asked, nowMs)) {
        return false
      }
    }
    return true
  }
}

function isSilent(remote: Remote, nowMs: number): boolean {
  return remote.digestsSilentMs(nowMs) > LATE_MIN_MS
}
