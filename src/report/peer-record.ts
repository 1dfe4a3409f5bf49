/** What a report needs of one start of a peer, from its own events, reduced as they come. Pure. */
import type { Bound } from '../core/bound.ts'
import type { PeerEvent, PeerResult, PublishedFile } from '../events/peer.ts'
import { TransferTally } from '../events/transfers.ts'
import { SwarmPicture } from '../view/swarm-picture.ts'
import type { Registration } from './coordinator-record.ts'
import { FaultList, peerFault } from './faults.ts'
import { FileCompletions } from './file-completions.ts'
import { LinkUse } from './link-use.ts'

/** One that loses its coordinator all the time is known by its first times. */
const MAX_REGISTRATIONS = 64

/** The largest swarm there is: so many connections may end at the end. */
const MAX_WAITING = 1024

export interface Span {
  bytes: number
  fromAtMs: number
  toAtMs: number
}

export type PeerOutcome = Extract<PeerEvent, { event: 'swarm-complete' | 'swarm-incomplete' }>

export class PeerRecord {
  name = ''
  peerId: string | undefined
  readonly faults = new FaultList()
  readonly completions = new FileCompletions()
  /** Of this peer alone. */
  readonly picture = new SwarmPicture()
  readonly link = new LinkUse()
  readonly registrations: Registration[] = []
  /** By the names of the members, their PeerIds. */
  readonly members = new Map<string, string>()
  readonly published = new Map<string, PublishedFile>()
  expectedPeers: number | undefined
  catalog: { atMs: number; files: number; byteLength: number } | undefined
  bound: Bound | undefined
  outcome: PeerOutcome | undefined
  /** Chunks stored and sent, from the first ask to the last byte. */
  received: Span | undefined
  sent: Span | undefined
  firstChunkAtMs: number | undefined
  /** Of what was received, what came from the files' origins. */
  directBytes = 0
  lastEventAtMs = 0
  /** When its sums were told last. */
  lastProgressAtMs = 0
  stopReason: string | undefined
  readonly #tally = new TransferTally()
  /** Connections that ended: no fault, should the swarm have ended. */
  #waiting: PeerEvent[] = []

  note(event: PeerEvent): void {
    this.name = this.name === '' ? event.peer : this.name
    if (event.event === 'started') {
      this.peerId = event.peerId
      return
    }
    if (event.event === 'registered') {
      this.#register(event)
    } else if (this.registrations.length === 0) {
      // Its clock is not the swarm's yet.
      return
    }
    this.lastEventAtMs = Math.max(this.lastEventAtMs, event.atMs)
    if (event.event === 'peer-disconnected' || event.event === 'coordinator-lost') {
      this.#hold(event)
    } else {
      this.#count(event)
    }
    switch (event.event) {
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
      case 'catalog':
        this.catalog ??= { atMs: event.atMs, files: event.files, byteLength: event.byteLength }
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
      case 'progress':
        this.link.note(event.atMs, event)
        this.lastProgressAtMs = event.atMs
        this.picture.note({
          ...event,
          peers: [{ ...event, name: event.peer, connected: true, complete: false }]
        })
        break
      case 'peer-complete':
        this.picture.note(event)
        break
      case 'bound':
        this.bound = event
        break
      case 'swarm-complete':
      case 'swarm-incomplete':
        this.#end(event)
        break
      case 'stopped':
        this.stopReason = event.reason
        break
    }
  }

  /** What its transfers came to. */
  get transfers(): TransferTally['transfers'] {
    this.#release(Number.POSITIVE_INFINITY)
    return this.#tally.transfers
  }

  #register(event: Extract<PeerEvent, { event: 'registered' }>): void {
    const { peerId, atMs } = event
    this.peerId = peerId
    this.expectedPeers = event.expectedPeers
    if (this.registrations.length < MAX_REGISTRATIONS) {
      this.registrations.push({ peerId, atMs })
    }
    this.picture.note({ ...event, joined: 1 })
  }

  #hold(event: PeerEvent): void {
    if (this.outcome !== undefined) {
      return
    }
    if (this.#waiting.length === MAX_WAITING) {
      this.#release(Number.POSITIVE_INFINITY)
    }
    this.#waiting.push(event)
  }

  /** Those until a time were faults. */
  #release(untilMs: number): void {
    for (const event of this.#waiting) {
      if (event.atMs < untilMs) {
        this.#count(event)
      }
    }
    this.#waiting = []
  }

  #count(event: PeerEvent): void {
    this.#tally.note(event)
    const fault = peerFault(event)
    if (fault !== undefined) {
      this.faults.add(fault)
    }
  }

  #end(event: PeerOutcome): void {
    this.outcome ??= event
    this.#release(lastCompletionOf(event.results) ?? Number.POSITIVE_INFINITY)
  }
}

/** When all were complete; undefined where they were not. */
function lastCompletionOf(results: readonly PeerResult[]): number | undefined {
  const completed = results.flatMap(({ completedAtMs }) => completedAtMs ?? [])
  return completed.length === results.length && results.length > 0 ? Math.max(...completed) : undefined
}

/** Both, as one. */
export function together(a: Span | undefined, b: Span): Span {
  return a === undefined
    ? b
    : {
        bytes: a.bytes + b.bytes,
        fromAtMs: Math.min(a.fromAtMs, b.fromAtMs),
        toAtMs: Math.max(a.toAtMs, b.toAtMs)
      }
}

function spanOf(moved: Extract<PeerEvent, { event: 'chunk-stored' | 'chunk-sent' }>): Span {
  return { bytes: moved.byteLength, fromAtMs: moved.atMs - moved.elapsedMs, toAtMs: moved.atMs }
}
