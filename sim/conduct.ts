/** How a peer of the simulator answers others: truthfully, or as a liar would. */
import type { AskFailure } from '#potluck/engine/downloads.js'
import type { PeerStatus } from '#potluck/protocols/availability/index.js'

/** `none`: it accepts the ask and never answers. `unknown`, for digests: it says that it does not know them. */
export type Answer = 'true' | 'false' | 'none' | 'unknown'

/**
 * The outcome of an ask without the scheduler: it fails for a reason, of which `stream-closed` ends all asks of the
 * stream; nothing happens; a corrupt chunk; or the chunk that the provider always sends, whatever was asked for.
 */
export type Whim = { what: AskFailure | 'none' | 'false' | 'same'; delayMs: number }

/** Statements of a peer that may be false. */
export interface Tale {
  /** It takes back everything that it announced. */
  isRetraction: boolean
  /** Chunks that it claims to have. */
  chunks: readonly number[]
  status: PeerStatus
}

export interface Conduct {
  /** Its answer to a getter that asks for a chunk. */
  chunk(getter: string): Answer
  /** Its answer to a getter that asks for digests. */
  digests(getter: string): Answer
  /** What it does with an ask on arrival; undefined: what its scheduler decides. */
  whim?(isSlot: boolean): Whim | undefined
  /** What it announces to all others twice per second. */
  tale?(chunkCount: number): Tale | undefined
  /** Whether it announces nothing that it gets. */
  isSecretive?: boolean
  /**
   * How many chunks it asks each of the others for twice per second, whether they have them or not, besides what its
   * scheduler wants.
   */
  greed?: number
}

export const HONEST: Conduct = { chunk: () => 'true', digests: () => 'true' }

/** An observer of what a peer does with what it receives. */
export interface Watch {
  /** It asks a remote for a chunk, a slot or digests. */
  onAsk(peer: string, remote: string): void
  /** A missing chunk arrived from a remote. */
  onUseful(peer: string, remote: string): void
  /** Data from a remote was verified and is corrupt. */
  onFalse(peer: string, remote: string): void
  /** It stops using the remote as a source. */
  onBanned(peer: string, remote: string): void
}
