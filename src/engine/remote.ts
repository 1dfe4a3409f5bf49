/**
 * A connected peer: one object, looked up once when something arrives from it, and passed on. Each part belongs to the
 * rule that its comment names, and ends with the connection; the peer's `Standing` outlives that. Pure.
 */
import type { PeerStatus } from '../protocols/availability/index.ts'
import { Getter } from './getter.ts'
import { Holdings } from './holdings.ts'
import { Provider } from './provider.ts'
import { Standing } from './standing.ts'
import type { Content } from './swarm-state.ts'

export class Remote {
  /** Its PeerId. */
  readonly id: string
  readonly standing: Standing
  /** `SwarmState`: what it announced that it has. */
  readonly holdings: Holdings
  /** `Downloads`: what it was asked for. */
  readonly provider = new Provider()
  /** `Uploads`: what it asks for. */
  readonly getter = new Getter()
  /** `DigestAsks`: the contents whose digests it owes; and when any arrived, or it came to owe the first of these. */
  readonly digests = new Set<Content>()
  digestsAtMs = 0
  /** `News`: whether it receives the news of this peer, and the last status that it was sent. */
  greeted = false
  sentStatus: PeerStatus | undefined
  /** `Engine`: whether it may have announced contents that were not known here then, and is to announce them again. */
  missedClaims = false
  /** `Engine`: whether it asked to hear everything again, and when it last did. */
  asksHoldings = false
  toldAgainAtMs = Number.NEGATIVE_INFINITY
  /** `Engine`: contents of which it refused a chunk because it cannot read it. */
  readonly unreadable = new Set<string>()
  /** When it last sent anything that shows that it is alive, or came to owe an answer. */
  #heardAtMs: number
  /** It has begun to announce what it has, so it must go on. */
  #speaks = false

  constructor(id: string, nowMs = 0, standing: Standing = new Standing()) {
    this.id = id
    this.standing = standing
    this.holdings = new Holdings(id)
    this.#heardAtMs = nowMs
  }

  /**
   * How long it has been silent although it owes answers or must send news at least every HEARTBEAT_MS; otherwise 0.
   */
  silentMs(nowMs: number): number {
    return this.#isAwaited ? nowMs - this.#heardAtMs : 0
  }

  /** How long it has sent no digests although it owes some; 0 while it owes none. */
  digestsSilentMs(nowMs: number): number {
    return this.digests.size > 0 ? nowMs - this.digestsAtMs : 0
  }

  /** It sent something, so it is alive. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs
  }

  /** It sent a message about what it has. */
  spoke(nowMs: number): void {
    this.#speaks = true
    this.heard(nowMs)
  }

  /** It may come to owe an answer now: if nothing was expected of it, its silence begins. */
  willOwe(nowMs: number): void {
    if (!this.#isAwaited) {
      this.#heardAtMs = nowMs
    }
  }

  get #isAwaited(): boolean {
    return this.#speaks || this.provider.owes || this.digests.size > 0
  }
}
