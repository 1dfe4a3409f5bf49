/**
 * A connected peer: one object that is looked up once, when something comes from it, and handed on. Each part belongs to
 * the rule that its comment names, and ends with the connection; what outlives that is the peer's `Standing`. Pure.
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
  /** `SwarmState`: what it told that it holds. */
  readonly holdings: Holdings
  /** `Downloads`: what it was asked for. */
  readonly provider = new Provider()
  /** `Uploads`: what it asks for. */
  readonly getter = new Getter()
  /** `DigestAsks`: the contents whose digests it owes; and when any came, or it came to owe the first of these. */
  readonly digests = new Set<Content>()
  digestsAtMs = 0
  /** `News`: whether it is being told what is held here, and what it was told last of what others plan by. */
  greeted = false
  sentStatus: PeerStatus | undefined
  /** `Engine`: contents of which it refused a chunk because it cannot read it. */
  readonly unreadable = new Set<string>()
  /** When it last sent anything that shows that it lives, or came to owe an answer. */
  #heardAtMs: number
  /** It has begun to tell what it holds, so it goes on to. */
  #speaks = false

  constructor(id: string, nowMs = 0, standing: Standing = new Standing()) {
    this.id = id
    this.standing = standing
    this.holdings = new Holdings(id)
    this.#heardAtMs = nowMs
  }

  /** How long it has been silent although it owes answers or has news at least every HEARTBEAT_MS; 0 while neither. */
  silentMs(nowMs: number): number {
    return this.#isAwaited ? nowMs - this.#heardAtMs : 0
  }

  /** How long it has sent no digests although it owes some; 0 while it owes none. */
  digestsSilentMs(nowMs: number): number {
    return this.digests.size > 0 ? nowMs - this.digestsAtMs : 0
  }

  /** Anything came from it, so it lives. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs
  }

  /** A message about what it holds came from it. */
  spoke(nowMs: number): void {
    this.#speaks = true
    this.heard(nowMs)
  }

  /** It may come to owe an answer now: if nothing was awaited of it, its silence begins. */
  willOwe(nowMs: number): void {
    if (!this.#isAwaited) {
      this.#heardAtMs = nowMs
    }
  }

  get #isAwaited(): boolean {
    return this.#speaks || this.provider.owes || this.digests.size > 0
  }
}
