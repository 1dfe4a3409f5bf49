/** How a peer of the simulator answers others: truly, or as a liar would. */
import type { AskFailure } from '#potluck/engine/downloads.js'
import type { PeerStatus } from '#potluck/protocols/availability/index.js'

/** `none`: it takes the ask and never answers. `unknown`, of digests: it says that it does not know them. */
export type Answer = 'true' | 'false' | 'none' | 'unknown'

/**
 * What becomes of an ask that no scheduler has a say in: it fails for a reason, of which `stream-closed` ends all asks
 * of the stream; nothing comes; a false chunk; or the chunk that the provider always gives, whatever was asked for.
 */
export type Whim = { what: AskFailure | 'none' | 'false' | 'same'; delayMs: number }

/** What a peer tells that need not be so. */
export interface Tale {
  /** It takes back all that it told of what it holds. */
  isRetraction: boolean
  /** Chunks that it says to have. */
  chunks: readonly number[]
  status: PeerStatus
}

export interface Conduct {
  /** What it answers a getter that asks for a chunk. */
  chunk(getter: string): Answer
  /** And one that asks for digests. */
  digests(getter: string): Answer
  /** What it does with an ask as soon as that comes; undefined: what its scheduler says. */
  whim?(isSlot: boolean): Whim | undefined
  /** What it tells all others about twice a second. */
  tale?(chunkCount: number): Tale | undefined
  /** Whether it tells nobody what it gets. */
  isSecretive?: boolean
  /** How many chunks it asks each of the others for twice a second, whether it has them or not, beside what its scheduler wants. */
  greed?: number
}

export const HONEST: Conduct = { chunk: () => 'true', digests: () => 'true' }

/** Somebody who looks at what a peer makes of what it gets. */
export interface Watch {
  /** It asks a remote for a chunk, a slot or digests. */
  onAsk(peer: string, remote: string): void
  /** A chunk that was missing came from a remote. */
  onUseful(peer: string, remote: string): void
  /** What came from a remote was verified and is false. */
  onFalse(peer: string, remote: string): void
  /** It asks the remote for nothing more. */
  onBanned(peer: string, remote: string): void
}
