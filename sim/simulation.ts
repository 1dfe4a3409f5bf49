/** One run of a scenario: sets up peers and network, lets them exchange on a virtual clock, and counts. */

import { type BoundTerm, efficiencyOf, withLoads } from '#potluck/core/lower-bound.js'
import { type Random, seededRandom, shuffled } from '#potluck/core/random.js'
import { neighboursOf } from '#potluck/engine/neighbours.js'
import type { EngineOptions } from '#potluck/engine/options.js'
import { changingBound, type RateStep } from './changing-bound.ts'
import { VirtualClock } from './clock.ts'
import { Network } from './network.ts'
import { bytesPerSecondOf, linksOf, type Scenario, type ScenarioEvent } from './scenario.ts'
import { SCHEDULERS, type SchedulerName } from './scheduler.ts'
import { type SimulatedContent, SimulatedPeer } from './simulated-peer.ts'

/** How often rates are computed again, and peers process announcements: little beside the time of a chunk. */
const SMALL_SWARM_QUANTA = { rateQuantumMs: 1, attentionMs: 0 }

/** Coarser, and still little beside a round trip. */
const LARGE_SWARM_QUANTA = { rateQuantumMs: 5, attentionMs: 5 }

/** Up to this many peers the smaller intervals are affordable. */
const SMALL_SWARM_PEERS = 16

/** A swarm that stores nothing for this long is stalled. */
const STANDSTILL_MS = 600_000

export interface SimulationOptions {
  scenario: Scenario
  seed: number
  scheduler: SchedulerName
  /** Deviations from the peers' behaviour. */
  engineOptions?: Partial<EngineOptions>
}

export interface SimulationResult {
  peers: number
  seed: number
  scheduler: SchedulerName
  /** Whether every living peer has everything that is left. */
  complete: boolean
  /** The lower bound, and the term that binds. */
  boundMs: number
  term: BoundTerm | 'none'
  makespanMs: number
  efficiency: number
  /** How many copies of each of its chunks the origin with the slowest uplink sent; of several origins the most. */
  slowestOriginCopies: number
  duplicateBytes: number
  /** From the first complete peer to the last. */
  finishSpreadMs: number
  chunkBytes: number
  controlBytes: number
  /** Chunks that were lost with their only holders. */
  lostChunks: number
}

interface Place {
  /** Undefined while it is dead. */
  peer: SimulatedPeer | undefined
  uplink: number
  downlink: number
  uplinkSteps: RateStep[]
  downlinkSteps: RateStep[]
  finishedAtMs: number | undefined
  /** Whether it is dead, and no event brings it back. */
  gone: boolean
  /** The counts of a peer that died. */
  before: { ownChunksSent: number; duplicateBytes: number; chunkBytes: number; controlBytes: number }
  /** What it had when it died. */
  left: SimulatedPeer | undefined
}

export class Simulation {
  readonly #options: SimulationOptions
  readonly #clock = new VirtualClock()
  readonly #network: Network
  readonly #quanta: typeof SMALL_SWARM_QUANTA
  readonly #random: Random
  readonly #contents: SimulatedContent[]
  readonly #peerIds: string[]
  readonly #places: Place[]
  readonly #unreachable: ReadonlySet<string>
  readonly #roundTrips: ReadonlyMap<string, number>
  readonly #estimateFactors: number[]
  #pendingEvents: ScenarioEvent[]
  #lostChunks = 0
  /** Peers that should become complete and are not. */
  #unfinished = 0
  #storedAtMs = 0
  #askId = 0

