/** How a peer of the simulator answers others: truly, or as a liar would. */

/** `none`: it takes the ask and never answers. */
export type Answer = 'true' | 'false' | 'none'

export interface Conduct {
  /** What it answers a getter that asks for a chunk. */
  chunk(getter: string): Answer
  /** And one that asks for digests. */
  digests(getter: string): Answer
}

export const HONEST: Conduct = { chunk: () => 'true', digests: () => 'true' }

/** Somebody who looks at what a peer makes of what it gets. */
export interface Watch {
  /** It asks a remote for a chunk, a slot or digests. */
  onAsk(peer: string, remote: string): void
  /** What came from a remote was verified and is false. */
  onFalse(peer: string, remote: string): void
  /** It asks the remote for nothing more. */
  onBanned(peer: string, remote: string): void
}
