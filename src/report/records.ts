/**
 * The part of the events of a coordinator, and of one start of a peer, that a report needs. Events are reduced as they
 * arrive, live or from a log. Pure.
 */
import type { CoordinatorEvent, SwarmProgress } from '../events/coordinator.ts'
import type { PeerEvent, PeerResult, PublishedFile } from '../events/peer.ts'
import { TransferTally } from '../events/transfers.ts'
import { SwarmPicture } from '../view/swarm-picture.ts'
import { coordinatorFault, FaultList, peerFault } from './faults.ts'
import { FileCompletions } from './file-completions.ts'
import { LinkUse, type Span, together } from './link-use.ts'

/** For a peer that comes and goes all the time, only the first times are kept. */
const MAX_REGISTRATIONS = 64

/** The size of the largest swarm: this many connections may end at the end. */
const MAX_WAITING = 1024

export interface Registration {
  peerId: string
  atMs: number
}

export type RunOutcome = Extract<
  CoordinatorEvent | PeerEvent,
  { event: 'swarm-complete' | 'swarm-incomplete' }
>

/** What both roles report. */
export class RoleRecord {
  /** For the swarm; in a peer's record, for this peer alone. */
  readonly picture = new SwarmPicture()
  readonly faults = new FaultList()
  readonly completions = new FileCompletions()
  /** By the peer's name. */
  readonly links = new Map<string, LinkUse>()
  peerId: string | undefined
  expectedPeers: number | undefined
  catalog: { atMs: number; files: number; byteLength: number } | undefined
  /** When a chunk was stored, or when the coordinator first heard of one. */
  firstChunkAtMs: number | undefined
  outcome: RunOutcome | undefined
  stopReason: string | undefined
  lastEventAtMs = 0
  /** When the peers' sums were last reported. */
  lastProgressAtMs = 0

  protected noteShared(event: CoordinatorEvent | PeerEvent): void {
    this.lastEventAtMs = Math.max(this.lastEventAtMs, event.atMs)
    switch (event.event) {
      case 'catalog':
        this.catalog = {
          atMs: this.catalog?.atMs ?? event.atMs,
          files: event.files,
          byteLength: event.byteLength
        }
        break
      case 'swarm-complete':
      case 'swarm-incomplete':
        this.outcome ??= event
        break
      case 'stopped':
        this.stopReason = event.reason
        break
    }
  }

  protected noteProgress(atMs: number, peers: readonly SwarmProgress[]): void {
    for (const progress of peers) {
      const link = this.links.get(progress.name) ?? new LinkUse()
      this.links.set(progress.name, link)
      link.note(atMs, progress)
    }
    this.lastProgressAtMs = atMs
  }
}

export class CoordinatorRecord extends RoleRecord {
  /** By the peer's name. */
  readonly registrations = new Map<string, Registration[]>()
  /** When the swarm clock showed 0, in ms since 1970. */
  clockZeroUnixMs: number | undefined
  /** Whether it carried on a swarm whose beginning it does not know. */
  beginsInTheMiddle = false

  note(event: CoordinatorEvent): void {
    this.noteShared(event)
    this.picture.note(event)
    this.faults.add(coordinatorFault(event))
    switch (event.event) {
      case 'started':
        this.peerId = event.peerId
        this.expectedPeers = event.expectedPeers
        this.clockZeroUnixMs ??= event.clockZeroUnixMs
        break
      case 'expected-peers':
        this.expectedPeers = event.expectedPeers
        break
      case 'carried-on':
        this.beginsInTheMiddle = !this.isRun
        break
      case 'registered': {
        const times = this.registrations.get(event.peer) ?? []
        this.registrations.set(event.peer, times)
        register(times, event)
        break
      }
      case 'progress':
        this.noteProgress(event.atMs, event.peers)
        if (event.peers.some(({ receivedBytes }) => receivedBytes > 0)) {
          this.firstChunkAtMs ??= event.atMs
        }
        break
      case 'file-complete': {
        const registeredAtMs = this.registrations.get(event.peer)?.[0]?.atMs
        const atMs = registeredAtMs === undefined ? event.atMs : registeredAtMs + event.elapsedMs
        this.completions.add(event, event.peer, atMs)
        break
      }
    }
  }