  constructor(options: SimulationOptions) {
    this.#options = options
    const { scenario, seed } = options
    const links = linksOf(scenario)
    this.#random = seededRandom(seed)
    this.#quanta = links.length <= SMALL_SWARM_PEERS ? SMALL_SWARM_QUANTA : LARGE_SWARM_QUANTA
    this.#network = new Network(this.#clock, this.#quanta.rateQuantumMs)
    this.#peerIds = links.map((_, index) => `peer${String(index).padStart(4, '0')}`)
    this.#contents = this.#peerIds.map((origin, index) => ({
      root: `file-of-${origin}`,
      chunkCount: scenario.fileChunks,
      origin,
      decliners: this.#declinersOf(index)
    }))
    this.#unreachable = new Set(scenario.unreachable.map(([one, other]) => pairKey(one, other)))
    this.#roundTrips = new Map(
      scenario.roundTrips.map(({ between: [one, other], rttMs }) => [pairKey(one, other), rttMs])
    )
    this.#estimateFactors = links.map(() => scenario.estimateErrorFactor ** (2 * this.#random() - 1))
    this.#pendingEvents = scenario.events.toSorted((a, b) => a.atSeconds - b.atSeconds)
    this.#places = links.map(({ uplink, downlink }) => this.#placeOf(uplink, downlink))
    for (const { uplink, downlink } of links) {
      this.#network.addPeer({
        uplinkBytesPerSecond: bytesPerSecondOf(uplink),
        downlinkBytesPerSecond: bytesPerSecondOf(downlink)
      })
    }
  }

  run(): SimulationResult {
    this.#places.forEach((place, index) => {
      place.peer = this.#createPeer(index, (content) => content.origin === this.#peerIds[index])
    })
    this.#connectAll()
    for (const event of this.#pendingEvents) {
      this.#clock.at(event.atSeconds * 1000, () => this.#happen(event))
    }
    this.#recount()
    while (this.#unfinished > 0 && !this.#isStill() && this.#clock.step()) {
      // Until all have everything.
    }
    return this.#result()
  }

  /** The ids of the peers that do without one peer's file. */
  #declinersOf(origin: number): ReadonlySet<string> {
    const declines = this.#options.scenario.declines.filter(({ origins }) => origins.includes(origin))
    return new Set(
      declines.filter(({ peer }) => peer !== origin).map(({ peer }) => this.#peerIds[peer] ?? '')
    )
  }

  #placeOf(uplink: number, downlink: number): Place {
    return {
      peer: undefined,
      uplink,
      downlink,
      uplinkSteps: [{ fromMs: 0, bytesPerSecond: bytesPerSecondOf(uplink) }],
      downlinkSteps: [{ fromMs: 0, bytesPerSecond: bytesPerSecondOf(downlink) }],
      finishedAtMs: undefined,
      gone: false,
      before: { ownChunksSent: 0, duplicateBytes: 0, chunkBytes: 0, controlBytes: 0 },
      left: undefined
    }
  }

  #createPeer(
    index: number,
    holds: (content: SimulatedContent, chunkIndex: number) => boolean
  ): SimulatedPeer {
    const { scenario, scheduler, engineOptions } = this.#options
    return new SimulatedPeer({
      id: this.#peerIds[index] ?? '',
      index,
      clock: this.#clock,
      network: this.#network,
      random: this.#random,
      scheduler: SCHEDULERS[scheduler],
      engineOptions,
      contents: this.#contents,
      chunkByteLength: scenario.chunkByteLength,
      members: this.#peerIds.length - 1,
      holds,
      estimateFactor: this.#estimateFactors[index] ?? 1,
      attentionMs: this.#quanta.attentionMs,
      onStored: (peer) => this.#onStored(peer),
      nextAskId: () => this.#askId++
    })
  }

  /** Connects all neighbours, in random order, so that the first one is not the same for all. */
  #connectAll(): void {
    const pairs = this.#places.flatMap((_, index) =>
      this.#neighboursOf(index).flatMap((other): [number, number][] =>
        other > index ? [[index, other]] : []
      )
    )
    for (const turn of shuffled(pairs.length, this.#random)) {
      const [one, other] = pairs[turn] ?? [0, 0]
      this.#connect(one, other)
    }
  }

  /** The numbers of a peer's neighbours that it can reach. */
  #neighboursOf(index: number): number[] {
    const neighbours = new Set(neighboursOf(this.#peerIds, this.#peerIds[index] ?? ''))
    return this.#peerIds.flatMap((id, other) =>
      neighbours.has(id) && !this.#unreachable.has(pairKey(index, other)) ? [other] : []
    )
  }

  /** Connects two peers, if both live. */
  #connect(index: number, otherIndex: number): void {
    const peer = this.#places[index]?.peer
    const other = this.#places[otherIndex]?.peer
    if (peer !== undefined && other !== undefined) {
      const { scenario } = this.#options
      const latencyMs = (this.#roundTrips.get(pairKey(index, otherIndex)) ?? scenario.rttMs) / 2
      peer.connect(other, this.#network.open(index, otherIndex, latencyMs))
      other.connect(peer, this.#network.open(otherIndex, index, latencyMs))
    }
  }

  #happen(event: ScenarioEvent): void {
    this.#pendingEvents = this.#pendingEvents.filter((other) => other !== event)
    const place = this.#places[event.peer]
    if (place === undefined) {
      return
    }
    if (event.what === 'links') {
      place.uplink = event.uplink ?? place.uplink
      place.downlink = event.downlink ?? place.downlink
    } else if (event.what === 'death') {
      this.#die(place)
    } else {
      this.#return(event.peer, place)
    }
    this.#setLinks(event.peer, place)
    this.#recount()
  }

  #die(place: Place): void {
    const { peer, before } = place
    if (peer !== undefined) {
      peer.stop()
      before.ownChunksSent += peer.ownChunksSent
      before.duplicateBytes += peer.duplicateBytes
      before.chunkBytes += peer.sentChunkBytes
      before.controlBytes += peer.controlBytes
      place.left = peer
      place.peer = undefined
    }
  }

  #return(index: number, place: Place): void {
    const { left } = place
    if (left !== undefined) {
      place.left = undefined
      place.peer = this.#createPeer(index, ({ root }, chunkIndex) => {
        const chunk = left.state.chunkOf(root, chunkIndex)
        return chunk !== undefined && left.state.holds(chunk)
      })
      for (const other of this.#neighboursOf(index)) {
        this.#connect(index, other)
      }
    }
  }

  #setLinks(index: number, place: Place): void {
    const factor = place.peer === undefined ? 0 : 1
    const uplinkBytesPerSecond = factor * bytesPerSecondOf(place.uplink)
    const downlinkBytesPerSecond = factor * bytesPerSecondOf(place.downlink)
    const fromMs = this.#clock.nowMs
    place.uplinkSteps.push({ fromMs, bytesPerSecond: uplinkBytesPerSecond })
    place.downlinkSteps.push({ fromMs, bytesPerSecond: downlinkBytesPerSecond })
    this.#network.setCapacities(index, { uplinkBytesPerSecond, downlinkBytesPerSecond })
  }

  /**
   * The set of peers that live or will return has changed: it updates what can be gathered, and who lacks some of it.
   */
  #recount(): void {
    this.#places.forEach((place, index) => {
      const returns = this.#pendingEvents.some(({ what, peer }) => what === 'return' && peer === index)
      place.gone = place.peer === undefined && !returns
    })
    this.#lostChunks = this.#countLost()
    this.#unfinished = 0
    for (const place of this.#places) {
      this.#unfinished += place.gone || this.#noteFinished(place) ? 0 : 1
    }
  }

  /** How many chunks are on no peer that lives or will return. */
  #countLost(): number {
    const living = this.#places.flatMap(({ peer, left, gone }) => (gone ? [] : [peer ?? left]))
    if (living.length === this.#places.length) {
      return 0
    }
    let lost = 0
    for (let chunk = 0; chunk < this.#contents.length * this.#options.scenario.fileChunks; chunk++) {
      lost += living.some((peer) => peer?.state.holds(chunk) === true) ? 0 : 1
    }
    return lost
  }

  /** Whether a peer has everything that is left. */
  #noteFinished(place: Place): boolean {
    const finished = place.peer !== undefined && place.peer.state.missingChunks <= this.#lostChunks
    if (finished) {
      place.finishedAtMs ??= this.#clock.nowMs
    }
    return finished
  }

  #onStored(peer: SimulatedPeer): void {
    this.#storedAtMs = this.#clock.nowMs
    const place = this.#places[peer.index]
    if (place !== undefined && place.finishedAtMs === undefined && this.#noteFinished(place)) {
      this.#unfinished--
    }
  }

  #isStill(): boolean {
    return this.#pendingEvents.length === 0 && this.#clock.nowMs - this.#storedAtMs > STANDSTILL_MS
  }

  #result(): SimulationResult {
    const { seed, scheduler } = this.#options
    const complete = this.#unfinished === 0
    const finishes = this.#places.flatMap(({ finishedAtMs, gone }) =>
      finishedAtMs === undefined || gone ? [] : [finishedAtMs]
    )
    const makespanMs = complete ? Math.max(0, ...finishes) : this.#clock.nowMs
    const bound = this.#bound()
    const boundMs = bound?.boundMs ?? 0
    const sum = (count: (place: Place) => number): number =>
      this.#places.reduce((total, place) => total + count(place), 0)
    return {
      peers: this.#places.length,
      seed,
      scheduler,
      complete,
      boundMs,
      term: bound?.term ?? 'none',
      makespanMs,
      efficiency: complete ? efficiencyOf(boundMs, makespanMs) : 0,
      slowestOriginCopies: this.#slowestOriginCopies(),
      duplicateBytes: sum(({ peer, before }) => (peer?.duplicateBytes ?? 0) + before.duplicateBytes),
      finishSpreadMs: complete ? makespanMs - Math.min(makespanMs, ...finishes) : 0,
      chunkBytes: sum(({ peer, before }) => (peer?.sentChunkBytes ?? 0) + before.chunkBytes),
      controlBytes: sum(({ peer, before }) => (peer?.controlBytes ?? 0) + before.controlBytes),
      lostChunks: this.#lostChunks
    }
  }

  #bound(): ReturnType<typeof changingBound> {
    const { fileChunks, chunkByteLength } = this.#options.scenario
    const fileBytes = fileChunks * chunkByteLength
    const alone = this.#places.filter(({ gone }) => !gone).length < 2
    const lostBytes = this.#lostChunks * chunkByteLength
    const names = this.#peerIds.map((name) => ({ name }))
    const loads = withLoads(
      names,
      this.#contents.map(({ origin = '', decliners }) => ({
        byteLength: fileBytes,
        heldBytes: new Map([[origin, fileBytes]]),
        declinedBy: decliners
      }))
    )
    return changingBound(
      this.#places.map(({ uplinkSteps, downlinkSteps, gone }, index) => ({
        name: this.#peerIds[index] ?? '',
        // A peer that is gone had sent what is left before it died.
        soleBytes: gone || alone ? 0 : (loads[index]?.soleBytes ?? 0),
        missingBytes: gone ? 0 : Math.max(0, (loads[index]?.missingBytes ?? 0) - lostBytes),
        uplink: uplinkSteps,
        downlink: downlinkSteps
      }))
    )
  }

  #slowestOriginCopies(): number {
    const { scenario } = this.#options
    const uplinks = linksOf(scenario).map(({ uplink }) => uplink)
    const slowest = Math.min(...uplinks)
    const copies = this.#places
      .filter((_, index) => uplinks[index] === slowest)
      .map(({ peer, before }) => ((peer?.ownChunksSent ?? 0) + before.ownChunksSent) / scenario.fileChunks)
    return Math.max(...copies)
  }
}

function pairKey(one: number, other: number): string {
  return `${Math.min(one, other)} ${Math.max(one, other)}`
}
