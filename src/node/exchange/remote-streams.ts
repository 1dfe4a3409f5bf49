/** One connected peer as the exchange uses it: the streams to it, and what is under way on them. */
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
  /** Some digests came. */
  onDigests(byteLength: number): void
  /** The other side ended the stream on which it is told what is held here. */
  onUnheard(): void
}

/** A stream to ask on, and what it owes. */
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
  /** By chunk, how to take back what was asked for. */
  readonly #cancels = new Map<ChunkWanted, () => void>()
  /** By chunk, the streams on which false bytes of it came: few, as the second of them gets the provider banned. */
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

  /** Ends the wait for all digests that it owes: whoever waits for them is told so. */
  giveUpDigests(): void {
    void this.#digestsClient?.then((client) => client.close()).catch(() => undefined)
  }

  /** Ends the streams on which it owes chunks: nothing of what was asked for can come any more. */
  giveUpChunks(): void {
    for (const { client } of this.#streams) {
      void client.then((open) => open.close()).catch(() => undefined)
    }
  }

  /** Opens the stream on which it is told what is held here. */
  async openAnnouncer(): Promise<void> {
    const { connection, onUnheard } = this.#init
    this.#announcer = await Announcer.open(connection, { onClose: onUnheard }, this.#openSignal())
  }

  /** Tells it what is held here; undefined before that stream is open. */
  get announcer(): Announcer | undefined {
    return this.#announcer
  }

  /** Asks for a chunk, or for any that only the provider has. Rejects when the stream cannot be opened or ends. */
  async ask(chunk: ChunkWanted | undefined): Promise<ChunkAnswer> {
    // Nobody knows what comes in a slot: a chunk of the usual length.
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
   * Tells the provider that a chunk it sent is false. Not when the stream is over that it came on.
   *
   * @param onSpoilt the provider says that its disk spoilt the chunk, which it has lost now
   */
  complain({ chunk, client, id }: ReceivedChunk, onSpoilt: () => void): void {
    for (const stream of this.#streams) {
      if (stream.open === client) {
        this.#doubted.set(keyOf(chunk), stream)
        client.complain(id, onSpoilt)
      }
    }
  }

  /** Says that a chunk that was asked for is not wanted any more. It is answered all the same. */
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

  /** Ends the connection at once; whatever was under way is rejected. */
  abort(error: Error): void {
    // The streams end within, and whoever hears of that may call this again: libp2p would throw the second time.
    if (!this.#aborted) {
      this.#aborted = true
      this.connection.abort(error)
    }
  }

  /** Sends what is still to be told, and closes the streams. */
  async close(): Promise<void> {
    const clients = [...[...this.#streams].map(({ client }) => client), this.#digestsClient]
    await Promise.allSettled([
      this.#announcer?.close(),
      ...clients.filter((client) => client !== undefined).map(async (client) => (await client).close())
    ])
  }

  /** One who is asked for the chunk again is to read the complaint before. Only messages on one stream come in their order. */
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
   * The stream that owes least, once all are open: two, and on a long path as many as it takes for no answer to wait for
   * its stream's window, which is open again a round trip after it was filled.
   */
  #streamToAsk(byteLength: number): AskStream {
    const isLong = (this.#bestRoundTripMs ?? 0) >= LONG_ROUND_TRIP_MS
    // Those beyond the first two are left alone when the path turns out to be short.
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
