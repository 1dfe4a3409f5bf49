/**
 * Of whom to ask the digests of contents that cannot be asked for without. A provider that lets the getter wait for them
 * keeps nobody else from being asked, and one that fails is left alone. Pure.
 */
import { LATE_MIN_MS, MAX_DIGESTS_IN_FLIGHT } from './constants.ts'
import type { Content, SwarmState } from './swarm-state.ts'

/** What is known of providers, and told of them; as `Downloads` has it. */
export interface Trust {
  rests(id: string, nowMs: number): boolean
  isDoubtful(id: string): boolean
  fault(id: string, nowMs: number): void
}

/** What a provider owes. */
interface Owed {
  roots: Set<string>
  /** When digests last came from it, or it came to owe the first of these. */
  heardAtMs: number
}

export class DigestAsks {
  readonly #state: SwarmState
  readonly #trust: Trust
  /** By provider. */
  readonly #owed = new Map<string, Owed>()
  /** By content, the providers that owe its digests. */
  readonly #askedOf = new Map<string, Set<string>>()

  constructor(state: SwarmState, trust: Trust) {
    this.#state = state
    this.#trust = trust
  }

  /**
   * The contents whose digests to ask of a provider now. Each counts as asked for until it is settled.
   *
   * @param mayTry whether a description of a disputed content is to be tried with the provider
   */
  plan(id: string, nowMs: number, mayTry: (content: Content) => boolean = () => true): Content[] {
    const contents: Content[] = []
    if (this.#trust.rests(id, nowMs)) {
      return contents
    }
    const owed = this.#owed.get(id) ?? { roots: new Set(), heardAtMs: nowMs }
    let room = this.#roomFor(owed, id, nowMs)
    for (const content of room > 0 ? this.#state.closedContents() : []) {
      const { root, key } = content
      const isDisputed = key !== root
      const isFree = isDisputed ? !this.#askedOf.has(root) : this.#mayAsk(id, root, nowMs)
      if (isFree && this.#state.remoteCount(id, content) > 0 && (!isDisputed || mayTry(content))) {
        owed.heardAtMs = owed.roots.size === 0 ? nowMs : owed.heardAtMs
        owed.roots.add(root)
        this.#owed.set(id, owed)
        this.#askedOf.set(root, (this.#askedOf.get(root) ?? new Set()).add(id))
        contents.push(content)
        room--
        if (room <= 0) {
          break
        }
      }
    }
    return contents
  }

  /** Some digests came from a provider. */
  onReply(id: string, nowMs: number): void {
    const owed = this.#owed.get(id)
    if (owed !== undefined) {
      owed.heardAtMs = nowMs
    }
  }

  /**
   * What was asked of a provider is over.
   *
   * @param isFault whether that is the provider's fault: nothing came, or it was false
   */
  settled(id: string, root: string, isFault: boolean, nowMs: number): void {
    const owed = this.#owed.get(id)
    owed?.roots.delete(root)
    if (owed?.roots.size === 0) {
      this.#owed.delete(id)
    }
    const ids = this.#askedOf.get(root)
    ids?.delete(id)
    if (ids?.size === 0) {
      this.#askedOf.delete(root)
    }
    if (isFault) {
      this.#trust.fault(id, nowMs)
    }
  }

  /** How many more may be asked for. What silent ones owe takes nobody's place; those in doubt show one first. */
  #roomFor(owed: Owed, id: string, nowMs: number): number {
    if (isSilent(owed, nowMs)) {
      return 0
    }
    let room = MAX_DIGESTS_IN_FLIGHT
    for (const other of this.#owed.values()) {
      room -= isSilent(other, nowMs) ? 0 : other.roots.size
    }
    return this.#trust.isDoubtful(id) ? Math.min(room, 1 - owed.roots.size) : room
  }

  /** Whether the digests were asked of nobody, or only of others that are silent. */
  #mayAsk(id: string, root: string, nowMs: number): boolean {
    for (const asked of this.#askedOf.get(root) ?? []) {
      const owed = this.#owed.get(asked)
      if (asked === id || (owed !== undefined && !isSilent(owed, nowMs))) {
        return false
      }
    }
    return true
  }
}

function isSilent({ roots, heardAtMs }: Owed, nowMs: number): boolean {
  return roots.size > 0 && nowMs - heardAtMs > LATE_MIN_MS
}
