/**
 * The engine's driver in the simulator: messages on the modelled network instead of streams. Verifying and storing a
 * chunk takes no time here: a liar's data is marked as corrupt, and verification finds the mark.
 */

import { Bitfield } from '#potluck/core/bitfield.js'
import type { Random } from '#potluck/core/random.js'
import type { Ask, AskFailure } from '#potluck/engine/downloads.js'
import { Engine, type EngineContent } from '#potluck/engine/engine.js'
import { havesOf } from '#potluck/engine/news.js'
import type { EngineOptions } from '#potluck/engine/options.js'
import type { Outbox } from '#potluck/engine/outbox.js'
import type { Scheduler } from '#potluck/engine/scheduler.js'
import { type Content, SwarmState } from '#potluck/engine/swarm-state.js'
import type { ChunkUpload } from '#potluck/engine/uploads.js'
import type { Claim, NewChunks, PeerStatus } from '#potluck/protocols/availability/index.js'
import {
  ASK_BYTE_LENGTH,
  CANCEL_BYTE_LENGTH,
  DIGESTS_ASK_BYTE_LENGTH,
  digestsByteLength,
  holdingsByteLength,
  newsByteLength,
  REFUSAL_BYTE_LENGTH,
  replyByteLength,
  SLOT_BYTE_LENGTH
} from './byte-lengths.ts'
import { Timer, type VirtualClock } from './clock.ts'
import { type Answer, type Conduct, HONEST, type Watch, type Whim } from './conduct.ts'
import type { Direction, Network } from './network.ts'
import type { SimulatedSchedulerInit } from './scheduler.ts'

/** How often a peer checks conditions that no message triggers, as its process does. */
const TICK_MS = 500

/** The pause before an ended connection is made again, as in the mesh. */
const REDIAL_MS = 1000

/** One file. */
export interface SimulatedContent {
  root: string
  chunkCount: number
  /** The only peer that brought it; undefined when there are several. */
  origin: string | undefined
  /** The ids of the peers that do without it; left out if all want it. */
  decliners?: ReadonlySet<string>
}

export interface SimulatedPeerInit {
  id: string
  /** Its number in the network. */
  index: number
  clock: VirtualClock
  network: Network
  random: Random
  scheduler(init: SimulatedSchedulerInit): Scheduler
  engineOptions?: Partial<EngineOptions> | undefined
  contents: readonly SimulatedContent[]
  chunkByteLength: number
  /** How many other peers it should be connected to. */
  members: number
  /** The contents that it has at the start. */
  holds(content: SimulatedContent, chunkIndex: number): boolean
  /** The factor by which its announced uplink is wrong. */
  estimateFactor: number
  /** How often it processes announcements: 0 for at once, each time. */
  attentionMs: number
  /** How it answers: honestly by default. */
  conduct?: Conduct
  /** Whether it must ask for the digests of contents that it lacks; by default it knows them all. */
  asksDigests?: boolean
  watch?: Watch
  onStored(peer: SimulatedPeer): void
  nextAskId(): number
}

interface ReceivedChunk {
  chunk: number
  isFalse: boolean
  firstByteAtMs: number
  waitedMs: number
}

/** The announcement of all holdings, from when this many chunks were missing. */
interface Picture {
  missingChunks: number
  holdings: readonly Claim[]
  byteLength: number
}

/** The other end of a connection, and the asks there. */
interface Neighbour {
  peer: SimulatedPeer
  out: Direction
  asks: Map<number, { ask: Ask; atMs: number }>
  /** By root, contents whose digests were asked for. */
  digests: Map<string, Content>
}