  /** Whether there is anything to report. */
  get isRun(): boolean {
    return this.registrations.size > 0 || this.catalog !== undefined
  }
}

export class PeerRecord extends RoleRecord {
  name = ''
  readonly registrations: Registration[] = []
  /** PeerIds by the names of the members. */
  readonly members = new Map<string, string>()
  readonly published = new Map<string, PublishedFile>()
  /** Chunks stored and sent, from the first ask to the last byte. */
  received: Span | undefined
  sent: Span | undefined
  /** The received bytes that came from the files' origins. */
  directBytes = 0
  readonly #tally = new TransferTally()
  /** Connections that ended: no fault if the swarm has ended. */
  #waiting: PeerEvent[] = []

  note(event: PeerEvent): void {
    this.name = this.name === '' ? event.peer : this.name
    if (event.event === 'started') {
      this.peerId = event.peerId
      return
    }
    if (event.event !== 'registered' && this.registrations.length === 0) {
      // Its clock is not the swarm's yet.
      return
    }
    if (event.event === 'peer-disconnected' || event.event === 'coordinator-lost') {
      this.#hold(event)
    } else {
      this.#count(event)
    }
    this.noteShared(event)
    switch (event.event) {
      case 'registered':
        this.peerId = event.peerId
        this.expectedPeers = event.expectedPeers
        register(this.registrations, event)
        this.picture.note({ ...event, joined: 1 })
        break
      case 'roster':
        for (const { name, peerId } of event.members) {
          this.members.set(name, peerId)
        }
        break
      case 'manifests-published':
        for (const manifest of event.manifests) {
          this.published.set(manifest.file, manifest)
        }
        break
      case 'chunk-stored':
        this.received = together(this.received, spanOf(event))
        this.firstChunkAtMs ??= event.atMs
        this.directBytes += event.file.startsWith(`${event.from}/`) ? event.byteLength : 0
        break
      case 'chunk-sent':
        this.sent = together(this.sent, spanOf(event))
        break
      case 'file-complete':
        this.completions.add(event, event.peer, event.atMs)
        break
      case 'progress': {
        const peers = [{ ...event, name: event.peer, connected: true, complete: false }]
        this.noteProgress(event.atMs, peers)
        this.picture.note({ ...event, peers })
        break
      }
      case 'peer-complete':
        this.picture.note(event)
        break
      case 'bound':
        this.picture.note({ ...event, capacities: [] })
        break
      case 'swarm-complete':
      case 'swarm-incomplete':
        this.#release(lastCompletionOf(event.results))
        break
    }
  }

  /** The totals of its transfers. */
  get transfers(): TransferTally['transfers'] {
    this.#release()
    return this.#tally.transfers
  }

  #hold(event: PeerEvent): void {
    if (this.outcome !== undefined) {
      return
    }
    if (this.#waiting.length === MAX_WAITING) {
      this.#release()
    }
    this.#waiting.push(event)
  }

  /** Connections that ended before a time were faults. */
  #release(untilMs = Number.POSITIVE_INFINITY): void {
    for (const event of this.#waiting) {
      if (event.atMs < untilMs) {
        this.#count(event)
      }
    }
    this.#waiting = []
  }

  #count(event: PeerEvent): void {
    this.#tally.note(event)
    this.faults.add(peerFault(event))
  }
}

function register(times: Registration[], { peerId, atMs }: Registration): void {
  if (times.length < MAX_REGISTRATIONS) {
    times.push({ peerId, atMs })
  }
}

/** When all were complete; undefined if they were not. */
function lastCompletionOf(results: readonly PeerResult[]): number | undefined {
  const completed = results.flatMap(({ completedAtMs }) => completedAtMs ?? [])
  return completed.length === results.length && results.length > 0 ? Math.max(...completed) : undefined
}

function spanOf(moved: Extract<PeerEvent, { event: 'chunk-stored' | 'chunk-sent' }>): Span {
  return { bytes: moved.byteLength, fromAtMs: moved.atMs - moved.elapsedMs, toAtMs: moved.atMs }
}
