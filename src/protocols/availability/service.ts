/** The receiver's end: hands what others say of themselves to a listener, once that can understand it. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { toHex } from '../../core/hex.ts'
import { InboundStreams } from '../inbound.ts'
import { readMessages } from '../wire.ts'
import { AVAILABILITY_PROTOCOL, MAX_INBOUND_STREAMS } from './constants.ts'
import { Availability, type Holding, type PeerStatus } from './pb/messages.ts'
import { openStatus } from './status.ts'

/** What a peer says it holds of one content; `bitfield` as `Bitfield.toBytes()`, unchecked. */
export interface Claim {
  root: string
  complete: boolean
  bitfield: Uint8Array
}

export interface AvailabilityListener {
  /** Resolves once claims can be understood: the catalog is known. */
  ready(): Promise<void>
  onHoldings(remote: string, claims: Claim[]): void
  onHaves(remote: string, root: string, chunkIndices: number[]): void
  onStatus(remote: string, status: PeerStatus): void
}

export interface AvailabilityServiceInit {
  host: Libp2p
  listener: AvailabilityListener
}

export class AvailabilityService {
  readonly #listener: AvailabilityListener
  readonly #inbound: InboundStreams

  constructor({ host, listener }: AvailabilityServiceInit) {
    this.#listener = listener
    this.#inbound = new InboundStreams({
      host,
      protocol: AVAILABILITY_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream, { remotePeer }) => this.#listen(stream, remotePeer.toString())
    })
  }

  start(): Promise<void> {
    return this.#inbound.start()
  }

  stop(): Promise<void> {
    return this.#inbound.stop()
  }

  async #listen(stream: Stream, remote: string): Promise<void> {
    await this.#listener.ready()
    for await (const { holdings, haves, status } of readMessages(stream, Availability)) {
      if (holdings.length > 0) {
        this.#listener.onHoldings(remote, holdings.map(fromHolding))
        // A few bytes may be of millions of chunks: whatever else there is to do has its turn between two of these.
        await new Promise((resolve) => setImmediate(resolve))
      }
      for (const { root, chunkIndices } of haves) {
        this.#listener.onHaves(remote, toHex(root), chunkIndices)
      }
      if (status !== undefined) {
        this.#listener.onStatus(remote, openStatus(status))
      }
    }
  }
}

function fromHolding({ root, complete, bitfield }: Holding): Claim {
  return { root: toHex(root), complete, bitfield }
}
