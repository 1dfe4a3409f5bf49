/** One connected peer as the exchange uses it: the streams to it, and what is under way on them. */
import type { Connection } from '@libp2p/interface'
import type { Announcer, AvailabilityService } from '../../protocols/availability/index.ts'
import {
  type ChunkAnswer,
  type ChunkClient,
  type ChunkService,
  STREAMS_PER_PROVIDER
} from '../../protocols/chunk/index.ts'
import type { Member } from '../../protocols/coordination/index.ts'
import type { DigestsClient, DigestsService } from '../../protocols/digests/index.ts'
import { OPEN_TIMEOUT_MS } from './constants.ts'
import type { ChunkRef } from './swarm-state.ts'

export interface ExchangeServices {
  availability: AvailabilityService
  chunk: ChunkService
  digests: DigestsService
}

export interface ProviderInit {
  member: Member
  connection: Connection
  services: ExchangeServices
  signal: AbortSignal
  allocate(byteLength: number): ArrayBuffer
  now(): number
}

export class Provider {
  readonly member: Member
  readonly connection: Connection
  readonly #init: ProviderInit
  readonly #chunkClients: (Promise<ChunkClient> | undefined)[] = Array.from({ length: STREAMS_PER_PROVIDER })
  #digestsClient: Promise<DigestsClient> | undefined
  #announcer: Announcer | undefined
  #nextStream = 0
  /** Requests asked for and not yet stored or failed. */
  inFlight = 0
  /** When it last sent anything that was asked for, or was first asked after a silence; on the clock of `now`. */
  heardAtMs: number
  /** Nothing is asked of it before this time. */
  restUntilMs = 0

  constructor(init: ProviderInit) {
    this.#init = init
    this.member = init.member
    this.connection = init.connection
    this.heardAtMs = init.now()
  }

  get peerId(): string {
    return this.member.peerId
  }

  /** Opens the stream on which it is told what is held here. */
  async openAnnouncer(): Promise<Announcer> {
    const { services, connection } = this.#init
    this.#announcer = await services.availability.open(connection, this.#openSignal())
    return this.#announcer
  }

  announce(root: string, chunkIndex: number): void {
    this.#announcer?.announce(root, chunkIndex)
  }

  /** Asks for a chunk, on each of the streams in turn. Rejects when the stream cannot be opened or ends. */
  async request(chunk: ChunkRef): Promise<ChunkAnswer> {
    if (this.inFlight === 1) {
      this.heardAtMs = this.#init.now()
    }
    const index = this.#nextStream
    this.#nextStream = (index + 1) % STREAMS_PER_PROVIDER
    this.#chunkClients[index] ??= this.#openChunkClient(index)
    const client = await this.#chunkClients[index]
    return client.request(chunk)
  }

  /** All digests of a content, unchecked; undefined when it does not know them. */
  async digests(root: string, chunkCount: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#digestsClient ??= this.#openDigestsClient()
    const client = await this.#digestsClient
    if (!client.open) {
      this.#digestsClient = undefined
    }
    return client.fetch(root, chunkCount)
  }

  /** Ends the connection at once; whatever was under way is rejected. */
  abort(error: Error): void {
    this.connection.abort(error)
  }

  /** Sends what is still to be told, and closes the streams. */
  async close(): Promise<void> {
    const clients = [...this.#chunkClients, this.#digestsClient].filter((client) => client !== undefined)
    await Promise.allSettled([
      this.#announcer?.close(),
      ...clients.map(async (client) => (await client).close())
    ])
  }

  async #openChunkClient(index: number): Promise<ChunkClient> {
    const { services, connection, allocate, now } = this.#init
    const forget = (): void => {
      this.#chunkClients[index] = undefined
    }
    try {
      const init = {
        allocate,
        onBytes: () => {
          this.heardAtMs = now()
        },
        onClose: forget
      }
      return await services.chunk.open(connection, init, this.#openSignal())
    } catch (error) {
      forget()
      throw error
    }
  }

  async #openDigestsClient(): Promise<DigestsClient> {
    const { services, connection } = this.#init
    try {
      return await services.digests.open(connection, this.#openSignal())
    } catch (error) {
      this.#digestsClient = undefined
      throw error
    }
  }

  #openSignal(): AbortSignal {
    return AbortSignal.any([this.#init.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
  }
}
