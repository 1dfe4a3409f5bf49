/** Chooses the run of a report if there are logs of several, and the logs that belong to it. Pure. */
import { named } from '../core/units.ts'
import type { LogRecords } from './log-records.ts'
import type { CoordinatorRecord, PeerRecord } from './records.ts'

/** A coordinator and a peer record a registration at almost the same time of the swarm clock. */
const SAME_REGISTRATION_MS = 5000

/** The records that a report is made of. */
export interface RunRecords {
  coordinator: { record: CoordinatorRecord; source: 'live' | 'log' } | undefined
  /** Starts of peers that belong to the run, in any order; a peer that was restarted has several. */
  peers: readonly PeerRecord[]
  leftOut: Array<{ source: string; reason: string }>
  brokenLines: number
}

/** The run that began last of those in coordinators' logs, or else the run that most of the peers' logs describe. */
export function chooseRun(logs: readonly LogRecords[]): RunRecords | undefined {
  const brokenLines = logs.reduce((sum, log) => sum + log.brokenLines, 0)
  const run = runOfCoordinator(logs) ?? runOfPeers(logs)
  return run === undefined ? undefined : { ...run, brokenLines }
}

type Run = Omit<RunRecords, 'brokenLines'>

function runOfCoordinator(logs: readonly LogRecords[]): Run | undefined {
  const told = logs.flatMap(({ source, coordinator }) =>
    coordinator?.isRun === true ? [{ source, record: coordinator }] : []
  )
  const last = told.toSorted((a, b) => startOf(a.record) - startOf(b.record)).at(-1)
  if (last === undefined) {
    return undefined
  }
  return {
    coordinator: { record: last.record, source: 'log' },
    ...peersOf(logs, last.source, (start) => isRegistered(start, last.record))
  }
}

function runOfPeers(logs: readonly LogRecords[]): Run | undefined {
  const starts = logs
    .flatMap(({ peers }) => peers.slice(-1))
    .filter(({ registrations }) => registrations.length > 0)
  const weight = ({ outcome, members }: PeerRecord): number =>
    members.size + (outcome === undefined ? 0 : 1e6)
  const [most] = starts.toSorted((a, b) => weight(b) - weight(a))
  if (most === undefined) {
    return undefined
  }
  const last = new Set(starts)
  return {
    coordinator: undefined,
    ...peersOf(logs, undefined, (start) => last.has(start) && isOfOneRun(start, most))
  }
}

/** Sorts the logs by whether a part of them belongs. */
function peersOf(
  logs: readonly LogRecords[],
  ownSource: string | undefined,
  belongs: (start: PeerRecord) => boolean
): Pick<Run, 'peers' | 'leftOut'> {
  const peers: PeerRecord[] = []
  const leftOut: Run['leftOut'] = []
  const seen = new Map<string, string>()
  for (const log of logs) {
    const { source } = log
    const starts = log.peers.filter(belongs)
    const isTwice = starts.map(idOf).find((id) => seen.has(id))
    if (isTwice !== undefined) {
      leftOut.push({ source, reason: `it tells the same as ${seen.get(isTwice)}` })
    } else if (starts.length > 0) {
      peers.push(...starts)
      for (const start of starts) {
        seen.set(idOf(start), source)
      }
    } else if (source !== ownSource) {
      leftOut.push({ source, reason: reasonOf(log) })
    }
  }
  return { peers, leftOut }
}

function reasonOf({ peers, coordinator }: LogRecords): string {
  if (coordinator?.isRun === true) {
    return `it is of another run, of the coordinator ${named([coordinator.picture.coordinator])}`
  }
  return peers.some(({ registrations }) => registrations.length > 0)
    ? 'it is of another run'
    : 'there is no run in it'
}

function startOf({ clockZeroUnixMs }: CoordinatorRecord): number {
  return clockZeroUnixMs ?? 0
}

function idOf({ peerId, registrations }: PeerRecord): string {
  return `${peerId} ${registrations[0]?.atMs}`
}

/** Whether the coordinator had a registration of this peer at that time. */
function isRegistered({ name, registrations }: PeerRecord, coordinator: CoordinatorRecord): boolean {
  const known = coordinator.registrations.get(name) ?? []
  return registrations.some(({ peerId, atMs }) =>
    known.some((its) => its.peerId === peerId && Math.abs(its.atMs - atMs) <= SAME_REGISTRATION_MS)
  )
}

/** Whether two peers describe the same run: they have the same table at its end, or the same members. */
function isOfOneRun(a: PeerRecord, b: PeerRecord): boolean {
  const [tableOfA, tableOfB] = [tableOf(a), tableOf(b)]
  if (tableOfA !== undefined && tableOfB !== undefined) {
    return tableOfA === tableOfB
  }
  return b.members.get(a.name) === a.peerId && a.members.get(b.name) === b.peerId
}

function tableOf({ outcome }: PeerRecord): string | undefined {
  if (outcome === undefined || ('alone' in outcome && outcome.alone === true)) {
    return undefined
  }
  return outcome.results.map(({ name, registeredAtMs }) => `${name} ${registeredAtMs.toFixed(1)}`).join('\n')
}
