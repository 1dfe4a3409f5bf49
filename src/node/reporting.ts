/** What a peer reports while its run goes on: progress, transfers, what it waits for, unreachable members. */
import { heldBytesOf } from '../core/chunks.ts'
import type { Content, SwarmState } from '../engine/swarm-state.ts'
import type { Waiting } from '../events/coordinator.ts'
import type { PeerEvent, PeerProgress } from '../events/peer.ts'
import type { Unstamped } from '../events/stream.ts'
import {
  ACTIVITY_INTERVAL_MS,
  MAX_CONTENTS_TOLD,
  MAX_WAITING_FOR,
  type Member,
  type Progress,
  reportedCapacities
} from '../protocols/coordination/index.ts'
import { ActivityReport } from './activity.ts'
import type { Catalog } from './catalog.ts'
import type { Exchange } from './exchange/exchange.ts'
import type { CoordinatorLink } from './link/coordinator-link.ts'
import type { Mesh } from './mesh/mesh.ts'
import type { RunClock } from './run-clock.ts'

/** By then every address of an unreachable member has been tried, over slow paths too. */
const APART_AFTER_MS = 20_000

export interface ReportingInit {
  clock: RunClock
  state: SwarmState
  catalog: Catalog
  /** As in the roster, including this peer. */
  members: ReadonlyMap<string, Member>
  mesh: Mesh
  link: CoordinatorLink
  emit(event: Unstamped<PeerEvent>): void
}

export class Reporting {
  readonly #init: ReportingInit
  readonly #activity = new ActivityReport()
  #exchange: Exchange | undefined
  #catalogKnown = false
  #isDone = false
  /** Whether a person is asked whether to fetch: what they may want counts as wanted. */
  isAsking = false
  #reported: PeerProgress | undefined
  #activityAtMs = Number.NEGATIVE_INFINITY
  #rosterAtMs: number | undefined
  #apartTold = false

  constructor(init: ReportingInit) {
    this.#init = init
  }

  /** Receives every event of the peer. */
  note(event: PeerEvent): void {
    this.#activity.note(event)
  }

  onExchange(exchange: Exchange): void {
    this.#exchange = exchange
  }

  onRoster(): void {
    this.#rosterAtMs ??= this.#init.clock.nowMs
  }

  /** The coordinator may be another one, so everything is reported again. */
  onRejoined(): void {
    this.#activity.forget()
    this.#exchange?.engine.changeAll()
  }

  /** The catalog is known, or more of it: reports at once what is here, because the lower bound counts from that. */
  onCatalog(): void {
    this.#catalogKnown = true
    this.#reported = undefined
    this.#tellProgress()
  }

  /** A late peer brought files after all. */
  onUndone(): void {
    this.#isDone = false
  }

  /** Nothing more is expected here: sends the last report. */
  onDone(): void {
    this.#isDone = true
    this.#activityAtMs = Number.NEGATIVE_INFINITY
    this.#tellProgress()
    this.#tellActivity()
  }

  /** To be called once or twice per second. */
  tick(): void {
    this.#tellProgress()
    this.#tellActivity()
    this.#tellApart()
  }

  get progress(): PeerProgress {
    const { state } = this.#init
    const askedBytes = this.#asked.reduce((sum, content) => {
      return sum + content.byteLength - heldBytesOf(content, content.held)
    }, 0)
    return {
      totalBytes: state.totalBytes + askedBytes,
      heldBytes: state.heldBytes + this.#zeroBytesToCome,
      receivedBytes: this.#exchange?.engine.receivedBytes ?? 0,
      sentBytes: this.#exchange?.engine.sentBytes ?? 0
    }
  }

  /** As reported to the coordinator: with the measured capacities of the links. */
  get toldProgress(): Progress {
    const { uplinkBytesPerSecond, downlinkBytesPerSecond } = this.#exchange?.engine ?? {}
    return { ...this.progress, ...reportedCapacities(uplinkBytesPerSecond, downlinkBytesPerSecond) }
  }

  /**
   * Zeros that no one will send, although the digests that show which they are have not arrived: the lower bound leaves
   * them out.
   */
  get #zeroBytesToCome(): number {
    const { state, catalog } = this.#init
    let sum = 0
    for (const { root, key, held } of [...state.closedContents(), ...this.#asked]) {
      sum += key === root && held.count === 0 ? catalog.zeroByteLengthOf(root) : 0
    }
    return sum
  }

  /** The contents that a person is asked about. */
  get #asked(): Content[] {
    const { state, catalog } = this.#init
    const isAsked = ({ declined, root }: Content): boolean => declined && !catalog.declinesContent(root)
    return this.isAsking ? [...state.contents()].filter(isAsked) : []
  }

  #tellProgress(): void {
    const { progress } = this
    const last = this.#reported
    if (!this.#catalogKnown || (last !== undefined && sameProgress(last, progress))) {
      return
    }
    this.#reported = progress
    this.#init.emit({ event: 'progress', ...progress })
    this.#init.link.tell({ progress: this.toldProgress })
  }

  #tellActivity(): void {
    const { clock, link } = this.#init
    const exchange = this.#exchange
    if (
      !this.#catalogKnown ||
      exchange === undefined ||
      clock.nowMs - this.#activityAtMs < ACTIVITY_INTERVAL_MS
    ) {
      return
    }
    this.#activityAtMs = clock.nowMs
    const changed = exchange.engine.takeChanged(MAX_CONTENTS_TOLD)
    const activity = this.#activity.next(changed, this.#waitingFor(exchange))
    if (activity !== undefined) {
      link.tell({ activity })
    }
  }

  /** Why nothing arrives, if this peer knows. */
  #waitingFor({ isPaused }: Exchange): Waiting | undefined {
    const { state, catalog } = this.#init
    if (this.#isDone) {
      return undefined
    }
    if (this.isAsking) {
      return { reason: 'asking', remotes: [] }
    }
    if (state.missingChunks === 0) {
      return { reason: 'checking', remotes: [] }
    }
    if (isPaused) {
      return { reason: 'disk-full', remotes: [] }
    }
    if (state.canProgress) {
      return undefined
    }
    const origins = new Set([...state.missing()].map(({ root }) => catalog.originOf(root)))
    return { reason: 'no-source', remotes: [...origins].slice(0, MAX_WAITING_FOR) }
  }

  /** Reports once that members are unreachable, so that no one waits in vain. */
  #tellApart(): void {
    const { clock, mesh, members, emit } = this.#init
    const remotes = mesh.apart.map(({ name }) => name)
    const sinceMs = clock.nowMs - (this.#rosterAtMs ?? Number.POSITIVE_INFINITY)
    if (this.#apartTold || sinceMs < APART_AFTER_MS || remotes.length === 0) {
      return
    }
    this.#apartTold = true
    const alone = ![...members.keys()].some((peerId) => mesh.hasMet(peerId))
    emit({ event: 'out-of-reach', remotes, alone, relayed: mesh.relays })
  }
}

function sameProgress(a: PeerProgress, b: PeerProgress): boolean {
  return a.heldBytes === b.heldBytes && a.receivedBytes === b.receivedBytes && a.sentBytes === b.sentBytes
}
