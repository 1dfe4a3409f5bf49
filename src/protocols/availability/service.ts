/** The receiver's end: passes announcements to a listener, once the listener can understand them. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { toHex } from '../../core/hex.ts'
import { MAX_BYTES_PER_SECOND } from '../../core/units.ts'
import { InboundStreams } from '../inbound.ts'
import { takeMessages } from '../take-messages.ts'
import { AVAILABILITY_PROTOCOL, MAX_INBOUND_STREAMS } from './constants.ts'
import { Availability, type PeerStatus } from './pb/messages.ts'

/** What a peer claims to have of one content; `bitfield` as `Bitfield.toBytes()`, unchecked. */
export interface Claim {
  root: string
  complete: boolean
  bitfield: Uint8Array
  /** Whether it does without the rest: then a bitfield without bytes says that it has nothing. */
  declined?: boolean | undefined
}

export interface AvailabilityListener {
  /** Resolves once claims can be understood: the catalog is known. */
  ready(): Promise<void>
  onHoldings(remote: string, claims: Claim[]): void
  onHaves(remote: string, root: string, chunkIndices: number[]): void
  onStatus(remote: string, status: PeerStatus): void
  onHoldingsAsked(remote: string): void
}

export class AvailabilityService extends InboundStreams {
  constructor({ host, listener }: { host: Libp2p; listener: AvailabilityListener }) {
    super({
      host,
      protocol: AVAILABILITY_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream, { remotePeer }) => listen(stream, remotePeer.toString(), listener)
    })
  }
}

async function listen(stream: Stream, remote: string, listener: AvailabilityListener): Promise<void> {
  await listener.ready()
  await takeMessages(stream, Availability, ({ holdings, haves, status, asksHoldings }) => {
    if (holdings.length > 0) {
      listener.onHoldings(
        remote,
        holdings.map((holding) => ({ ...holding, root: toHex(holding.root) }))
      )
    }
    for (const { root, chunkIndices } of haves) {
      listener.onHaves(remote, toHex(root), chunkIndices)
    }
    if (status !== undefined) {
      listener.onStatus(remote, openStatus(status))
    }
    if (asksHoldings === true) {
      listener.onHoldingsAsked(remote)
    }
    // A few bytes may announce millions of chunks, so other work has its turn between two messages.
    return holdings.length > 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined
  })
}

/** A received status, without an impossible rate: a `double` may be negative, infinite, or not a number. */
export function openStatus({ uplinkBytesPerSecond: rate, ...status }: PeerStatus): PeerStatus {
  return rate !== undefined && rate > 0 && rate <= MAX_BYTES_PER_SECOND
    ? { ...status, uplinkBytesPerSecond: rate }
    : status
}
