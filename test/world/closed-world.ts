/**
 * A few peers and nothing else. A seed decides the random order in which their messages arrive and their events happen;
 * each stream keeps its own order. Peers die and return, connections and streams break, and peers break promises. Time
 * passes at random.
 */
import assert from 'node:assert/strict'
import { seededRandom } from '#potluck/core/random.js'
import { ClosedConnection, STREAMS_PER_PROVIDER } from './closed-connection.js'
import { type ClosedContent, ClosedPeer, type Disk, type Failing, type World } from './closed-peer.js'

/** An event of a peer or of its connection to another, after this many steps of the world. */
export interface Trouble {
  kind: 'death' | 'end' | 'cut' | 'broken stream' | 'loss' | 'pause' | Failing
  afterSteps: number
  peer: number
  other: number
  /** How many steps a death or a cut lasts, how often a peer fails. */
  times: number
}

export interface WorldSettings {
  seed: number
  peerCount: number
  /**
   * Holders bring a content; of the others, decliners do without it. A late one is in the catalog after so many steps
   * and the late ones before it, and not everywhere at one time.
   */
  contents: { chunkCount: number; holders: number[]; decliners?: number[]; afterSteps?: number }[]
  /** The peers beside the first that have no connection with each other, in pairs. */
  apart: [number, number][]
  chunkByteLength: number
  maxInFlight: number
  /** What passes from one step to the next at the most. */
  paceMs: number
  troubles: Trouble[]
}

/** How often a peer does its periodic work. */
const TICK_MS = 500

/** Steps that no world needs. */
const MAX_STEPS = 200_000

/** After this long with news only, no chunk will come: every time limit of the scheduler is shorter. */
const STUCK_MS = 120_000

/** From one peer to another, before a late content is known. */
const MAX_LAG_STEPS = 40

/** Longer than an answer may take before it is late. */
const PAUSE_MS = 4000

export class ClosedWorld implements World {
  readonly random: () => number
  readonly chunkByteLength: number
  readonly maxInFlight: number
  nowMs = 0
  /** All that happened, in order. */
  readonly log: string[] = []
  readonly #settings: WorldSettings
  readonly #contents: ClosedContent[]
  /** How many of them each peer knows; the late ones are the last. */
  readonly #known = new Map<string, number>()
  readonly #peers = new Map<string, ClosedPeer>()
  /** Of dead peers: what is on their disks. */
  readonly #disks = new Map<string, Disk>()
  readonly #ended = new Set<string>()
  #connections: ClosedConnection[] = []
  #loose: { peer: ClosedPeer; action: () => void }[] = []
  /** What happens after so many steps. */
  #plan: { step: number; action: () => void }[] = []
  readonly #failures: { peer: string; how: Failing; left: number }[] = []
  #step = 0
  #lastId = 0
  #tickedMs = 0

