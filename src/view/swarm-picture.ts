/**
 * The state of a swarm, from its coordinator's events: how far each peer is, how fast, from whom, and what stands
 * still. The dashboard, the terminal and the report show it. Pure: it has no clock; times are the swarm clock's.
 */
import type { Bound } from '../core/bound.ts'
import { fromHex } from '../core/hex.ts'
import { named } from '../core/units.ts'
import type {
  CatalogEntry,
  ContentHeld,
  CoordinatorEvent,
  PeerCapacities,
  SwarmProgress,
  Transfers,
  Waiting,
  Wants
} from '../events/coordinator.ts'
import type { PeerResult, WithoutFiles } from '../events/peer.ts'
import { NO_TRANSFERS } from '../events/transfers.ts'
import { phaseAfter, type RunPhase } from './run-phase.ts'
import { formatDuration } from './units.ts'

/** The known state of a peer. */
export interface KnownPeer extends SwarmProgress {
  registeredAtMs: number
  /** Since its registration. */
  completedAfterMs?: number | undefined
  /** What it brings; undefined until it has published. */
  offer?: Offer | undefined
  /** Whether it came after the start. */
  late?: boolean | undefined
  transfers: Transfers
  /** By root, what it has of `mapped` contents, as reported. An origin does not report what it brought. */
  contents: ReadonlyMap<string, ContentHeld>
  waiting?: Waiting | undefined
  /** What it wants of the others' files; undefined: everything. */
  wants?: Wants | undefined
  /** What it had received and sent, at intervals, for a curve. */
  history: readonly HistoryPoint[]
}

/** What a peer brings. */
export interface Offer {
  files: number
  byteLength: number
}

/** The state of a peer at a time. Rates are bytes per second over the last `RATE_WINDOW_MS`. */
export interface SwarmPeer extends KnownPeer {
  /** All bytes that it did not bring itself, and how many of them it has. */
  wantedBytes: number
  fetchedBytes: number
  receivingBytesPerSecond: number
  sendingBytesPerSecond: number
  /** The rate from each source at the moment; each name at most once. */
  rates: Array<{ from: string; bytesPerSecond: number }>
  capacities?: PeerCapacities | undefined
}

export interface HistoryPoint {
  atMs: number
  heldBytes: number
  receivedBytes: number
  sentBytes: number
}

/** The sums over all peers. */
export interface SwarmTotals {
  /** Of all copies, at all peers. */
  totalBytes: number
  heldBytes: number
  receivedBytes: number
  /** Of all peers. */
  wantedBytes: number
  fetchedBytes: number
  receivingBytesPerSecond: number
  /** The time until the last peer is complete, at the recent rates; undefined while unknown. */
  etaMs?: number | undefined
}

/** Something that stands still, and why, as a sentence without a period. */
export interface Stall {
  peer: string
  text: string
}

/** The rate between two reports would jump. */
export const RATE_WINDOW_MS = 3000

/** The remaining time is estimated over a longer window. */
const ETA_WINDOW_MS = 8000

/** After this time without data, a peer that lacks something is reported. */
const QUIET_MS = 5000

/** The most points of a peer's curve. Beyond that every second one is dropped, and the interval doubles. */
const MAX_HISTORY = 300

/** The most pairs of a peer and a content whose state is kept: 8 MB, at half a kilobyte each. */
const MAX_MAPS = 16_384

/** The first interval between two points of a curve. */
const FIRST_STEP_MS = 500

interface PeerRecord extends KnownPeer {
  contents: Map<string, ContentHeld>
  history: HistoryPoint[]
  historyStepMs: number
  /** The latest points, for rates. */
  samples: HistoryPoint[]
  flowSamples: Array<{ atMs: number; received: Map<string, number> }>
  /** When it last received data. */
  heardAtMs: number
}

