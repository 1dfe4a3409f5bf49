/**
 * What a log file comes to: the runs that it tells of, of one coordinator or one peer, as records. Logs are continued
 * where they exist, so that one may hold many runs; only the last ones are kept. Pure: lines come in.
 */
import { type Checked, checkedCoordinatorEvent, checkedPeerEvent } from './event-schemas.ts'
import { CoordinatorRecord, PeerRecord } from './records.ts'

/** Starts of a peer that may all belong to one run, in which it was stopped and started again. */
const MAX_STARTS = 16

export class LogRecords {
  /** What the file is called. */
  readonly source: string
  /** The last run of a coordinator. */
  coordinator: CoordinatorRecord | undefined
  /** The last starts of a peer. */
  peers: PeerRecord[] = []
  brokenLines = 0
  /** The run before, which the current one may turn out to carry on. */
  #earlier: CoordinatorRecord | undefined
  #role: 'coordinator' | 'peer' | undefined

  constructor(source: string) {
    this.source = source
  }

  /** Takes a line; undefined: one that was too long. */
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

/** Who tells such an event; undefined where both do. */
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