  constructor(settings: WorldSettings) {
    const { seed, peerCount, contents, chunkByteLength, maxInFlight, troubles } = settings
    this.#settings = settings
    this.random = seededRandom(seed)
    this.chunkByteLength = chunkByteLength
    this.maxInFlight = maxInFlight
    const sorted = [...contents].sort((a, b) => (a.afterSteps ?? 0) - (b.afterSteps ?? 0))
    this.#contents = sorted.map(({ chunkCount, holders, decliners = [] }, index) => ({
      root: `content ${index}`,
      chunkCount,
      holders: [...new Set(holders.map((holder) => nameOf(holder % peerCount)))],
      decliners: [...new Set(decliners.map((decliner) => nameOf(decliner % peerCount)))]
    }))
    const early = sorted.filter(({ afterSteps = 0 }) => afterSteps === 0).length
    for (let index = 0; index < peerCount; index++) {
      this.#known.set(nameOf(index), early)
      this.#birth(nameOf(index), this.#firstDisk(nameOf(index)))
      let step = 0
      for (const { afterSteps = 0 } of sorted.slice(early)) {
        step = Math.max(step, afterSteps + Math.floor(this.random() * MAX_LAG_STEPS))
        this.#plan.push({ step, action: () => this.#learn(nameOf(index)) })
      }
    }
    for (const trouble of troubles) {
      this.#plan.push({ step: trouble.afterSteps, action: () => this.#strike(trouble) })
    }
  }

  /** The peers that live, in the order in which they came. */
  get peers(): ClosedPeer[] {
    return [...this.#peers.values()]
  }

  /** Runs until nothing more happens. */
  run(): void {
    let busyMs = this.nowMs
    let noted = 0
    while (this.nowMs - busyMs < STUCK_MS && !(this.isComplete && this.#isQuiet)) {
      this.#step++
      assert.ok(this.#step < MAX_STEPS, 'a world without end')
      const due = this.#plan.filter(({ step }) => step <= this.#step)
      this.#plan = this.#plan.filter((each) => !due.includes(each))
      for (const { action } of due) {
        action()
      }
      this.#happen()
      if (this.log.length > noted || this.#plan.length > 0) {
        busyMs = this.nowMs
        noted = this.log.length
      }
      this.#pass()
    }
  }

  /** Whether every peer lives, or is gone for good, and holds everything. */
  get isComplete(): boolean {
    const isKnown = this.peers.every(({ id }) => this.#known.get(id) === this.#contents.length)
    return isKnown && this.#disks.size === 0 && this.peers.every(({ state }) => state.missingChunks === 0)
  }

  nextId(): number {
    this.#lastId++
    return this.#lastId
  }

  get otherCount(): number {
    return this.#settings.peerCount - 1
  }

  part(one: ClosedPeer, other: ClosedPeer): void {
    this.#cut(one.id, other.id, 1)
  }

  later(peer: ClosedPeer, action: () => void): void {
    this.#loose.push({ peer, action })
  }

  fails({ id }: ClosedPeer, how: Failing, chunk: number): boolean {
    const failure = this.#failures.find((each) => each.peer === id && each.how === how && each.left > 0)
    if (failure === undefined) {
      return false
    }
    failure.left--
    this.note(`${id} fails with ${chunk}: ${how}`)
    if (how !== 'corrupt') {
      // Others do not ask for what they were refused before they are told anew.
      for (const other of this.#peers.keys()) {
        this.#plan.push({ step: this.#step + failure.left, action: () => this.#cut(id, other, 1) })
      }
    }
    return true
  }

  note(connection: string): void {
    this.log.push(`${this.nowMs} ${connection}`)
  }

  get #isQuiet(): boolean {
    return this.#isStill && this.peers.every(({ isIdle }) => isIdle)
  }

  /** Whether nothing can happen before the next tick. */
  get #isStill(): boolean {
    return (
      this.#loose.length === 0 &&
      this.#connections.every(({ lanes }) => lanes.every(({ messages }) => messages.length === 0))
    )
  }

  #firstDisk(name: string): Disk {
    const own = this.#contents.filter(({ holders }) => holders.includes(name))
    const held = own.map(({ root, chunkCount }): [string, Uint8Array] => {
      const bytes = new Uint8Array(Math.ceil(chunkCount / 8)).fill(0xff)
      const last = bytes.length - 1
      if (chunkCount % 8 > 0) {
        bytes[last] = 0xff << (8 - (chunkCount % 8))
      }
      return [root, bytes]
    })
    return { held: new Map(held), opened: new Set(own.map(({ root }) => root)) }
  }

  #birth(id: string, disk: Disk): void {
    const peer = new ClosedPeer(id, this, this.#contents.slice(0, this.#known.get(id)), disk)
    this.note(`${id} comes`)
    this.#peers.set(id, peer)
    for (const other of this.#peers.keys()) {
      this.#connect(id, other)
    }
  }

  /** One more late content is in the catalog of a peer, which may not live now. */
  #learn(id: string): void {
    const known = this.#known.get(id) ?? 0
    const content = this.#contents[known] ?? assert.fail()
    const own = this.#firstDisk(id)
    const stored = own.held.get(content.root)
    this.#known.set(id, known + 1)
    if (stored !== undefined) {
      this.#disks.get(id)?.held.set(content.root, stored)
    }
    this.#peers.get(id)?.learn(content, own)
  }

  /** Makes a connection where there can be one, in place of any that one side still has. */
  #connect(id: string, otherId: string): void {
    const one = this.#peers.get(id)
    const other = this.#peers.get(otherId)
    if (one === undefined || other === undefined || one === other || this.#areApart(id, otherId)) {
      return
    }
    this.note(`${id} and ${otherId} connect`)
    for (const [peer, stale] of [
      [one, one.connections.get(otherId)],
      [other, other.connections.get(id)]
    ] as const) {
      if (stale !== undefined) {
        peer.disconnect(stale)
      }
    }
    const [connection, back] = ClosedConnection.pair(one, other)
    this.#connections = this.#connections.filter(({ back }) => back.isInUse)
    this.#connections.push(connection, back)
    one.connect(connection)
    other.connect(back)
  }

  #areApart(id: string, otherId: string): boolean {
    return this.#settings.apart.some(([a, b]) => {
      const pair = [nameOf(a % this.#settings.peerCount), nameOf(b % this.#settings.peerCount)]
      // All can go through the first.
      return !pair.includes(nameOf(0)) && pair.includes(id) && pair.includes(otherId)
    })
  }

  /** One thing happens, if there is any: a message arrives, or something in a peer. */
  #happen(): void {
    const lanes = this.#connections
      .flatMap((connection) => connection.lanes)
      .filter(({ messages }) => messages.length > 0)
    const chosen = Math.floor(this.random() * (lanes.length + this.#loose.length))
    const message = lanes[chosen]?.messages.shift()
    if (message !== undefined) {
      message()
      return
    }
    const [event] = this.#loose.splice(chosen - lanes.length, 1)
    if (event !== undefined && this.#peers.get(event.peer.id) === event.peer) {
      event.action()
    }
  }

  /** Some time passes, little mostly; much when nothing else is going on. */
  #pass(): void {
    if (this.#isStill) {
      this.nowMs = this.#isQuiet ? this.nowMs + TICK_MS : this.#tickedMs + TICK_MS
    } else {
      this.nowMs += this.#settings.paceMs * this.random() ** 4
    }
    if (this.nowMs >= this.#tickedMs + TICK_MS) {
      this.#tickedMs = this.nowMs
      for (const peer of this.peers) {
        peer.tick()
      }
    }
  }

  #strike({ kind, peer, other, times }: Trouble): void {
    const { peerCount } = this.#settings
    const id = nameOf(peer % peerCount)
    const otherId = nameOf((peer + 1 + (other % (peerCount - 1))) % peerCount)
    switch (kind) {
      case 'death':
        this.#kill(id, times)
        break
      case 'end':
        if (this.#peers.size > 2) {
          this.#kill(id, undefined)
        }
        break
      case 'cut':
        this.#cut(id, otherId, times)
        break
      case 'broken stream':
        this.#break(id, otherId, times % STREAMS_PER_PROVIDER)
        break
      case 'loss':
        this.#lose(id, times)
        break
      case 'pause':
        this.nowMs += PAUSE_MS
        break
      default:
        this.#failures.push({ peer: id, how: kind, left: times })
    }
  }

  /** A peer's process ends, for so many steps or for good. The others learn of it one by one. */
  #kill(id: string, steps: number | undefined): void {
    const peer = this.#peers.get(id)
    if (peer === undefined) {
      return
    }
    this.note(`${id} dies${steps === undefined ? ' for good' : ''}`)
    const { disk, connections } = peer
    this.#peers.delete(id)
    for (const { back, remote } of connections.values()) {
      this.later(remote, () => remote.disconnect(back))
    }
    if (steps === undefined) {
      this.#ended.add(id)
    } else {
      this.#disks.set(id, disk)
      this.#plan.push({
        step: this.#step + steps,
        action: () => {
          this.#disks.delete(id)
          this.#birth(id, disk)
        }
      })
    }
  }

  /** A connection is lost. Both sides learn of it, not at once, and then make a new one. */
  #cut(id: string, otherId: string, steps: number): void {
    const connection = this.#peers.get(id)?.connections.get(otherId)
    if (connection === undefined) {
      return
    }
    this.note(`${id} and ${otherId} part`)
    for (const end of [connection, connection.back]) {
      this.later(end.owner, () => end.owner.disconnect(end))
    }
    this.#plan.push({ step: this.#step + steps, action: () => this.#connect(id, otherId) })
  }

  #break(id: string, otherId: string, stream: number): void {
    const peer = this.#peers.get(id)
    const connection = peer?.connections.get(otherId)
    if (peer !== undefined && connection !== undefined) {
      this.note(`a stream of ${id} to ${otherId} breaks`)
      peer.breakStream(connection, stream)
    }
  }

  /** A disk loses a chunk that its only origin still has. */
  #lose(id: string, nth: number): void {
    const peer = this.#peers.get(id)
    const chunks = Array.from({ length: peer?.state.chunkCount ?? 0 }, (_, chunk) => chunk)
    const could = chunks.filter((chunk) => {
      const origin = peer?.state.originOf(chunk)
      return peer?.state.holds(chunk) === true && origin !== undefined && origin !== id
    })
    const lost = could[nth % could.length]
    if (lost !== undefined) {
      this.note(`${id} loses ${lost}`)
      peer?.lose(lost)
    }
  }
}

function nameOf(index: number): string {
  return `peer ${index}`
}
