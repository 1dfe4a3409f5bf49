/** A connected peer: what it owes, and when it was last heard of. Pure. */
import type { PeerStatus } from '../protocols/availability/index.ts'
import type { Ask } from './downloads.ts'
import type { Content } from './swarm-state.ts'

export class Remote {
  readonly id: string
  /** Whether it is being told what is held here, and what it was told last of what others plan by. */
  greeted = false
  sentStatus: PeerStatus | undefined
  /** Contents of which it refused a chunk because it cannot read it. */
  readonly unreadable = new Set<string>()
  /** What it owes. */
  readonly #asks = new Set<Ask>()
  readonly #digests = new Set<Content>()
  /** When it last sent anything that shows that it lives, or came to owe an answer. */
  #heardAtMs: number
  /** When the last digests came of it, or it came to owe the first of these. */
  #digestsAtMs = 0
  /** It has begun to tell what it holds, so it goes on to. */
  #speaks = false

  constructor(id: string, nowMs: number) {
    this.id = id
    this.#heardAtMs = nowMs
  }

  /** How long it has been silent although it owes answers or has news at least every HEARTBEAT_MS; 0 while neither. */
  silentMs(nowMs: number): number {
    return this.#owes || this.#speaks ? nowMs - this.#heardAtMs : 0
  }

  /** How long it has sent no digests although it owes some; 0 while it owes none. */
  digestsSilentMs(nowMs: number): number {
    return this.#digests.size > 0 ? nowMs - this.#digestsAtMs : 0
  }

  get #owes(): boolean {
    return this.#asks.size > 0 || this.#digests.size > 0
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

  digestsHeard(nowMs: number): void {
    this.#digestsAtMs = nowMs
    this.heard(nowMs)
  }

  asked(ask: Ask, nowMs: number): void {
    this.#willOwe(nowMs)
    this.#asks.add(ask)
  }

  askedDigests(content: Content, nowMs: number): void {
    this.#willOwe(nowMs)
    this.#digestsAtMs = this.#digests.size === 0 ? nowMs : this.#digestsAtMs
    this.#digests.add(content)
  }

  /** The answer is here, or will never be. One that a former connection owed changes nothing. */
  answered(ask: Ask): void {
    this.#asks.delete(ask)
  }

  answeredDigests(content: Content): void {
    this.#digests.delete(content)
  }

  #willOwe(nowMs: number): void {
    if (!this.#owes && !this.#speaks) {
      this.#heardAtMs = nowMs
    }
  }
}
