/** Who comes in: what a host asks before anything of ours sees a connection or a stream that others open. */
import type { Connection } from '@libp2p/interface'

export interface Door {
  /** Whether this PeerId may have a connection that it opens. May take a moment. */
  letsIn(peerId: string): boolean | Promise<boolean>
  /** Whether a stream that the other side opens on the connection reaches the protocol's handler. */
  admits(connection: Connection, protocol: string): boolean
  /** Bytes that may come on a connection before it is admitted to everything; undefined: any number. */
  readonly maxStrangerBytes?: number
}
