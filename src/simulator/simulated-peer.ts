/**
 * A peer in the simulator: the state and the scheduler that peers run, between them what the exchange does, and
 * messages on the modelled network in place of streams. Verifying and storing a chunk takes no time here: what a liar
 * sends is marked as false, and is found to be.
 */
import { Blame } from '../node/exchange/blame.ts'
import { MAX_IN_FLIGHT_BYTES, MAX_IN_FLIGHT_CHUNKS, STALL_TIMEOUT_MS } from '../node/exchange/constants.ts'
import { DigestAsks } from '../node/exchange/digest-asks.ts'
import type { Ask, AskFailure } from '../node/exchange/downloads.ts'
import type { Content, Random } from '../node/exchange/swarm-state.ts'
import { SwarmState } from '../node/exchange/swarm-state.ts'
import type { ChunkReply, UploadStatus } from '../node/exchange/uploads.ts'
import { HAVE_BATCH_CHUNKS, HAVE_BATCH_MS } from '../protocols/availability/constants.ts'
import { sameStatus } from '../protocols/availability/status.ts'
import { Bitfield } from '../protocols/bitfield.ts'
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
import type { GetterHalf, ProviderHalf, Scheduler, SchedulerInit } from './scheduler.ts'

/** How often a peer looks after what no message brings about, as its process does. */
const TICK_MS = 500

/** One file. */
export interface SimulatedContent {
  root: string
  chunkCount: number
  /** The only peer that brought it; undefined when there are several. */
  origin: string | undefined
}

export interface SimulatedPeerInit {
  id: string
  /** Its number in the network. */
  index: number
  clock: VirtualClock
  network: Network
  random: Random
  scheduler(init: SchedulerInit): Scheduler
  contents: readonly SimulatedContent[]
  chunkByteLength: number
  /** What it holds at the start. */
  holds(content: SimulatedContent, chunkIndex: number): boolean
  /** What it tells others of its uplink is off by this factor. */
  estimateFactor: number
  /** How often it looks at what others told: 0 for at once, each time. */
  attentionMs: number
  /** How it answers: honestly unless given. */
  conduct?: Conduct
  /** Whether it has to ask for the digests of what it does not hold; unless given it knows them all. */
  asksDigests?: boolean
  watch?: Watch
  onStored(peer: SimulatedPeer): void
  nextAskId(): number
}

/** What is told of chunks: the same message to all neighbours. */
interface News {
  chunks: readonly number[]
  contents: number
}

interface ReceivedChunk {
  chunk: number
  isFalse: boolean
  firstByteAtMs: number
  waitedMs: number
}

type ChunkAsk = Exclude<Ask, { kind: 'cancel' }>

/** What is told of everything held, as it was when so many chunks were missing. */
interface Picture {
  missingChunks: number
  claims: readonly { root: string; complete: boolean; bytes: Uint8Array }[]
  byteLength: number
}

/** The other end of a connection, and what was asked there. */
interface Neighbour {
  peer: SimulatedPeer
  out: Direction
  asks: Map<number, { ask: ChunkAsk; atMs: number }>
  /** By root, when digests were asked for. */
  digests: Map<string, number>
  told: UploadStatus | undefined
}

export class SimulatedPeer {
  readonly id: string
  readonly index: number
  readonly state: SwarmState
  /** Bytes that it handed to its connections: of chunks, and all others. */
  sentChunkBytes = 0
  controlBytes = 0
  /** Chunks of its own file that it sent. */
  ownChunksSent = 0
  /** Bytes of chunks that came a second time. */
  duplicateBytes = 0
  readonly #init: SimulatedPeerInit
  readonly #downloads: GetterHalf
  readonly #uploads: ProviderHalf
  readonly #conduct: Conduct
  readonly #blame = new Blame()
  readonly #neighbours = new Map<string, Neighbour>()
  readonly #digestAsks: DigestAsks
  /** By its id, whether an ask that waits here is a slot. */
  readonly #waiting = new Map<number, boolean>()
  #lastPicture: Picture | undefined
  #news: number[] = []
  readonly #newsTimer = new Timer(() => this.#tell())
  readonly #tickTimer = new Timer(() => this.#tick())
  readonly #attentionTimer = new Timer(() => this.#attendDue())
  /** Providers to be asked anew. */
  readonly #due = new Set<string>()
  #attendedAtMs = Number.NEGATIVE_INFINITY
  #toldTakingRequests = false

