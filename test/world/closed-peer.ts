/**
 * The engine's driver in a closed world. Whatever a peer waits for (a read, a write, an opened stream, digests, the end of
 * a stream that broke) comes when the world pleases.
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
import { type ChunkStream, type Line, newStream, STREAMS_PER_PROVIDER } from './closed-line.js'
import { ClosedUploader } from './closed-uploader.js'
import { AskLedger } from './exchange-ledger.js'

/** What the world does for its peers. */
export interface Surroundings {
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
  note(line: string): void
}

/** How a peer can fail: it does not find a chunk that it told of, cannot read one, or got one with false bytes. */
export type Failing = 'not-held' | 'unreadable' | 'corrupt'

export interface ClosedContent {
  root: string
  chunkCount: number
  /** Who brought it. */
  holders: string[]
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
  readonly lines = new Map<string, Line>()
  readonly asks: AskLedger
  readonly #world: Surroundings
  readonly #engine: Engine
  readonly #uploader: ClosedUploader

  constructor(id: string, world: Surroundings, contents: readonly ClosedContent[], disk: Disk) {
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
    const known = contents.map(({ root, chunkCount, holders }) => {
      const stored = disk.held.get(root)
      return {
        root,
        key: root,
        byteLength: chunkCount * chunkByteLength,
        held: stored === undefined ? new Bitfield(chunkCount) : Bitfield.fromBytes(stored, chunkCount),
        origin: holders.length === 1 ? holders[0] : undefined,
        digestsKnown: disk.opened.has(root),
        wanted: true
      }
    })
    this.#engine.begin(known, world.otherCount, world.nowMs)
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

  connect(line: Line): void {
    const { remote } = line
    this.lines.set(remote.id, line)
    this.#uploader.grants.connected(line)
    this.#engine.connected(remote.id, this.#world.nowMs)
    this.#world.later(this, () => line.isInUse && this.#engine.greet(remote.id))
  }

  disconnect(line: Line): void {
    if (!line.isInUse) {
      return
    }
    const { id } = line.remote
    this.lines.delete(id)
    this.#uploader.grants.disconnected(line)
    this.#engine.disconnected(id, this.#world.nowMs)
    for (const stream of line.streams) {
      this.#failAsks(line, stream)
    }
    for (const content of line.digests) {
      this.#world.later(this, () => this.#digestsCame(line, content, 'unknown'))
    }
    for (const stream of line.back.streams) {
      this.#uploader.endStream(stream)
    }
    this.#engine.attendAll(this.#world.nowMs)
  }

  /** A stream on which it asks breaks; the connection goes on. */
  breakStream(line: Line, index: number): void {
    const stream = line.streams[index]
    if (stream !== undefined && line.isInUse) {
      stream.broken = true
      line.streams[index] = newStream()
      this.#failAsks(line, stream)
      this.#world.later(line.remote, () => line.remote.#uploader.endStream(stream))
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
      tellNews: (remote, news, status) => this.#tellNews(remote, news, status),
      tellSoon: () => this.#world.later(this, () => this.#engine.tellNews()),
      endChunkStreams: (remote) => {
        const line = this.lines.get(remote)
        for (const index of line?.streams.keys() ?? []) {
          this.#world.later(this, () => line !== undefined && this.breakStream(line, index))
        }
      },
      endDigestStream: () => assert.fail('digests that do not come'),
      disconnect: (remote) => {
        const line = this.lines.get(remote)
        if (line !== undefined) {
          this.#world.part(this, line.remote)
        }
      },
      banned: (remote) => assert.fail(`${remote} is banned, who is honest`)
    }
  }

  #failAsks(line: Line, broken: ChunkStream): void {
    for (const [id, { ask, stream }] of line.asks) {
      if (stream === broken) {
        line.asks.delete(id)
        this.asks.streamEnded(id)
        this.#world.later(this, () => this.#failed(line, id, ask, 'stream-closed'))
      }
    }
  }