export class SimulatedPeer {
  readonly id: string
  readonly index: number
  readonly state: SwarmState
  /** Bytes that it sent on its connections: of chunks, and all others. */
  sentChunkBytes = 0
  controlBytes = 0
  /** Chunks of its own file that it sent. */
  ownChunksSent = 0
  /** Bytes of chunks that arrived a second time. */
  duplicateBytes = 0
  readonly #init: SimulatedPeerInit
  readonly #engine: Engine
  readonly #conduct: Conduct
  readonly #neighbours = new Map<string, Neighbour>()
  /** By its id, whether an ask that waits here is a slot. */
  readonly #waiting = new Map<number, boolean>()
  #lastPicture: Picture | undefined
  readonly #newsTimer = new Timer(() => this.#engine.tellNews())
  readonly #tickTimer = new Timer(() => this.#tick())
  readonly #attentionTimer = new Timer(() => this.#attend())
  #attendedAtMs = Number.NEGATIVE_INFINITY

  constructor(init: SimulatedPeerInit) {
    this.#init = init
    const { id, chunkByteLength, random, clock } = init
    this.id = id
    this.index = init.index
    this.#conduct = init.conduct ?? HONEST
    const state = new SwarmState(random)
    this.state = state
    this.#engine = new Engine({
      self: id,
      state,
      scheduler: (ofPeer) => init.scheduler({ ...ofPeer, random }),
      chunkByteLength,
      options: init.engineOptions,
      outbox: this.#outbox(),
      attendSoon: init.attentionMs === 0 ? undefined : () => this.#attendSoon()
    })
    this.#engine.begin(
      init.contents.map((content) => this.#contentOf(content)),
      init.members,
      clock.nowMs
    )
    clock.set(this.#tickTimer, clock.nowMs + random() * TICK_MS)
  }

  /** A new connection: its direction away from this peer. */
  connect(peer: SimulatedPeer, out: Direction): void {
    this.#disconnect(this.#neighbours.get(peer.id))
    const neighbour = { peer, out, asks: new Map(), digests: new Map() }
    this.#neighbours.set(peer.id, neighbour)
    this.#engine.connected(peer.id, this.#nowMs)
    this.#engine.greet(peer.id)
    this.#engine.attendAll(this.#nowMs)
  }

  /** Its process ends. The others learn of it when the network reports it. */
  stop(): void {
    const { clock } = this.#init
    this.#engine.stop()
    for (const neighbour of this.#neighbours.values()) {
      this.#hangUp(neighbour)
    }
    this.#neighbours.clear()
    clock.set(this.#newsTimer, Number.POSITIVE_INFINITY)
    clock.set(this.#tickTimer, Number.POSITIVE_INFINITY)
    clock.set(this.#attentionTimer, Number.POSITIVE_INFINITY)
  }

  get #nowMs(): number {
    return this.#init.clock.nowMs
  }

  #contentOf(content: SimulatedContent): EngineContent {
    const { chunkByteLength, holds, asksDigests } = this.#init
    const { root, chunkCount, origin, decliners } = content
    const declined = decliners?.has(this.id) === true
    const held = new Bitfield(chunkCount)
    for (let chunkIndex = 0; chunkIndex < chunkCount; chunkIndex++) {
      if (holds(content, chunkIndex)) {
        held.add(chunkIndex)
      }
    }
    const digestsKnown = asksDigests !== true || held.complete
    return {
      root,
      key: root,
      byteLength: chunkCount * chunkByteLength,
      held,
      origin,
      digestsKnown,
      wanted: !declined,
      declined
    }
  }

  /** Carries out what the engine decides. */
  #outbox(): Outbox {
    return {
      ask: (ask) => this.#ask(ask),
      takeBack: (remote, chunk) => this.#takeBack(remote, chunk),
      askDigests: (remote, content) => this.#askDigests(remote, content),
      send: (reply) => this.#reply(reply),
      refuse: (getter, id, refusal) => {
        this.#waiting.delete(id)
        this.#refuse(getter, id, refusal)
      },
      tellHoldings: (remote, content) => this.#tellHoldings(remote, content),
      askHoldings: (remote) => this.#askHoldings(remote),
      tellNews: (remote, news, status) => this.#tellNews(remote, news, status),
      tellSoon: (afterMs) => this.#init.clock.set(this.#newsTimer, this.#nowMs + afterMs),
      endChunkStreams: (remote) => this.#later(remote, (neighbour) => this.#failAsks(neighbour, () => true)),
      endDigestStream: (remote) => this.#later(remote, (neighbour) => this.#failDigests(neighbour)),
      disconnect: (remote) => this.#later(remote, (neighbour) => this.#redial(neighbour)),
      banned: (remote) => this.#init.watch?.onBanned(this.id, remote)
    }
  }

  /** At this moment, after the engine has returned; unless the connection is another one then. */
  #later(remote: string, action: (neighbour: Neighbour) => void): void {
    const neighbour = this.#neighbours.get(remote)
    this.#init.clock.at(this.#nowMs, () => {
      if (neighbour !== undefined && this.#neighbours.get(remote) === neighbour) {
        action(neighbour)
      }
    })
  }

  /** Ends a connection; the other side learns of it when the network reports it. */
  #hangUp({ peer, out }: Neighbour): void {
    const { clock, network } = this.#init
    network.close(out)
    const back = peer.#neighbours.get(this.id)
    if (back !== undefined) {
      network.close(back.out)
      clock.at(clock.nowMs + out.latencyMs, () => peer.#disconnect(back))
    }
  }

  /** Ends a connection over which nothing arrives, and makes a new one after a while. */
  #redial(neighbour: Neighbour): void {
    const { peer, out } = neighbour
    const { clock, network } = this.#init
    this.#hangUp(neighbour)
    this.#disconnect(neighbour)
    clock.at(clock.nowMs + out.latencyMs + REDIAL_MS, () => {
      const isOver = !this.#tickTimer.pending || !peer.#tickTimer.pending
      if (!isOver && !this.#neighbours.has(peer.id) && !peer.#neighbours.has(this.id)) {
        this.connect(peer, network.open(this.index, peer.index, out.latencyMs))
        peer.connect(this, network.open(peer.index, this.index, out.latencyMs))
      }
    })
  }

  #disconnect(neighbour: Neighbour | undefined): void {
    if (neighbour === undefined || this.#neighbours.get(neighbour.peer.id) !== neighbour) {
      return
    }
    const { id } = neighbour.peer
    this.#neighbours.delete(id)
    this.#engine.disconnected(id, this.#nowMs)
    this.#failAsks(neighbour, () => true)
    this.#failDigests(neighbour)
  }

  /** Some of the asks there will have no result. */
  #failAsks({ asks }: Neighbour, isOver: (id: number) => boolean): void {
    for (const [id, { ask }] of asks) {
      if (isOver(id)) {
        asks.delete(id)
        this.#engine.failed(ask, 'stream-closed', this.#nowMs)
      }
    }
  }

  #failDigests({ peer, digests }: Neighbour): void {
    for (const [root, content] of digests) {
      digests.delete(root)
      this.#engine.digestsCame(peer.id, content, 'unknown', this.#nowMs)
    }
  }

  #tick(): void {
    const { clock } = this.#init
    clock.set(this.#tickTimer, clock.nowMs + TICK_MS)
    this.#engine.tick(clock.nowMs)
    this.#tellTale()
    this.#askGreedily()
  }

  #attendSoon(): void {
    const { clock, attentionMs } = this.#init
    if (!this.#attentionTimer.pending) {
      clock.set(this.#attentionTimer, Math.max(clock.nowMs, this.#attendedAtMs + attentionMs))
    }
  }

  #attend(): void {
    this.#attendedAtMs = this.#nowMs
    this.#engine.attend(this.#nowMs)
  }

  #tellHoldings(remote: string, content: Content | undefined): void {
    const neighbour = this.#neighbours.get(remote)
    if (content !== undefined) {
      // It was not announced before, so the picture does not include it either.
      this.#lastPicture = undefined
    }
    if (neighbour !== undefined) {
      const { holdings, byteLength } = content === undefined ? this.#picture() : pictureOf([content])
      this.#send(neighbour, byteLength, (peer) => peer.#engine.onHoldings(this.id, holdings, peer.#nowMs))
    }
  }

  #askHoldings(remote: string): void {
    const neighbour = this.#neighbours.get(remote)
    if (neighbour !== undefined) {
      this.#send(neighbour, newsByteLength(0, 0, false), (peer) =>
        peer.#engine.onHoldingsAsked(this.id, peer.#nowMs)
      )
    }
  }

  #tellNews(remote: string, news: readonly NewChunks[], status: PeerStatus | undefined): void {
    const neighbour = this.#neighbours.get(remote)
    const haves = this.#conduct.isSecretive === true ? [] : news
    if (neighbour !== undefined && (haves.length > 0 || status !== undefined)) {
      const chunkCount = haves.reduce((sum, { chunkIndices }) => sum + chunkIndices.length, 0)
      const estimated = status && this.#misjudged(status)
      this.#send(neighbour, newsByteLength(haves.length, chunkCount, status !== undefined), (peer) =>
        peer.#hear(this.id, haves, estimated)
      )
    }
  }

  /** The status with the wrong estimate of the uplink. */
  #misjudged({ uplinkBytesPerSecond, ...others }: PeerStatus): PeerStatus {
    return {
      ...(uplinkBytesPerSecond === undefined
        ? {}
        : { uplinkBytesPerSecond: uplinkBytesPerSecond * this.#init.estimateFactor }),
      ...others
    }
  }

  /** All holdings. Computed once for all receivers while nothing is stored: at the start there are many. */
  #picture(): Picture {
    const { missingChunks } = this.state
    if (this.#lastPicture?.missingChunks !== missingChunks) {
      this.#lastPicture = { missingChunks, ...pictureOf(this.state.holdings()) }
    }
    return this.#lastPicture
  }

  /** Sends a message without a chunk on the connection. */
  #send(neighbour: Neighbour, byteLength: number, deliver: (peer: SimulatedPeer) => void): void {
    this.controlBytes += byteLength
    this.#init.network.send(neighbour.out, byteLength, () => deliver(neighbour.peer))
  }

  #hear(remote: string, news: readonly NewChunks[], status: PeerStatus | undefined): void {
    if (!this.#neighbours.has(remote)) {
      return
    }
    for (const { root, chunkIndices } of news) {
      this.#engine.onHaves(remote, root, chunkIndices, this.#nowMs)
    }
    if (status !== undefined) {
      this.#engine.onStatus(remote, status, this.#nowMs)
    }
  }

  #ask(ask: Ask): void {
    const { nextAskId, watch } = this.#init
    const neighbour = this.#neighbours.get(ask.provider.id)
    if (neighbour === undefined) {
      return
    }
    const id = nextAskId()
    const chunk = ask.kind === 'chunk' ? ask.chunk : undefined
    neighbour.asks.set(id, { ask, atMs: this.#nowMs })
    watch?.onAsk(this.id, ask.provider.id)
    this.#send(neighbour, chunk === undefined ? SLOT_BYTE_LENGTH : ASK_BYTE_LENGTH, (peer) =>
      peer.#takeAsk(this.id, id, chunk)
    )
  }

  #takeBack(remote: string, chunk: number): void {
    const neighbour = this.#neighbours.get(remote)
    for (const [id, { ask }] of neighbour?.asks ?? []) {
      if (neighbour !== undefined && ask.kind === 'chunk' && ask.chunk === chunk) {
        this.#send(neighbour, CANCEL_BYTE_LENGTH, (peer) =>
          peer.#engine.askTakenBack(this.id, id, peer.#nowMs)
        )
      }
    }
  }

  #askDigests(remote: string, content: Content): void {
    const neighbour = this.#neighbours.get(remote)
    if (neighbour !== undefined) {
      neighbour.digests.set(content.root, content)
      this.#init.watch?.onAsk(this.id, remote)
      this.#send(neighbour, DIGESTS_ASK_BYTE_LENGTH, (peer) => peer.#sendDigests(this.id, content.root))
    }
  }

  #sendDigests(getter: string, root: string): void {
    const neighbour = this.#neighbours.get(getter)
    const answer = this.#conduct.digests(getter)
    if (neighbour !== undefined && answer !== 'none') {
      const { chunkCount = 0 } = this.#init.contents.find((content) => content.root === root) ?? {}
      const byteLength = digestsByteLength(answer === 'unknown' ? 0 : chunkCount)
      this.#send(neighbour, byteLength, (peer) => peer.#takeDigests(this.id, root, answer, byteLength))
    }
  }

  #takeDigests(remote: string, root: string, answer: Exclude<Answer, 'none'>, byteLength: number): void {
    const neighbour = this.#neighbours.get(remote)
    const content = neighbour?.digests.get(root)
    if (neighbour === undefined || content === undefined) {
      return
    }
    neighbour.digests.delete(root)
    this.#engine.onDigestsReply(remote, byteLength, this.#nowMs)
    if (answer === 'false') {
      this.#init.watch?.onFalse(this.id, remote)
    }
    this.#engine.digestsCame(remote, content, answer, this.#nowMs)
  }

  #takeAsk(getter: string, id: number, chunk: number | undefined): void {
    const whim = this.#conduct.whim?.(chunk === undefined)
    if (whim !== undefined) {
      const { clock } = this.#init
      clock.at(clock.nowMs + whim.delayMs, () => this.#indulge(whim, getter, id, chunk))
      return
    }
    this.#waiting.set(id, chunk === undefined)
    if (chunk === undefined) {
      this.#engine.askedForAny(getter, id, this.#nowMs)
    } else {
      this.#engine.askedFor(getter, id, chunk, this.#nowMs)
    }
  }

  /** Answers an ask in the peer's own way. */
  #indulge({ what }: Whim, getter: string, id: number, wanted: number | undefined): void {
    const neighbour = this.#neighbours.get(getter)
    if (neighbour === undefined || what === 'none') {
      return
    }
    if (what !== 'same' && what !== 'false') {
      this.#refuse(getter, id, what)
      return
    }
    const { chunkByteLength, network } = this.#init
    const own = [...this.state.contents()].find(({ origin }) => origin === this.id)
    const chunk = wanted ?? own?.firstChunk
    if (chunk === undefined) {
      this.#refuse(getter, id, 'stream-closed')
      return
    }
    const isFalse = what === 'false'
    network.send(neighbour.out, replyByteLength(chunkByteLength, wanted === undefined), (firstByteAtMs) =>
      neighbour.peer.#takeChunk(this.id, id, { chunk, isFalse, firstByteAtMs, waitedMs: 0 })
    )
  }

  /** Announces something to all neighbours that may be false. */
  #tellTale(): void {
    const tale = this.#conduct.tale?.(this.state.chunkCount)
    if (tale === undefined) {
      return
    }
    const { chunks, status, isRetraction } = tale
    const holdings = [...this.state.contents()].map(({ root, chunkCount }) => ({
      root,
      complete: false,
      bitfield: new Bitfield(chunkCount).toBytes()
    }))
    const news = havesOf(this.state, chunks)
    for (const neighbour of this.#neighbours.values()) {
      this.#send(neighbour, newsByteLength(holdings.length, chunks.length, true), (peer) => {
        if (isRetraction) {
          peer.#engine.onHoldings(this.id, holdings, peer.#nowMs)
        }
        peer.#hear(this.id, news, status)
      })
    }
  }

  /** Asks the others for more than it needs; no one checks the results. */
  #askGreedily(): void {
    const { random, nextAskId } = this.#init
    for (const neighbour of this.#neighbours.values()) {
      for (let count = 0; count < (this.#conduct.greed ?? 0); count++) {
        const chunk = Math.floor(random() * this.state.chunkCount)
        const id = nextAskId()
        this.#send(neighbour, ASK_BYTE_LENGTH, (peer) => peer.#takeAsk(this.id, id, chunk))
      }
    }
  }

  #refuse(getter: string, id: number, reason: AskFailure): void {
    const neighbour = this.#neighbours.get(getter)
    if (neighbour !== undefined) {
      this.#send(neighbour, REFUSAL_BYTE_LENGTH, (peer) => peer.#takeRefusal(this.id, id, reason))
    }
  }

  #reply(reply: ChunkUpload): void {
    const { id, chunk, waitedMs } = reply
    const getter = reply.getter.id
    const neighbour = this.#neighbours.get(getter)
    const slot = this.#waiting.get(id) === true
    this.#waiting.delete(id)
    const answer = this.#conduct.chunk(getter)
    if (neighbour === undefined || answer === 'none') {
      return
    }
    const { chunkByteLength, network } = this.#init
    const byteLength = replyByteLength(chunkByteLength, slot)
    this.sentChunkBytes += chunkByteLength
    this.controlBytes += byteLength - chunkByteLength
    this.ownChunksSent += this.state.originOf(chunk) === this.id ? 1 : 0
    network.send(
      neighbour.out,
      byteLength,
      (firstByteAtMs) => {
        const isFalse = answer === 'false'
        neighbour.peer.#takeChunk(this.id, id, { chunk, isFalse, firstByteAtMs, waitedMs })
      },
      () => this.#engine.taken(reply, this.#nowMs)
    )
  }

  #takeRefusal(remote: string, id: number, reason: AskFailure): void {
    const neighbour = this.#neighbours.get(remote)
    const asked = neighbour?.asks.get(id)
    if (neighbour === undefined || asked === undefined) {
      return
    }
    if (reason === 'stream-closed') {
      this.#failAsks(neighbour, (other) => isOfOneStream(other, id))
    } else {
      neighbour.asks.delete(id)
      this.#engine.failed(asked.ask, reason, this.#nowMs)
    }
  }

  #takeChunk(remote: string, id: number, { chunk, isFalse, firstByteAtMs, waitedMs }: ReceivedChunk): void {
    const { chunkByteLength, onStored, watch } = this.#init
    const neighbour = this.#neighbours.get(remote)
    const asked = neighbour?.asks.get(id)
    if (neighbour === undefined || asked === undefined) {
      return
    }
    const { ask, atMs } = asked
    neighbour.asks.delete(id)
    this.#engine.onFirstByte(remote, firstByteAtMs - atMs - waitedMs)
    this.#engine.onBytes(remote, chunkByteLength, this.#nowMs)
    this.#engine.arrived(ask, chunk, chunkByteLength, this.#nowMs)
    if (isFalse) {
      watch?.onFalse(this.id, remote)
    }
    const isNews = this.#engine.settled(ask, chunk, isFalse ? 'false' : 'stored', this.#nowMs)
    if (isNews) {
      watch?.onUseful(this.id, remote)
      onStored(this)
    } else if (!isFalse) {
      this.duplicateBytes += chunkByteLength
    }
  }
}

function pictureOf(
  contents: Iterable<Pick<Content, 'root' | 'held' | 'declined'>>
): Pick<Picture, 'holdings' | 'byteLength'> {
  const holdings = [...contents].map(({ root, held, declined }) => ({
    root,
    complete: held.complete,
    bitfield: held.complete || (declined && held.count === 0) ? new Uint8Array() : held.toBytes(),
    declined
  }))
  const bitfieldBytes = holdings.reduce((sum, { bitfield }) => sum + bitfield.byteLength, 0)
  return { holdings, byteLength: holdingsByteLength(holdings.length, bitfieldBytes) }
}

/** Whether two asks were sent on the same one of the two streams to a provider. */
function isOfOneStream(one: number, other: number): boolean {
  return one % 2 === other % 2
}