  constructor(init: SimulatedPeerInit) {
    this.#init = init
    const { id, chunkByteLength, random } = init
    this.id = id
    this.index = init.index
    this.#conduct = init.conduct ?? HONEST
    this.state = new SwarmState(random)
    for (const content of init.contents) {
      const held = new Bitfield(content.chunkCount)
      for (let chunkIndex = 0; chunkIndex < content.chunkCount; chunkIndex++) {
        if (init.holds(content, chunkIndex)) {
          held.add(chunkIndex)
        }
      }
      const extent = { byteLength: content.chunkCount * chunkByteLength, chunkByteLength }
      this.state.addContent(content.root, extent, held, content.origin)
      if (init.asksDigests !== true || held.complete) {
        this.state.open(content.root)
      }
    }
    const maxInFlight = Math.max(MAX_IN_FLIGHT_CHUNKS, Math.floor(MAX_IN_FLIGHT_BYTES / chunkByteLength))
    const scheduler = init.scheduler({ state: this.state, self: id, chunkByteLength, maxInFlight, random })
    this.#downloads = scheduler.downloads
    this.#uploads = scheduler.uploads
    this.#digestAsks = new DigestAsks(this.state, this.#downloads)
    this.#uploads.refresh()
    init.clock.set(this.#tickTimer, init.clock.nowMs + random() * TICK_MS)
  }

  /** A connection is there: its direction away from this peer. */
  connect(peer: SimulatedPeer, out: Direction): void {
    this.#disconnect(this.#neighbours.get(peer.id))
    const neighbour = { peer, out, asks: new Map(), digests: new Map(), told: undefined }
    this.#neighbours.set(peer.id, neighbour)
    this.#downloads.addProvider(peer.id)
    this.#uploads.addGetter(peer.id)
    this.#greet(neighbour)
    this.#pumpAll()
  }

  /** Its process ends. The others learn of it when the network tells them. */
  stop(): void {
    const { clock, network } = this.#init
    for (const { peer, out } of this.#neighbours.values()) {
      network.close(out)
      const back = peer.#neighbours.get(this.id)
      if (back !== undefined) {
        network.close(back.out)
        clock.at(clock.nowMs + out.latencyMs, () => peer.#disconnect(back))
      }
    }
    this.#neighbours.clear()
    clock.set(this.#newsTimer, Number.POSITIVE_INFINITY)
    clock.set(this.#tickTimer, Number.POSITIVE_INFINITY)
    clock.set(this.#attentionTimer, Number.POSITIVE_INFINITY)
  }

  #disconnect(neighbour: Neighbour | undefined): void {
    if (neighbour === undefined || this.#neighbours.get(neighbour.peer.id) !== neighbour) {
      return
    }
    const { nowMs } = this.#init.clock
    const { id } = neighbour.peer
    this.#neighbours.delete(id)
    this.#downloads.removeProvider(id)
    this.state.removeRemote(id)
    this.#uploads.removeGetter(id)
    for (const { ask } of neighbour.asks.values()) {
      this.#downloads.failed(ask, 'stream-closed', nowMs)
    }
    this.#forgetDigests(neighbour, () => true)
    this.#pumpAll()
  }

  #tick(): void {
    const { clock } = this.#init
    clock.set(this.#tickTimer, clock.nowMs + TICK_MS)
    this.#uploads.expire(clock.nowMs)
    // As when the connection to whoever owes them is ended, and made anew.
    for (const neighbour of this.#neighbours.values()) {
      this.#forgetDigests(neighbour, (atMs) => clock.nowMs - atMs > STALL_TIMEOUT_MS)
    }
    this.#tellStatus()
    this.#tellTale()
    this.#askGreedily()
    this.#pumpAll()
  }

  /** Tells a new neighbour all that is held, and what others plan by. */
  #greet(neighbour: Neighbour): void {
    const { claims, byteLength } = this.#picture()
    const status = this.#status()
    neighbour.told = status
    this.#send(neighbour, byteLength, (peer) => {
      peer.#takeClaims(this.id, claims)
      peer.#setStatus(this.id, status)
      peer.#pumpAll()
    })
  }

  #takeClaims(remote: string, claims: Picture['claims']): void {
    const contents: Content[] = []
    for (const { root, complete, bytes } of this.#blame.isBanned(remote) ? [] : claims) {
      const content = this.state.content(root)
      if (content !== undefined && this.state.setHoldings(remote, root, complete, bytes) !== undefined) {
        contents.push(content)
      }
    }
    this.#uploads.onHoldings(contents)
  }