  #tellHoldings(remote: string, content: Content | undefined): void {
    const line = this.lines.get(remote) ?? assert.fail(`${remote} is not connected`)
    const contents = [...this.state.contents()].filter((one) =>
      content === undefined ? one.open : one === content
    )
    const told = contents.map(({ root, held, firstChunk }) => ({
      root,
      bytes: held.toBytes(),
      chunks: [...held.held()].map((index) => firstChunk + index)
    }))
    line.send(line.news, (back) => {
      const { owner } = back
      for (const { root, chunks } of told) {
        back.known.add(root)
        for (const chunk of chunks) {
          back.claims.add(chunk)
        }
      }
      const holdings = told.map(({ root, bytes }) => ({ root, complete: false, bitfield: bytes }))
      owner.#engine.onHoldings(this.id, holdings, this.#world.nowMs)
      for (const { root, chunks } of told) {
        assert.equal(owner.state.remoteCount(this.id, owner.state.content(root)), chunks.length)
      }
    })
  }

  #tellNews(remote: string, news: readonly NewChunks[], status: PeerStatus | undefined): void {
    const line = this.lines.get(remote) ?? assert.fail(`${remote} is not connected`)
    const chunks = news.flatMap(({ root, chunkIndices }) =>
      chunkIndices.map((index) => this.state.chunkOf(root, index) ?? assert.fail())
    )
    line.send(line.news, (back) => back.owner.#hear(back, chunks, status))
  }

  #hear(line: Line, chunks: number[], status: PeerStatus | undefined): void {
    const { id } = line.remote
    const { nowMs } = this.#world
    for (const chunk of chunks) {
      line.claims.add(chunk)
      this.#uploader.grants.told(chunk, line)
    }
    for (const chunk of chunks) {
      const { root, chunkIndex } = this.state.refOf(chunk)
      this.#engine.onHaves(id, root, [chunkIndex], nowMs)
    }
    if (status !== undefined) {
      this.#engine.onStatus(id, status, nowMs)
    }
  }

  #ask(ask: Ask): void {
    const line = this.lines.get(ask.provider) ?? assert.fail(`${ask.provider} is not connected`)
    const { nowMs, random } = this.#world
    const id = this.#world.nextId()
    const chunk = ask.kind === 'chunk' ? ask.chunk : undefined
    this.#world.note(`${this.id} asks ${line.remote.id} for ${chunk ?? 'any'}`)
    if (chunk !== undefined) {
      assert.ok(!this.state.holds(chunk), `chunk ${chunk} is asked for and held`)
      assert.ok(line.claims.has(chunk), `chunk ${chunk} is asked of one who does not hold it`)
      assert.ok(this.state.contentOf(chunk).open, `chunk ${chunk} is asked for and cannot be checked`)
    }
    this.asks.made(id, line.remote.id, chunk, nowMs, this.lines.size)
    const stream = line.streams[Math.floor(random() * STREAMS_PER_PROVIDER)] ?? assert.fail()
    line.asks.set(id, { ask, stream, atMs: nowMs })
    line.send(stream.asks, (back) => back.owner.#uploader.takeAsk(back, stream, id, chunk))
  }

  #takeBack(remote: string, chunk: number): void {
    const line = this.lines.get(remote)
    for (const [id, { ask, stream }] of line?.asks ?? []) {
      if (line !== undefined && ask.kind === 'chunk' && ask.chunk === chunk) {
        this.#world.note(`${this.id} takes ${chunk} back from ${remote}`)
        line.send(stream.asks, (back) => back.owner.#uploader.takeCancel(back, stream, id))
      }
    }
  }

  /** They come some time, unless the connection ends before. */
  #askDigests(remote: string, content: Content): void {
    const line = this.lines.get(remote) ?? assert.fail(`${remote} is not connected`)
    line.digests.add(content)
    this.#world.later(this, () => {
      if (line.isInUse) {
        this.#digestsCame(line, content, 'true')
      }
    })
  }

  #digestsCame(line: Line, content: Content, outcome: 'true' | 'unknown'): void {
    line.digests.delete(content)
    this.#world.note(`${this.id} has the digests of ${content.root} from ${line.remote.id}: ${outcome}`)
    this.#engine.digestsCame(line.remote.id, content, outcome, this.#world.nowMs)
  }

  #failed(line: Line, id: number, ask: Ask, reason: AskFailure): void {
    this.#world.note(`${this.id} gets nothing from ${ask.provider}: ${reason}`)
    this.asks.settled(id)
    this.#engine.failed(ask, reason, this.#world.nowMs)
    if (ask.kind === 'chunk' && !this.state.remoteHolds(ask.provider, ask.chunk)) {
      line.claims.delete(ask.chunk)
    }
  }

  takeRefusal(line: Line, id: number, reason: AskFailure): void {
    const asked = line.asks.get(id)
    if (asked !== undefined) {
      line.asks.delete(id)
      this.#failed(line, id, asked.ask, reason)
    }
  }

  takeChunk(line: Line, id: number, { chunk, waitedMs }: ChunkUpload): void {
    const asked = line.asks.get(id)
    if (asked === undefined) {
      return
    }
    const { ask, atMs } = asked
    const { nowMs, chunkByteLength } = this.#world
    assert.ok(this.state.contentOf(chunk).open, `chunk ${chunk} comes and cannot be checked`)
    line.asks.delete(id)
    this.asks.arrived(id, chunk)
    this.#engine.onFirstByte(line.remote.id, nowMs - atMs - waitedMs)
    this.#engine.onBytes(line.remote.id, chunkByteLength, nowMs)
    this.#engine.arrived(ask, chunk, chunkByteLength, nowMs)
    this.#world.later(this, () => this.#settle(line, id, ask, chunk))
  }

  #settle(line: Line, id: number, ask: Ask, chunk: number): void {
    const isStored = !this.#world.fails(this, 'corrupt', chunk)
    this.#world.note(`${this.id} has ${chunk} from ${line.remote.id}: ${isStored}`)
    this.asks.settled(id)
    this.#engine.settled(ask, chunk, isStored ? 'stored' : 'failed', this.#world.nowMs)
  }
}
