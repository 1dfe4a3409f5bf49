/** One connected peer as the exchange uses it: the streams to it, and what is under way on them. */
import type { Connection } from '@libp2p/interface'
import type { Announcer, AvailabilityService } from '../../protocols/availability/index.ts'
import type { Bitfield } from '../../protocols/bitfield.ts'
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
  /** The other side ended the stream on which it is told what is held here. */
  onUnheard(): void
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
  /** Chunks asked for and not yet stored or failed. */
  inFlight = 0
  /** Answers that it owes, of chunks and digests. */
  #awaited = 0
  /** When it last sent bytes of an answer, or came to owe one; on the clock of `now`. */
  #heardAtMs: number
  /** Nothing is asked of it before this time. */
  restUntilMs = 0

  constructor(init: ProviderInit) {
    this.#init = init
    this.member = init.member
    this.connection = init.connection
    this.#heardAtMs = init.now()
  }

  get peerId(): string {
    return this.member.peerId
  }

  /** How long it has been silent while it owes answers, in ms; 0 while it owes none. */
  get silentMs(): number {
    return this.#awaited === 0 ? 0 : this.#init.now() - this.#heardAtMs
  }

  /** Tells it all that is held here, on a stream that is opened the first time. */
  async greet(holdings: Iterable<{ root: string; held: Bitfield }>): Promise<void> {
    const { services, connection, onUnheard } = this.#init
    this.#announcer ??= await services.availability.open(connection, onUnheard, this.#openSignal())
    this.#announcer.announceAll(holdings)
  }

  /** Whether it is being told what is held here. */
  get greeted(): boolean {
    return this.#announcer !== undefined
  }

  announce(root: string, chunkIndex: number): void {
    this.#announcer?.announce(root, chunkIndex)
  }

  /** Asks for a chunk, on each of the streams in turn. Rejects when the stream cannot be opened or ends. */
  async request(chunk: ChunkRef): Promise<ChunkAnswer> {
    return await this.#await(async () => {
      const index = this.#nextStream
      this.#nextStream = (index + 1) % STREAMS_PER_PROVIDER
      this.#chunkClients[index] ??= this.#openChunkClient(index)
      const client = await this.#chunkClients[index]
      return await client.request(chunk)
    })
  }

  /** All digests of a content, unchecked; undefined when it does not know them. */
  async digests(root: string, chunkCount: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#await(async () => {
      this.#digestsClient ??= this.#openDigestsClient()
      const client = await this.#digestsClient
      const digests = await client.fetch(root, chunkCount)
      this.#heardAtMs = this.#init.now()
      return digests
    })
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
          this.#heardAtMs = now()
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
    const forget = (): void => {
      this.#digestsClient = undefined
    }
    try {
      return await services.digests.open(connection, forget, this.#openSignal())
    } catch (error) {
      forget()
      throw error
    }
  }

  /** Counts an answer as owed until it is here. */
  async #await<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#awaited === 0) {
      this.#heardAtMs = this.#init.now()
    }
    this.#awaited++
    try {
      return await ask()
    } finally {
      this.#awaited--
    }
  }

  #openSignal(): AbortSignal {
    return AbortSignal.any([this.#init.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
  }
}
