/** One connected peer, for the exchange: the streams to it, and what is under way on them. */
import type { Connection } from '@libp2p/interface'
import { DEFAULT_CHUNK_BYTE_LENGTH } from '../../core/chunks.ts'
import { OPEN_TIMEOUT_MS } from '../../engine/constants.ts'
import { Announcer } from '../../protocols/availability/index.ts'
import {
  type ChunkAnswer,
  ChunkClient,
  type ChunkClientInit,
  type ChunkWanted,
  LONG_ROUND_TRIP_MS,
  MAX_STREAMS_PER_PROVIDER,
  type ReceivedChunk,
  STREAMS_PER_PROVIDER
} from '../../protocols/chunk/index.ts'
import type { Member } from '../../protocols/coordination/index.ts'
import { DigestsClient } from '../../protocols/digests/index.ts'
import { STREAM_WINDOW_BYTE_LENGTH } from '../../protocols/wire.ts'

export interface RemoteStreamsInit
  extends Pick<
    ChunkClientInit,
    'allocate' | 'release' | 'byteLengthOf' | 'onFirstByte' | 'onBytes' | 'now' | 'intake'
  > {
  member: Member
  connection: Connection
  signal: AbortSignal
  /** Some digests arrived. */
  onDigests(byteLength: number): void
  /** The other side ended the stream of this peer's announcements. */
  onUnheard(): void
}

/** A stream to ask on, and the bytes outstanding on it. */
interface AskStream {
  client: Promise<ChunkClient>
  /** Undefined until it is open. */
  open: ChunkClient | undefined
  owedByteLength: number
}

export class RemoteStreams {
  readonly member: Member
  readonly connection: Connection
  readonly #init: RemoteStreamsInit
  readonly #streams = new Set<AskStream>()
  /** By chunk, the function that takes the ask back. */
  readonly #cancels = new Map<ChunkWanted, () => void>()
  /**
   * By chunk, the streams on which corrupt bytes of it arrived: few, because the second occurrence gets the provider
   * banned.
   */
  readonly #doubted = new Map<string, AskStream>()
  #digestsClient: Promise<DigestsClient> | undefined
  #announcer: Announcer | undefined
  #aborted = false
  /** The shortest, from an ask to the first byte of its answer without the wait at the provider. */
  #bestRoundTripMs: number | undefined

  constructor(init: RemoteStreamsInit) {
    this.#init = init
    this.member = init.member
    this.connection = init.connection
  }

  get peerId(): string {
    return this.member.peerId
  }

  /** Ends the wait for all digests that it owes: the callers that wait for them learn so. */
  giveUpDigests(): void {
    void this.#digestsClient?.then((client) => client.close()).catch(() => undefined)
  }

  /** Ends the streams on which it owes chunks: no requested chunk can arrive any more. */
  giveUpChunks(): void {
    for (const { client } of this.#streams) {
      void client.then((open) => open.close()).catch(() => undefined)
    }
  }

  /** Opens the stream of this peer's announcements. */
  async openAnnouncer(): Promise<void> {
    const { connection, onUnheard } = this.#init
    this.#announcer = await Announcer.open(connection, { onClose: onUnheard }, this.#openSignal())
  }

  /** Announces to it what is here; undefined before that stream is open. */
  get announcer(): Announcer | undefined {
    return this.#announcer
  }