export class SwarmPicture {
  /** The coordinator's name. */
  coordinator = ''
  phase: RunPhase = 'starting'
  expectedPeers = 0
  chunkByteLength = 0
  /** The coordinator's addresses. */
  multiaddrs: readonly string[] = []
  files: readonly CatalogEntry[] = []
  /** The files whose state at each peer is kept: all, or the largest of very many. */
  mapped: readonly CatalogEntry[] = []
  /** When the catalog was complete; undefined before that. */
  catalogAtMs: number | undefined
  bound: Bound | undefined
  capacities: readonly PeerCapacities[] = []
  /** How it ended. */
  outcome:
    | ({
        makespanMs?: number
        exchangeMs?: number
        efficiency?: number
        reason?: string
        results: PeerResult[]
      } & WithoutFiles)
    | undefined
  relayedBytes: number | undefined
  /** The number of connections between peers that the relay carries. */
  relayedConnections = 0
  /** The time of the latest event. */
  atMs = 0
  readonly #peers = new Map<string, PeerRecord>()
  #mappedRoots: ReadonlySet<string> = new Set()
  /** By name, how much of the catalog each peer brought. */
  #ownBytes: ReadonlyMap<string, number> = new Map()
  /** By peer and origin, one bit for each file that the peer does without. */
  readonly #declined = new Map<string, ReadonlyMap<string, Uint8Array>>()
  #indexed: { files: readonly CatalogEntry[]; places: ReadonlyMap<string, number> } = {
    files: [],
    places: new Map()
  }

  note(event: CoordinatorEvent): void {
    this.atMs = event.atMs
    this.phase = phaseAfter(event, this.phase)
    switch (event.event) {
      case 'started':
        this.coordinator = event.peer
        this.expectedPeers = event.expectedPeers
        this.chunkByteLength = event.chunkByteLength
        this.multiaddrs = event.multiaddrs
        break
      case 'registered': {
        const record = this.#record(event.peer, event.atMs)
        record.connected = true
        record.late ||= event.late
        // Its rate before the loss, and the time without data, say nothing of its next rate.
        record.samples.length = 0
        this.expectedPeers = event.expectedPeers
        break
      }
      case 'manifests-published': {
        const { files, byteLength } = event
        this.#record(event.peer, event.atMs).offer = { files, byteLength }
        break
      }
      case 'expected-peers':
        this.expectedPeers = event.expectedPeers
        break
      case 'started-early':
        this.expectedPeers = event.peers
        break
      case 'roster':
        for (const { name, connected, complete } of event.members) {
          Object.assign(this.#record(name, event.atMs), { connected, complete })
        }
        break
      case 'catalog':
        this.catalogAtMs ??= event.atMs
        this.files = event.added === true ? [...this.files, ...event.entries] : event.entries
        this.mapped = largest(this.files, Math.floor(MAX_MAPS / Math.max(1, this.#peers.size)))
        this.#mappedRoots = new Set(this.mapped.map(({ root }) => root))
        this.#ownBytes = ownBytesOf(this.files)
        for (const record of this.#peers.values()) {
          record.heardAtMs = event.atMs
          // After a late peer has brought files, no one has everything.
          record.complete &&= event.added !== true
          record.completedAfterMs = record.complete ? record.completedAfterMs : undefined
        }
        break
      case 'choice':
        this.#choose(event)
        break
      case 'progress':
        for (const progress of event.peers) {
          this.#progress(progress, event.atMs)
        }
        break
      case 'activity':
        for (const { name, transfers, contents, waiting } of event.peers) {
          const record = this.#record(name, event.atMs)
          record.transfers = transfers
          record.waiting = waiting
          for (const content of contents) {
            if (this.#mappedRoots.has(content.root)) {
              record.contents.set(content.root, content)
            }
          }
          this.#flowSample(record, event.atMs)
        }
        break
      case 'transfers':
        for (const { name, ...transfers } of event.peers) {
          this.#record(name, event.atMs).transfers = transfers
        }
        break
      case 'relayed':
        this.relayedBytes = event.relayedBytes
        this.relayedConnections = event.connections
        break
      case 'peer-complete': {
        const record = this.#record(event.peer, event.atMs)
        record.completedAfterMs = event.elapsedMs
        record.complete = true
        break
      }
      case 'peer-lost':
        this.#lose(event.peer)
        break
      case 'bound':
        this.bound = event
        this.capacities = event.capacities
        break
      case 'swarm-complete':
      case 'swarm-incomplete':
        this.outcome = event
        this.bound = event.event === 'swarm-complete' && event.boundMs !== undefined ? event : this.bound
        this.relayedBytes = event.relayedBytes ?? this.relayedBytes
        this.#end(event)
        break
    }
  }

  /** Since the catalog was complete. */
  exchangedMs(atMs = this.atMs): number {
    return atMs - (this.catalogAtMs ?? atMs)
  }

  /** Whether a peer does without a file. */
  declines(peer: string, { file, origin }: Pick<CatalogEntry, 'file' | 'origin'>): boolean {
    const declined = this.#declined.get(peer)?.get(origin)
    const index = declined === undefined ? undefined : this.#indices().get(file)
    return index !== undefined && (((declined?.[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1
  }

  /** By name, the index of each file among those of its origin. */
  #indices(): ReadonlyMap<string, number> {
    if (this.#indexed.files !== this.files) {
      const counts = new Map<string, number>()
      const places = new Map<string, number>()
      for (const { file, origin } of this.files) {
        const index = counts.get(origin) ?? 0
        places.set(file, index)
        counts.set(origin, index + 1)
      }
      this.#indexed = { files: this.files, places }
    }
    return this.#indexed.places
  }

  #choose({ peer, atMs, declined, ...told }: Extract<CoordinatorEvent, { event: 'choice' }>): void {
    const { files, byteLength, ofFiles } = told
    this.#record(peer, atMs).wants = declined.length === 0 ? undefined : { files, byteLength, ofFiles }
    this.#declined.set(peer, new Map(declined.map((each) => [each.origin, fromHex(each.files)])))
  }

  /** All peers, without rates. */
  get known(): readonly KnownPeer[] {
    return [...this.#peers.values()]
  }

  /** All peers at a time of the swarm clock, sorted by name. */
  peers(atMs = this.atMs): SwarmPeer[] {
    return [...this.#peers.values()]
      .map((record) => this.#pictureOf(record, atMs))
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  }

  totals(atMs = this.atMs): SwarmTotals {
    const records = [...this.#peers.values()]
    const sum = (value: (record: PeerRecord) => number): number =>
      records.reduce((total, record) => total + value(record), 0)
    const wants = records.map((record) => this.#wantOf(record))
    const etaMs = this.#etaMs(atMs)
    return {
      totalBytes: sum(({ totalBytes }) => totalBytes),
      heldBytes: sum(({ heldBytes }) => heldBytes),
      receivedBytes: sum(({ receivedBytes }) => receivedBytes),
      wantedBytes: wants.reduce((total, { wantedBytes }) => total + wantedBytes, 0),
      fetchedBytes: wants.reduce((total, { fetchedBytes }) => total + fetchedBytes, 0),
      receivingBytesPerSecond: sum((record) => rate(record.samples, 'receivedBytes', atMs)),
      etaMs
    }
  }

  /** What stands still, and why. */
  stalls(atMs = this.atMs): Stall[] {
    if (this.phase !== 'exchanging') {
      return []
    }
    return [...this.#peers.values()].flatMap((record) => {
      const text = stallText(record, atMs)
      return text === undefined ? [] : [{ peer: record.name, text }]
    })
  }

  #record(name: string, atMs: number): PeerRecord {
    const known = this.#peers.get(name)
    if (known !== undefined) {
      return known
    }
    const record: PeerRecord = {
      ...{ name, connected: true, complete: false, registeredAtMs: atMs, heardAtMs: atMs },
      ...{ totalBytes: 0, heldBytes: 0, receivedBytes: 0, sentBytes: 0 },
      ...{ transfers: NO_TRANSFERS, contents: new Map() },
      ...{ samples: [], flowSamples: [], history: [], historyStepMs: FIRST_STEP_MS }
    }
    this.#peers.set(name, record)
    return record
  }

  /**
   * The member's place is free again before all are here, and if it is a late one that brought nothing. Otherwise the
   * swarm waits for it.
   */
  #lose(name: string): void {
    const record = this.#peers.get(name)
    const isGuest = record?.late === true && record.offer === undefined
    if (this.phase === 'joining' || isGuest) {
      this.#peers.delete(name)
    } else if (record !== undefined) {
      record.connected = false
    }
  }

  #progress(progress: SwarmProgress, atMs: number): void {
    const record = this.#record(progress.name, atMs)
    if (progress.receivedBytes !== record.receivedBytes) {
      record.heardAtMs = atMs
    }
    if (!progress.connected || progress.receivedBytes < record.receivedBytes) {
      record.samples.length = 0
    }
    const { connected, complete, totalBytes, heldBytes, receivedBytes, sentBytes } = progress
    Object.assign(record, { connected, complete, totalBytes, heldBytes, receivedBytes, sentBytes })
    const point = { atMs, heldBytes, receivedBytes, sentBytes }
    record.samples.push(point)
    shorten(record.samples, atMs - ETA_WINDOW_MS)
    const last = record.history.at(-1)
    if (last === undefined || atMs - last.atMs >= record.historyStepMs) {
      record.history.push(point)
    }
    if (record.history.length > MAX_HISTORY) {
      record.history = record.history.filter((_, index) => index % 2 === 0)
      record.historyStepMs *= 2
    }
  }

  #flowSample(record: PeerRecord, atMs: number): void {
    const received = new Map(record.transfers.flows.map(({ from, receivedBytes }) => [from, receivedBytes]))
    record.flowSamples.push({ atMs, received })
    shorten(record.flowSamples, atMs - RATE_WINDOW_MS)
  }

  #end({ results }: { results: PeerResult[] }): void {
    for (const { name, registeredAtMs, completedAtMs } of results) {
      const record = this.#record(name, registeredAtMs)
      record.registeredAtMs = registeredAtMs
      if (completedAtMs !== undefined) {
        record.completedAfterMs = completedAtMs - registeredAtMs
      }
    }
  }

  /** The longest remaining time of any peer, at its recent rate since its return. */
  #etaMs(atMs: number): number | undefined {
    if (this.phase !== 'exchanging') {
      return undefined
    }
    let longestMs = 0
    for (const { totalBytes, heldBytes, complete, samples } of this.#peers.values()) {
      if (totalBytes === 0) {
        return undefined
      }
      const missing = complete ? 0 : totalBytes - heldBytes
      // Content found on its own disk counts at once, and says nothing of the rate to come.
      const perSecond = rateSince(samples, 'receivedBytes', atMs, atMs - ETA_WINDOW_MS)
      if (missing > 0 && perSecond <= 0) {
        return undefined
      }
      longestMs = Math.max(longestMs, missing > 0 ? (missing / perSecond) * 1000 : 0)
    }
    return longestMs
  }

  #wantOf({ name, totalBytes, heldBytes }: PeerRecord): Pick<SwarmPeer, 'wantedBytes' | 'fetchedBytes'> {
    const ownBytes = Math.min(totalBytes, this.#ownBytes.get(name) ?? 0)
    return { wantedBytes: totalBytes - ownBytes, fetchedBytes: Math.max(0, heldBytes - ownBytes) }
  }

  #pictureOf(record: PeerRecord, atMs: number): SwarmPeer {
    // The rates of the last seconds no longer apply after the end, or to a peer that is complete or disconnected.
    const isOver = this.phase !== 'exchanging'
    const receives = !isOver && record.connected && !record.complete
    return {
      ...record,
      ...this.#wantOf(record),
      receivingBytesPerSecond: receives ? rate(record.samples, 'receivedBytes', atMs) : 0,
      sendingBytesPerSecond: isOver ? 0 : rate(record.samples, 'sentBytes', atMs),
      rates: receives ? flowRates(record, atMs) : [],
      capacities: this.capacities.find(({ name }) => name === record.name)
    }
  }
}

/** A content that a peer brings under several names counts once, as in what it has. */
function ownBytesOf(entries: readonly CatalogEntry[]): Map<string, number> {
  const bytes = new Map<string, number>()
  const seen = new Set<string>()
  for (const { origin, root, byteLength } of entries) {
    const key = `${root} ${origin}`
    if (!seen.has(key)) {
      seen.add(key)
      bytes.set(origin, (bytes.get(origin) ?? 0) + byteLength)
    }
  }
  return bytes
}

/** The largest ones, in their original order. */
export function largest(entries: readonly CatalogEntry[], count: number): readonly CatalogEntry[] {
  if (entries.length <= count) {
    return entries
  }
  const chosen = new Set(entries.toSorted((a, b) => b.byteLength - a.byteLength).slice(0, count))
  return entries.filter((entry) => chosen.has(entry))
}

function stallText(record: PeerRecord, atMs: number): string | undefined {
  const { complete, connected, waiting, heardAtMs } = record
  if (complete) {
    return undefined
  }
  if (!connected) {
    return 'is not connected'
  }
  switch (waiting?.reason) {
    case 'disk-full':
      return 'has no room left on its disk'
    case 'no-source':
      return `waits for ${named(waiting.remotes)}: nobody who is connected has what it lacks`
    case 'checking':
      return undefined
    case 'asking':
      return 'waits until somebody at its terminal says whether to fetch'
  }
  const quietMs = atMs - heardAtMs
  return quietMs >= QUIET_MS ? `has received nothing for ${formatDuration(quietMs)}` : undefined
}

type Amount = 'heldBytes' | 'receivedBytes' | 'sentBytes'

function rate(samples: readonly HistoryPoint[], amount: Amount, atMs: number): number {
  return rateSince(samples, amount, atMs, atMs - RATE_WINDOW_MS)
}

/** The rate per second since the last sample before a time, or since the first one. */
function rateSince(samples: readonly HistoryPoint[], amount: Amount, atMs: number, sinceMs: number): number {
  const first = samples.findLast((sample) => sample.atMs <= sinceMs) ?? samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined || atMs <= first.atMs) {
    return 0
  }
  // A peer that was started again counts from 0.
  return Math.max(0, ((last[amount] - first[amount]) / (atMs - first.atMs)) * 1000)
}

function flowRates({ flowSamples }: PeerRecord, atMs: number): SwarmPeer['rates'] {
  const first = flowSamples.findLast((sample) => sample.atMs <= atMs - RATE_WINDOW_MS) ?? flowSamples[0]
  const last = flowSamples.at(-1)
  if (first === undefined || last === undefined || atMs <= first.atMs) {
    return []
  }
  return [...last.received].flatMap(([from, bytes]) => {
    const moved = bytes - (first.received.get(from) ?? 0)
    return moved > 0 ? [{ from, bytesPerSecond: (moved / (atMs - first.atMs)) * 1000 }] : []
  })
}

/** Drops points before a time, except the last of them. */
function shorten(samples: Array<{ atMs: number }>, sinceMs: number): void {
  while (samples.length > 1 && (samples[1]?.atMs ?? sinceMs) <= sinceMs) {
    samples.shift()
  }
}
