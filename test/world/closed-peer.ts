/**
 * The engine's driver in a closed world. The world chooses when each awaited event happens: a read, a write, an opened
 * stream, digests, the end of a broken stream.
 */
import assert from 'node:assert/strict'
import { Bitfield } from '#potluck/core/bitfield.js'
import type { Random } from '#potluck/core/random.js'
import type { Ask, AskFailure } from '#potluck/engine/downloads.js'
import { Engine } from '#potluck/engine/engine.js'
import type { Outbox } from '#potluck/engine/outbox.js'
import { type Content, SwarmState } from '#potluck/engine/swarm-state.js'
import type { ChunkUpload } from '#potluck/engine/uploads.js'
import type { NewChunks, PeerStatus } from '#potluck/protocols/availability/index.js'
import {
  type ChunkStream,
  type ClosedConnection,
  newStream,
  STREAMS_PER_PROVIDER
} from './closed-connection.js'
import { ClosedUploader } from './closed-uploader.js'
import { AskLedger } from './exchange-ledger.js'

/** What the world does for its peers. */
export interface World {
  readonly nowMs: number
  readonly random: Random
  readonly chunkByteLength: number
  readonly maxInFlight: number
  nextId(): number
  /** Something that happens in the peer's own process, some time. */
  later(peer: ClosedPeer, action: () => void): void
  /** How many others a peer has. */
  readonly otherCount: number
  /** Ends a connection, which is made again after a while. */
  part(one: ClosedPeer, other: ClosedPeer): void
  /** Whether the peer fails now at what it has to do. */
  fails(peer: ClosedPeer, how: Failing, chunk: number): boolean
  note(connection: string): void
}

/** How a peer can fail: it lacks a chunk that it announced, cannot read one, or received a corrupt one. */
export type Failing = 'not-held' | 'unreadable' | 'corrupt'

export interface ClosedContent {
  root: string
  chunkCount: number
  /** Who brought it. */
  holders: string[]
  /** Who does without it. */
  decliners: string[]
}

/** What is on a peer's disk: it outlives the process. */
export interface Disk {
  held: Map<string, Uint8Array>
  /** The contents whose digests are known. */
  opened: Set<string>
}

export class ClosedPeer {
  readonly id: string
  readonly state: SwarmState
  /** By the remote's id. */
  readonly connections = new Map<string, ClosedConnection>()
  readonly asks: AskLedger
  readonly #world: World
  readonly #engine: Engine
  readonly #uploader: ClosedUploader