  /** All that is held. Made once for all whom it is told while nothing is stored: at the start, these are many. */
  #picture(): Picture {
    const { missingChunks } = this.state
    if (this.#lastPicture?.missingChunks !== missingChunks) {
      const claims = [...this.state.holdings()].map(({ root, held }) => ({
        root,
        complete: held.complete,
        bytes: held.complete ? new Uint8Array() : held.toBytes()
      }))
      const bitfieldBytes = claims.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
      this.#lastPicture = {
        missingChunks,
        claims,
        byteLength: holdingsByteLength(claims.length, bitfieldBytes)
      }
    }
    return this.#lastPicture
  }

  /** Hands a message without a chunk to the connection. */
  #send(neighbour: Neighbour, byteLength: number, deliver: (peer: SimulatedPeer) => void): void {
    this.controlBytes += byteLength
    this.#init.network.send(neighbour.out, byteLength, () => deliver(neighbour.peer))
  }

  #status(): UploadStatus {
    const { uplinkBytesPerSecond, ...others } = this.#uploads.status()
    return {
      ...(uplinkBytesPerSecond === undefined
        ? {}
        : { uplinkBytesPerSecond: uplinkBytesPerSecond * this.#init.estimateFactor }),
      ...others
    }
  }

  #setStatus(remote: string, status: UploadStatus): void {
    if (this.#blame.isBanned(remote)) {
      return
    }
    this.#uploads.setStatus(remote, status)
    this.#downloads.setStatus(remote, status.freshChunks, status.takesRequests)
  }

  /** Tells what others plan by where that has changed. */
  #tellStatus(): void {
    const status = this.#status()
    for (const { told } of this.#neighbours.values()) {
      if (!sameStatus(status, told)) {
        this.#tell()
        return
      }
    }
  }

  /** Tells all neighbours what is news. */
  #tell(): void {
    const { clock } = this.#init
    const chunks = this.#news
    const news = { chunks, contents: new Set(chunks.map((chunk) => this.state.contentOf(chunk))).size }
    const status = this.#status()
    this.#news = []
    clock.set(this.#newsTimer, Number.POSITIVE_INFINITY)
    for (const neighbour of this.#neighbours.values()) {
      const changed = sameStatus(status, neighbour.told) ? undefined : status
      if (changed !== undefined || chunks.length > 0) {
        neighbour.told = status
        this.#send(neighbour, newsByteLength(news.contents, chunks.length, changed !== undefined), (peer) =>
          peer.#hear(this.id, news, changed)
        )
      }
    }
  }

  #hear(remote: string, { chunks }: News, status: UploadStatus | undefined): void {
    const { nowMs } = this.#init.clock
    if (!this.#neighbours.has(remote) || this.#blame.isBanned(remote)) {
      return
    }
    for (const chunk of chunks) {
      if (this.state.addHave(remote, chunk)) {
        this.#uploads.onHave(remote, chunk, nowMs)
      } else {
        this.#downloads.onToldAgain(remote, chunk)
      }
    }
    if (status !== undefined) {
      this.#setStatus(remote, status)
    }
    this.#attend([remote])
  }

  /**
   * Something has changed: serves, and asks these providers anew. In a large swarm that is done for all that happens
   * within a while together, or it would take most of the time that a simulation takes.
   */
  #attend(remotes: Iterable<string>): void {
    const { clock, attentionMs } = this.#init
    for (const remote of remotes) {
      this.#due.add(remote)
    }
    if (attentionMs === 0) {
      this.#attendDue()
    } else if (!this.#attentionTimer.pending) {
      clock.set(this.#attentionTimer, this.#attendedAtMs + attentionMs)
    }
  }

  #attendDue(): void {
    this.#attendedAtMs = this.#init.clock.nowMs
    this.#serve()
    const due = [...this.#due]
    this.#due.clear()
    for (const remote of due) {
      this.#pump(remote)
    }
  }

  #pumpAll(): void {
    this.#attend(this.#neighbours.keys())
  }

  /** Asks a provider for what the scheduler wants of it. */
  #pump(remote: string): void {
    const { clock, watch } = this.#init
    const { nowMs } = clock
    if (this.#blame.isBanned(remote)) {
      return
    }
    this.#fetchDigests(remote)
    for (const ask of this.#downloads.plan(remote, nowMs)) {
      const neighbour = this.#neighbours.get(ask.provider)
      if (neighbour === undefined) {
        continue
      }
      if (ask.kind === 'cancel') {
        this.#cancel(neighbour, ask.chunk)
        continue
      }
      const id = this.#init.nextAskId()
      const chunk = ask.kind === 'chunk' ? ask.chunk : undefined
      neighbour.asks.set(id, { ask, atMs: nowMs })
      watch?.onAsk(this.id, remote)
      this.#send(neighbour, chunk === undefined ? SLOT_BYTE_LENGTH : ASK_BYTE_LENGTH, (peer) =>
        peer.#takeAsk(this.id, id, chunk)
      )
    }
  }

  /** Asks a provider for the digests of contents that cannot be asked for without. */
  #fetchDigests(remote: string): void {
    const { clock, watch } = this.#init
    const neighbour = this.#neighbours.get(remote)
    if (neighbour === undefined) {
      return
    }
    for (const { root } of this.#digestAsks.plan(remote, clock.nowMs)) {
      neighbour.digests.set(root, clock.nowMs)
      watch?.onAsk(this.id, remote)
      this.#send(neighbour, DIGESTS_ASK_BYTE_LENGTH, (peer) => peer.#sendDigests(this.id, root))
    }
  }

  #sendDigests(getter: string, root: string): void {
    const neighbour = this.#neighbours.get(getter)
    const answer = this.#conduct.digests(getter)
    if (neighbour !== undefined && answer !== 'none') {
      const { chunkCount = 0 } = this.#init.contents.find((content) => content.root === root) ?? {}
      this.#send(neighbour, digestsByteLength(answer === 'unknown' ? 0 : chunkCount), (peer) =>
        peer.#takeDigests(this.id, root, answer)
      )
    }
  }

  #takeDigests(remote: string, root: string, answer: Answer): void {
    const { nowMs } = this.#init.clock
    if (this.#neighbours.get(remote)?.digests.delete(root) !== true) {
      return
    }
    this.#digestAsks.onReply(remote, nowMs)
    this.#digestAsks.settled(remote, root, answer !== 'true', nowMs)
    if (answer === 'false') {
      this.#onFalsehood(remote)
    } else if (answer === 'true' && this.state.content(root)?.open === false) {
      this.state.open(root)
      this.#tellOpened(root)
    }
    this.#pumpAll()
  }

  /** Tells all neighbours that this peer can take chunks of the content, and what it holds of it. */
  #tellOpened(root: string): void {
    this.#lastPicture = undefined
    const claims = this.#picture().claims.filter((claim) => claim.root === root)
    for (const neighbour of this.#neighbours.values()) {
      const bitfieldBytes = claims.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
      this.#send(neighbour, holdingsByteLength(claims.length, bitfieldBytes), (peer) => {
        peer.#takeClaims(this.id, claims)
        peer.#pumpAll()
      })
    }
  }

  /** Digests that nothing will come of may be asked of somebody else; whoever owes them is left alone for a while. */
  #forgetDigests({ peer, digests }: Neighbour, isLost: (atMs: number) => boolean): void {
    for (const [root, atMs] of digests) {
      if (isLost(atMs)) {
        digests.delete(root)
        this.#digestAsks.settled(peer.id, root, true, this.#init.clock.nowMs)
      }
    }
  }

  /** A provider sent false bytes. */
  #onFalsehood(remote: string): void {
    const { watch } = this.#init
    watch?.onFalse(this.id, remote)
    if (this.#blame.add(remote)) {
      this.state.removeRemote(remote)
      watch?.onBanned(this.id, remote)
    }
  }

  #cancel(neighbour: Neighbour, chunk: number): void {
    for (const [id, { ask }] of neighbour.asks) {
      if (ask.kind === 'chunk' && ask.chunk === chunk) {
        this.#send(neighbour, CANCEL_BYTE_LENGTH, (peer) => peer.#takeCancel(this.id, id))
      }
    }
  }

  #takeAsk(getter: string, id: number, chunk: number | undefined): void {
    const whim = this.#conduct.whim?.(chunk === undefined)
    if (whim !== undefined) {
      const { clock } = this.#init
      clock.at(clock.nowMs + whim.delayMs, () => this.#indulge(whim, getter, id, chunk))
      return
    }
    if (chunk !== undefined && !this.state.holds(chunk)) {
      this.#refuse(getter, id, 'not-held')
      return
    }
    this.#waiting.set(id, chunk === undefined)
    this.#uploads.ask(getter, id, chunk, this.#init.clock.nowMs)
    this.#serve()
  }

  /** Answers an ask as the peer pleases. */
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

  /** Tells all neighbours something that need not be so. */
  #tellTale(): void {
    const tale = this.#conduct.tale?.(this.state.chunkCount)
    if (tale === undefined) {
      return
    }
    const { chunks, status, isRetraction } = tale
    const claims = [...this.state.contents()].map(({ root, chunkCount }) => ({
      root,
      complete: false,
      bytes: new Bitfield(chunkCount).toBytes()
    }))
    for (const neighbour of this.#neighbours.values()) {
      this.#send(neighbour, newsByteLength(claims.length, chunks.length, true), (peer) => {
        if (isRetraction) {
          peer.#takeClaims(this.id, claims)
        }
        peer.#hear(this.id, { chunks, contents: claims.length }, status)
      })
    }
  }

  /** Asks the others for more than it needs; nobody looks at what comes of it. */
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

  #takeCancel(getter: string, id: number): void {
    if (this.#uploads.cancel(getter, id)) {
      this.#waiting.delete(id)
      this.#refuse(getter, id, 'cancelled')
    }
    this.#serve()
  }

  /** Sends what is to be sent, and tells the others when that changes what they may ask. */
  #serve(): void {
    const { nowMs } = this.#init.clock
    for (let reply = this.#uploads.next(nowMs); reply !== undefined; reply = this.#uploads.next(nowMs)) {
      if ('refusal' in reply) {
        this.#waiting.delete(reply.id)
        this.#refuse(reply.getter, reply.id, reply.refusal)
      } else {
        this.#reply(reply)
      }
    }
    const { takesRequests } = this.#uploads.status()
    if (takesRequests !== this.#toldTakingRequests) {
      this.#toldTakingRequests = takesRequests
      this.#tellStatus()
    }
  }

  #refuse(getter: string, id: number, reason: AskFailure): void {
    const neighbour = this.#neighbours.get(getter)
    if (neighbour !== undefined) {
      this.#send(neighbour, REFUSAL_BYTE_LENGTH, (peer) => peer.#takeRefusal(this.id, id, reason))
    }
  }

  #reply(reply: ChunkReply): void {
    const { getter, id, chunk, waitedMs } = reply
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
      () => {
        this.#uploads.onTaken(reply, this.#init.clock.nowMs)
        this.#serve()
      }
    )
  }

  #takeRefusal(remote: string, id: number, reason: AskFailure): void {
    const neighbour = this.#neighbours.get(remote)
    if (neighbour?.asks.has(id) !== true) {
      return
    }
    for (const [other, { ask }] of neighbour.asks) {
      if (other === id || (reason === 'stream-closed' && isOfOneStream(other, id))) {
        neighbour.asks.delete(other)
        this.#downloads.failed(ask, reason, this.#init.clock.nowMs)
      }
    }
    this.#pumpAll()
  }

  #takeChunk(remote: string, id: number, { chunk, isFalse, firstByteAtMs, waitedMs }: ReceivedChunk): void {
    const { clock, chunkByteLength, onStored, watch } = this.#init
    const neighbour = this.#neighbours.get(remote)
    const asked = neighbour?.asks.get(id)
    if (neighbour === undefined || asked === undefined) {
      return
    }
    neighbour.asks.delete(id)
    this.#downloads.onFirstByte(remote, firstByteAtMs - asked.atMs - waitedMs)
    const wasFull = this.#downloads.full
    this.#downloads.arrived(asked.ask, chunk, chunkByteLength, clock.nowMs)
    this.#pump(remote)
    const isNew = this.#downloads.settled(asked.ask, chunk, !isFalse, clock.nowMs)
    if (isFalse) {
      this.#onFalsehood(remote)
    } else if (isNew) {
      if (asked.ask.kind === 'slot') {
        this.#uploads.onFirstCopy(chunk)
      }
      watch?.onUseful(this.id, remote)
      this.#announce(chunk)
      onStored(this)
    } else {
      this.duplicateBytes += chunkByteLength
    }
    if (wasFull) {
      this.#pumpAll()
    } else {
      this.#pump(remote)
    }
  }

  /** One more chunk is held: told together with others, as soon as there are enough of them or the first waited enough. */
  #announce(chunk: number): void {
    const { clock } = this.#init
    if (this.#conduct.isSecretive === true) {
      return
    }
    this.#news.push(chunk)
    if (this.#news.length >= HAVE_BATCH_CHUNKS) {
      this.#tell()
    } else if (!this.#newsTimer.pending) {
      clock.set(this.#newsTimer, clock.nowMs + HAVE_BATCH_MS)
    }
  }
}

/** Whether two asks went out on the same stream, of the two that there are to a provider. */
function isOfOneStream(one: number, other: number): boolean {
  return one % 2 === other % 2
}
