/**
 * Turns a log file into records: the runs in it, of one coordinator or one peer. A new start appends to an existing
 * log, so that one may have many runs; only the last ones are kept. Pure: the caller passes lines.
 */
import { type Checked, checkedCoordinatorEvent, checkedPeerEvent } from './event-schemas.ts'
import { CoordinatorRecord, PeerRecord } from './records.ts'

/** Starts of a peer that may all belong to one run, in which it was stopped and restarted. */
const MAX_STARTS = 16

export class LogRecords {
  /** The name of the file. */
  readonly source: string
  /** The last run of a coordinator. */
  coordinator: CoordinatorRecord | undefined
  /** The last starts of a peer. */
  peers: PeerRecord[] = []
  brokenLines = 0
  /** The previous run, which the current one may turn out to carry on. */
  #earlier: CoordinatorRecord | undefined
  #role: 'coordinator' | 'peer' | undefined

  constructor(source: string) {
    this.source = source
  }

  /** Adds a line; undefined for one that was too long. */
  note(line: string | undefined): void {
    if (line === undefined) {
      this.brokenLines++
    } else if (line.trim() !== '') {
      this.#noteValue(parsed(line))
    }
  }

  #noteValue(value: unknown): void {
    this.#role = roleToldBy(value) ?? this.#role
    const result = this.#role === 'coordinator' ? this.#asCoordinator(value) : this.#asPeer(value)
    if (result === 'broken') {
      this.brokenLines++
    }
  }

  #asCoordinator(value: unknown): Checked<unknown> {
    const event = checkedCoordinatorEvent(value)
    if (event === 'broken' || event === 'other') {
      return event
    }
    if (event.event === 'started') {
      this.#earlier = this.coordinator
      this.coordinator = undefined
    }
    const carriesOn =
      event.event === 'carried-on' &&
      this.#earlier?.peerId !== undefined &&
      this.#earlier.peerId === this.coordinator?.peerId
    if (carriesOn) {
      this.coordinator = this.#earlier
    }
    this.coordinator ??= new CoordinatorRecord()
    this.coordinator.note(event)
    return event
  }

  #asPeer(value: unknown): Checked<unknown> {
    const event = checkedPeerEvent(value)
    if (event === 'broken' || event === 'other') {
      return event
    }
    if (event.event === 'started' || this.peers.length === 0) {
      this.peers.push(new PeerRecord())
      this.peers = this.peers.slice(-MAX_STARTS)
    }
    this.peers.at(-1)?.note(event)
    return event
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The role that emits such an event; undefined if both do. */
function roleToldBy(value: unknown): 'coordinator' | 'peer' | undefined {
  if (typeof value !== 'object' || value === null || !('event' in value)) {
    return undefined
  }
  switch (value.event) {
    case 'started':
      return 'expectedPeers' in value ? 'coordinator' : 'peer'
    case 'registered':
      return 'joined' in value ? 'coordinator' : 'peer'
    case 'catalog':
      return 'entries' in value ? 'coordinator' : 'peer'
    case 'progress':
      return 'peers' in value ? 'coordinator' : 'peer'
    case 'hashed':
    case 'peer-connected':
    case 'chunk-requested':
    case 'chunk-stored':
    case 'chunk-sent':
      return 'peer'
    case 'transfers':
    case 'activity':
      return 'coordinator'
    default:
      return undefined
  }
}