  constructor(id: string, world: World, contents: readonly ClosedContent[], disk: Disk) {
    const { chunkByteLength, maxInFlight, random } = world
    this.id = id
    this.#world = world
    this.asks = new AskLedger(maxInFlight)
    const state = new SwarmState(random)
    this.state = state
    this.#engine = new Engine({
      self: id,
      state,
      chunkByteLength,
      options: { maxInFlight },
      outbox: this.#outbox()
    })
    this.#uploader = new ClosedUploader({ peer: this, world, engine: this.#engine })
    this.#begin(contents, disk)
  }

  /** A late content is in the catalog now. */
  learn(content: ClosedContent, disk: Disk): void {
    this.#begin([content], disk)
    this.#engine.attendAll(this.#world.nowMs)
  }

  #begin(contents: readonly ClosedContent[], disk: Disk): void {
    const { chunkByteLength, otherCount, nowMs } = this.#world
    const known = contents.map(({ root, chunkCount, holders, decliners }) => {
      const stored = disk.held.get(root)
      const declined = decliners.includes(this.id)
      return {
        root,
        key: root,
        byteLength: chunkCount * chunkByteLength,
        held: stored === undefined ? new Bitfield(chunkCount) : Bitfield.fromBytes(stored, chunkCount),
        origin: holders.length === 1 ? holders[0] : undefined,
        digestsKnown: disk.opened.has(root),
        wanted: !declined,
        declined
      }
    })
    this.#engine.begin(known, otherCount, nowMs)
  }

  get disk(): Disk {
    const contents = [...this.state.contents()]
    return {
      held: new Map(contents.map(({ root, held }) => [root, held.toBytes()])),
      opened: new Set(contents.filter(({ open }) => open).map(({ root }) => root))
    }
  }

  /** Whether nothing is owed by it or to it. */
  get isIdle(): boolean {
    return this.#uploader.isIdle && this.asks.openAsks === 0
  }

  connect(connection: ClosedConnection): void {
    const { remote } = connection
    this.connections.set(remote.id, connection)
    this.#uploader.grants.connected(connection)
    this.#engine.connected(remote.id, this.#world.nowMs)
    this.#world.later(this, () => connection.isInUse && this.#engine.greet(remote.id))
  }

  disconnect(connection: ClosedConnection): void {
    if (!connection.isInUse) {
      return
    }
    const { id } = connection.remote
    this.connections.delete(id)
    this.#uploader.grants.disconnected(connection)
    this.#engine.disconnected(id, this.#world.nowMs)
    for (const stream of connection.streams) {
      this.#failAsks(connection, stream)
    }
    for (const content of connection.digests) {
      this.#world.later(this, () => this.#digestsCame(connection, content, 'unknown'))
    }
    for (const stream of connection.back.streams) {
      this.#uploader.endStream(stream)
    }
    this.#engine.attendAll(this.#world.nowMs)
  }

  /** A stream on which it asks breaks; the connection goes on. */
  breakStream(connection: ClosedConnection, index: number): void {
    const stream = connection.streams[index]
    if (stream !== undefined && connection.isInUse) {
      stream.broken = true
      connection.streams[index] = newStream()
      this.#failAsks(connection, stream)
      this.#world.later(connection.remote, () => connection.remote.#uploader.endStream(stream))
    }
  }

  tick(): void {
    this.#engine.tick(this.#world.nowMs)
  }

  /** The disk lost a chunk. */
  lose(chunk: number): void {
    const { root, chunkIndex } = this.state.refOf(chunk)
    this.asks.lost(chunk)
    this.#engine.chunkLost(root, chunkIndex, this.#world.nowMs)
  }

  /** Carries out what the engine decides. */
  #outbox(): Outbox {
    return {
      ask: (ask) => this.#ask(ask),
      takeBack: (remote, chunk) => this.#takeBack(remote, chunk),
      askDigests: (remote, content) => this.#askDigests(remote, content),
      send: (reply) => this.#uploader.send(reply),
      refuse: (_getter, id, refusal) => this.#uploader.refuse(id, refusal),
      tellHoldings: (remote, content) => this.#tellHoldings(remote, content),
      askHoldings: (remote) => this.#askHoldings(remote),
      tellNews: (remote, news, status) => this.#tellNews(remote, news, status),
      tellSoon: () => this.#world.later(this, () => this.#engine.tellNews()),
      endChunkStreams: (remote) => {
        const connection = this.connections.get(remote)
        for (const index of connection?.streams.keys() ?? []) {
          this.#world.later(this, () => connection !== undefined && this.breakStream(connection, index))
        }
      },
      endDigestStream: () => assert.fail('digests that do not come'),
      disconnect: (remote) => {
        const connection = this.connections.get(remote)
        if (connection !== undefined) {
          this.#world.part(this, connection.remote)
        }
      },
      banned: (remote) => assert.fail(`${remote} is banned, who is honest`)
    }
  }

  #failAsks(connection: ClosedConnection, broken: ChunkStream): void {
    for (const [id, { ask, stream }] of connection.asks) {
      if (stream === broken) {
        connection.asks.delete(id)
        this.asks.streamEnded(id)
        this.#world.later(this, () => this.#failed(connection, id, ask, 'stream-closed'))
      }
    }
  }

  #tellHoldings(remote: string, content: Content | undefined): void {
    const connection = this.connections.get(remote) ?? assert.fail(`${remote} is not connected`)
    const contents = content === undefined ? [...this.state.holdings()] : [content]
    const told = contents.map(({ root, held, firstChunk, chunkCount, declined }) => ({
      root,
      all: Array.from({ length: chunkCount }, (_, index) => firstChunk + index),
      bytes: declined && held.count === 0 ? new Uint8Array() : held.toBytes(),
      chunks: [...held.held()].map((index) => firstChunk + index),
      declined
    }))
    connection.send(connection.news, (back) => {
      const { owner } = back
      const understood = told.filter(({ root }) => owner.state.content(root) !== undefined)
      for (const { root, all, chunks, declined } of understood) {
        if (!declined) {
          back.known.add(root)
        }
        // Announced again, they replace what was announced before.
        for (const chunk of all) {
          back.claims.delete(chunk)
        }
        for (const chunk of chunks) {
          back.claims.add(chunk)
        }
      }
      const holdings = told.map(({ root, bytes, declined }) => {
        return { root, complete: false, bitfield: bytes, declined }
      })
      owner.#engine.onHoldings(this.id, holdings, this.#world.nowMs)
      for (const { root, chunks } of understood) {
        const content = owner.state.content(root) ?? assert.fail()
        assert.equal(owner.#engine.remote(this.id)?.holdings.countOf(content), chunks.length)
      }
    })
  }

  #tellNews(remote: string, news: readonly NewChunks[], status: PeerStatus | undefined): void {
    const connection = this.connections.get(remote) ?? assert.fail(`${remote} is not connected`)
    connection.send(connection.news, (back) => back.owner.#hear(back, news, status))
  }

  #askHoldings(remote: string): void {
    const connection = this.connections.get(remote) ?? assert.fail(`${remote} is not connected`)
    connection.send(connection.news, ({ owner }) => owner.#engine.onHoldingsAsked(this.id, this.#world.nowMs))
  }

  #hear(connection: ClosedConnection, news: readonly NewChunks[], status: PeerStatus | undefined): void {
    const { id } = connection.remote
    const { nowMs } = this.#world
    for (const { root, chunkIndices } of news) {
      for (const index of chunkIndices) {
        const chunk = this.state.chunkOf(root, index)
        if (chunk !== undefined) {
          connection.claims.add(chunk)
          this.#uploader.grants.told(chunk, connection)
        }
        // One by one, as the engine learns them: it acts on each before it knows of the next.
        this.#engine.onHaves(id, root, [index], nowMs)
      }
    }
    if (status !== undefined) {
      this.#engine.onStatus(id, status, nowMs)
    }
  }

  #ask(ask: Ask): void {
    const { id: provider } = ask.provider
    const connection = this.connections.get(provider) ?? assert.fail(`${provider} is not connected`)
    const { nowMs, random } = this.#world
    const id = this.#world.nextId()
    const chunk = ask.kind === 'chunk' ? ask.chunk : undefined
    this.#world.note(`${this.id} asks ${connection.remote.id} for ${chunk ?? 'any'}`)
    if (chunk !== undefined) {
      assert.ok(!this.state.holds(chunk), `chunk ${chunk} is asked for and held`)
      assert.ok(connection.claims.has(chunk), `chunk ${chunk} is asked of one who does not hold it`)
      assert.ok(this.state.contentOf(chunk).open, `chunk ${chunk} is asked for and cannot be checked`)
    }
    this.asks.made(id, connection.remote.id, chunk, nowMs, this.connections.size)
    const stream = connection.streams[Math.floor(random() * STREAMS_PER_PROVIDER)] ?? assert.fail()
    connection.asks.set(id, { ask, stream, atMs: nowMs })
    connection.send(stream.asks, (back) => back.owner.#uploader.takeAsk(back, stream, id, chunk))
  }

  #takeBack(remote: string, chunk: number): void {
    const connection = this.connections.get(remote)
    for (const [id, { ask, stream }] of connection?.asks ?? []) {
      if (connection !== undefined && ask.kind === 'chunk' && ask.chunk === chunk) {
        this.#world.note(`${this.id} takes ${chunk} back from ${remote}`)
        connection.send(stream.asks, (back) => back.owner.#uploader.takeCancel(back, stream, id))
      }
    }
  }

  /** They come some time, unless the connection ends before. */
  #askDigests(remote: string, content: Content): void {
    const connection = this.connections.get(remote) ?? assert.fail(`${remote} is not connected`)
    connection.digests.add(content)
    this.#world.later(this, () => {
      if (connection.isInUse) {
        this.#digestsCame(connection, content, 'true')
      }
    })
  }

  #digestsCame(connection: ClosedConnection, content: Content, outcome: 'true' | 'unknown'): void {
    connection.digests.delete(content)
    this.#world.note(`${this.id} has the digests of ${content.root} from ${connection.remote.id}: ${outcome}`)
    this.#engine.digestsCame(connection.remote.id, content, outcome, this.#world.nowMs)
  }

  #failed(connection: ClosedConnection, id: number, ask: Ask, reason: AskFailure): void {
    this.#world.note(`${this.id} gets nothing from ${ask.provider.id}: ${reason}`)
    this.asks.settled(id)
    this.#engine.failed(ask, reason, this.#world.nowMs)
    if (ask.kind === 'chunk' && !ask.provider.holdings.has(ask.chunk)) {
      connection.claims.delete(ask.chunk)
    }
  }

  takeRefusal(connection: ClosedConnection, id: number, reason: AskFailure): void {
    const asked = connection.asks.get(id)
    if (asked !== undefined) {
      connection.asks.delete(id)
      this.#failed(connection, id, asked.ask, reason)
    }
  }

  takeChunk(connection: ClosedConnection, id: number, { chunk, waitedMs }: ChunkUpload): void {
    const asked = connection.asks.get(id)
    if (asked === undefined) {
      return
    }
    const { ask, atMs } = asked
    const { nowMs, chunkByteLength } = this.#world
    assert.ok(this.state.contentOf(chunk).open, `chunk ${chunk} comes and cannot be checked`)
    connection.asks.delete(id)
    this.asks.arrived(id, chunk)
    this.#engine.onFirstByte(connection.remote.id, nowMs - atMs - waitedMs)
    this.#engine.onBytes(connection.remote.id, chunkByteLength, nowMs)
    this.#engine.arrived(ask, chunk, chunkByteLength, nowMs)
    this.#world.later(this, () => this.#settle(connection, id, ask, chunk))
  }

  #settle(connection: ClosedConnection, id: number, ask: Ask, chunk: number): void {
    const isStored = !this.#world.fails(this, 'corrupt', chunk)
    this.#world.note(`${this.id} has ${chunk} from ${connection.remote.id}: ${isStored}`)
    this.asks.settled(id)
    this.#engine.settled(ask, chunk, isStored ? 'stored' : 'failed', this.#world.nowMs)
  }
}