  /** Asks for a chunk, or for any that only the provider has. Rejects when the stream cannot be opened or ends. */
  async ask(chunk: ChunkWanted | undefined): Promise<ChunkAnswer> {
    // The chunk of a slot is not known yet: assume the usual length.
    const byteLength = chunk?.byteLength ?? DEFAULT_CHUNK_BYTE_LENGTH
    const stream = this.#streamOfDoubted(chunk) ?? this.#streamToAsk(byteLength)
    stream.owedByteLength += byteLength
    try {
      const client = stream.open ?? (await this.#opened(stream))
      const { answer, cancel } = client.ask(chunk)
      if (chunk !== undefined) {
        this.#cancels.set(chunk, cancel)
      }
      return await answer
    } finally {
      stream.owedByteLength -= byteLength
      if (chunk !== undefined) {
        this.#cancels.delete(chunk)
      }
    }
  }

  /**
   * Tells the provider that a chunk it sent is corrupt, unless the chunk's stream has ended.
   *
   * @param onSpoilt the provider says that its disk corrupted the chunk, and has marked it as lost
   */
  complain({ chunk, client, id }: ReceivedChunk, onSpoilt: () => void): void {
    for (const stream of this.#streams) {
      if (stream.open === client) {
        this.#doubted.set(keyOf(chunk), stream)
        client.complain(id, onSpoilt)
      }
    }
  }

  /** Says that a requested chunk is no longer wanted. The ask is answered all the same. */
  cancel(root: string, chunkIndex: number): void {
    for (const [chunk, cancel] of this.#cancels) {
      if (chunk.root === root && chunk.chunkIndex === chunkIndex) {
        cancel()
      }
    }
  }

  /** All digests of a content, unchecked; undefined when it does not know them. */
  async digests(root: string, chunkCount: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#digestsClient ??= this.#openDigestsClient()
    const client = await this.#digestsClient
    return await client.fetch(root, chunkCount)
  }

  /** Ends the connection at once; everything under way is rejected. */
  abort(error: Error): void {
    // The streams end within this call, and their listeners may call it again: libp2p would throw the second time.
    if (!this.#aborted) {
      this.#aborted = true
      this.connection.abort(error)
    }
  }

  /** Sends the remaining news, and closes the streams. */
  async close(): Promise<void> {
    const clients = [...[...this.#streams].map(({ client }) => client), this.#digestsClient]
    await Promise.allSettled([
      this.#announcer?.close(),
      ...clients.filter((client) => client !== undefined).map(async (client) => (await client).close())
    ])
  }

  /**
   * A provider that is asked for the chunk again must read the complaint before. Only messages on one stream arrive in
   * their order.
   */
  #streamOfDoubted(chunk: ChunkWanted | undefined): AskStream | undefined {
    const stream =
      chunk === undefined || this.#doubted.size === 0 ? undefined : this.#doubted.get(keyOf(chunk))
    return stream !== undefined && this.#streams.has(stream) ? stream : undefined
  }

  async #opened(stream: AskStream): Promise<ChunkClient> {
    const client = await stream.client
    stream.open = client
    return client
  }

  /**
   * The stream with the fewest bytes outstanding, once all are open: two, and on a long path as many as it takes for no
   * answer to wait for its stream's window, which is open again a round trip after it was filled.
   */
  #streamToAsk(byteLength: number): AskStream {
    const isLong = (this.#bestRoundTripMs ?? 0) >= LONG_ROUND_TRIP_MS
    // The streams beyond the first two are unused when the path turns out to be short.
    let usable = isLong ? MAX_STREAMS_PER_PROVIDER : STREAMS_PER_PROVIDER
    let emptiest: AskStream | undefined
    for (const stream of this.#streams) {
      if (usable > 0 && stream.owedByteLength < (emptiest?.owedByteLength ?? Number.POSITIVE_INFINITY)) {
        emptiest = stream
      }
      usable--
    }
    const isFull = emptiest === undefined || emptiest.owedByteLength + byteLength >= STREAM_WINDOW_BYTE_LENGTH
    const enough = isFull && isLong ? MAX_STREAMS_PER_PROVIDER : STREAMS_PER_PROVIDER
    if (emptiest !== undefined && this.#streams.size >= enough) {
      return emptiest
    }
    const stream: AskStream = {
      client: this.#openChunkClient(() => this.#streams.delete(stream)),
      open: undefined,
      owedByteLength: 0
    }
    this.#streams.add(stream)
    return stream
  }

  async #openChunkClient(forget: () => void): Promise<ChunkClient> {
    const { connection } = this.#init
    try {
      const onFirstByte = (elapsedMs: number, waitedMs: number): void => {
        this.#bestRoundTripMs = Math.min(
          this.#bestRoundTripMs ?? Number.POSITIVE_INFINITY,
          elapsedMs - waitedMs
        )
        this.#init.onFirstByte(elapsedMs, waitedMs)
      }
      const init = { ...this.#init, onFirstByte, onClose: forget }
      return await ChunkClient.open(connection, init, this.#openSignal())
    } catch (error) {
      forget()
      throw error
    }
  }

  async #openDigestsClient(): Promise<DigestsClient> {
    const { connection, onDigests } = this.#init
    const onClose = (): void => {
      this.#digestsClient = undefined
    }
    try {
      return await DigestsClient.open(connection, { onReply: onDigests, onClose }, this.#openSignal())
    } catch (error) {
      onClose()
      throw error
    }
  }

  #openSignal(): AbortSignal {
    return AbortSignal.any([this.#init.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
  }
}

function keyOf({ root, chunkIndex }: ChunkWanted): string {
  return `${root}/${chunkIndex}`
}
