/**
 * Makes a report from the events of a coordinator and of peers, live or from their logs. Pure.
 *
 * What both report is taken from the coordinator, so that a report is the same with the peers' logs and without. A
 * peer's own log adds only what no one else knows. Of two sums that only grow, the larger one is later.
 */
import type { Bound } from '../core/bound.ts'
import { chunkTimeMs } from '../core/chunk-times.ts'
import { efficiencyOf } from '../core/lower-bound.ts'
import type { Transfers } from '../events/coordinator.ts'
import type { PeerResult } from '../events/peer.ts'
import { addTransfers, NO_TRANSFERS } from '../events/transfers.ts'
import type { HistoryPoint, SwarmPeer } from '../view/swarm-picture.ts'
import type { RunRecords } from './choose-run.ts'
import { faultsOf, isRefusal } from './faults.ts'
import { type CompletedFile, FileCompletions } from './file-completions.ts'
import { limitsOf } from './limits.ts'
import { LinkUse, together } from './link-use.ts'
import { missingOf } from './missing.ts'
import type { PeerRecord, RoleRecord, RunOutcome } from './records.ts'
import {
  type ChunkTimes,
  REPORT_FORMAT,
  REPORT_VERSION,
  type Report,
  type ReportFile,
  type ReportPeer,
  type ReportTransfers
} from './report.ts'

/** Sums arrive twice per second: over a shorter time they do not show how well a link was used. */
const MIN_USE_MS = 10_000

/** As many as a person may read; the catalog may have a million. */
const MAX_FILES = 10_000

/** Everything known of one peer. */
export interface PeerFacts {
  name: string
  picture: SwarmPeer | undefined
  result: PeerResult | undefined
  starts: PeerRecord[]
  link: LinkUse
  transfers: Transfers | undefined
  /** Whether its own log is complete. */
  ownIsWhole: boolean
  lastProgressAtMs: number
}

export function buildReport(run: RunRecords, madeAtUnixMs: number): Report {
  const facts = factsOf(run)
  const { coordinator, leftOut, brokenLines } = run
  const times = timesOf(run, facts)
  const files = filesOf(run, facts)
  const brought = broughtOf(files)
  const peers = facts.map((peer) => peerOf(peer, times, brought.get(peer.name) ?? NOTHING_BROUGHT))
  const told = facts.flatMap(({ transfers }) => (transfers === undefined ? [] : [transfers]))
  const sums: Omit<Report, 'limits'> = {
    format: REPORT_FORMAT,
    version: REPORT_VERSION,
    madeAt: new Date(madeAtUnixMs).toISOString(),
    run: runOf(run, peers, times),
    sources: {
      coordinator: coordinator?.source ?? 'none',
      peerLogs: facts.filter(({ starts }) => starts.length > 0).map(({ name }) => name),
      leftOut,
      brokenLines,
      missing: missingOf(run, facts)
    },
    times,
    bound: boundOf(run, facts, times),
    transfers: told.length === 0 ? null : transfersOf(told.reduce(addTransfers, NO_TRANSFERS)),
    peers,
    files: files.slice(0, MAX_FILES),
    moreFiles: Math.max(0, files.length - MAX_FILES),
    flows: facts.flatMap(({ name, transfers }) =>
      (transfers?.flows ?? []).map(({ from, receivedBytes }) => ({ from, to: name, bytes: receivedBytes }))
    ),
    timeline: facts.map(timelineOf),
    faults: faultsOf(recordsOf(run).map(({ faults }) => faults))
  }
  return { ...sums, limits: limitsOf(sums) }
}

function factsOf(run: RunRecords): PeerFacts[] {
  const { coordinator, peers } = run
  const pictures = new Map(coordinator?.record.picture.peers().map((picture) => [picture.name, picture]))
  const results = new Map(resultsOf(run).map((result) => [result.name, result]))
  const members = peers.flatMap((start) => [start.name, ...start.members.keys()])
  const names = coordinator === undefined ? [...results.keys(), ...members] : [...pictures.keys()]
  return [...new Set(names)]
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => {
      const starts = peers.filter((start) => start.name === name)
      const last = starts.at(-1)
      const [own] = last?.picture.peers() ?? []
      const picture = pictures.get(name)
      const counted =
        starts.length === 0 ? undefined : starts.map(({ transfers }) => transfers).reduce(addTransfers)
      const claimed = picture?.transfers === NO_TRANSFERS ? undefined : picture?.transfers
      const ownIsWhole = counted !== undefined && counted.chunks >= (claimed?.chunks ?? 0)
      return {
        name,
        picture: picture === undefined ? own : later(picture, own),
        result: results.get(name),
        starts,
        link: coordinator?.record.links.get(name) ?? last?.links.get(name) ?? new LinkUse(),
        transfers: ownIsWhole ? counted : claimed,
        ownIsWhole,
        lastProgressAtMs: coordinator?.record.lastProgressAtMs ?? last?.lastProgressAtMs ?? 0
      }
    })
}

/** A peer that continued without its coordinator knows more about itself. */
function later(known: SwarmPeer, own: SwarmPeer | undefined): SwarmPeer {
  return {
    ...known,
    totalBytes: Math.max(known.totalBytes, own?.totalBytes ?? 0),
    heldBytes: Math.max(known.heldBytes, own?.heldBytes ?? 0),
    receivedBytes: Math.max(known.receivedBytes, own?.receivedBytes ?? 0),
    sentBytes: Math.max(known.sentBytes, own?.sentBytes ?? 0),
    completedAfterMs: known.completedAfterMs ?? own?.completedAfterMs
  }
}

/** The coordinator's, and then those of the peers. */
function recordsOf({ coordinator, peers }: RunRecords): RoleRecord[] {
  return coordinator === undefined ? [...peers] : [coordinator.record, ...peers]
}

/** How the run ended, according to each role. */
function outcomesOf(run: RunRecords): RunOutcome[] {
  return recordsOf(run).flatMap(({ outcome }) => outcome ?? [])
}

/** The table that the coordinator sends to all at the end. */
function resultsOf(run: RunRecords): readonly PeerResult[] {
  const tables = outcomesOf(run).map(({ results }) => results)
  return tables.reduce((longest, table) => (table.length > longest.length ? table : longest), [])
}

function runOf(run: RunRecords, peers: readonly ReportPeer[], times: Report['times']): Report['run'] {
  const record = run.coordinator?.record
  const [first] = recordsOf(run)
  const catalog = recordsOf(run).find((each) => each.catalog !== undefined)?.catalog
  const outcomes = outcomesOf(run)
  const incomplete = outcomes.find((end) => end.event === 'swarm-incomplete')
  const complete = times.makespanMs !== null || outcomes.some((end) => end.event === 'swarm-complete')
  const stopReason = first?.stopReason
  const unfinished = stopReason === undefined ? 'unfinished' : 'stopped'
  const verdict = complete ? 'complete' : incomplete === undefined ? unfinished : 'incomplete'
  const reason = { complete: null, incomplete: incomplete?.reason, stopped: stopReason, unfinished: null }
  const sum = (value: (peer: ReportPeer) => number): number =>
    peers.reduce((total, peer) => total + value(peer), 0)
  return {
    id: idOf(run),
    coordinator: record?.picture.coordinator ?? null,
    startedAt: record?.clockZeroUnixMs === undefined ? null : dateOf(record.clockZeroUnixMs),
    verdict,
    reason: reason[verdict] ?? null,
    withoutFilesOf: outcomes.find((end) => end.leftOut !== undefined)?.leftOut ?? [],
    expectedPeers: first?.expectedPeers ?? null,
    chunkByteLength: record?.picture.chunkByteLength ?? null,
    files: catalog?.files ?? null,
    byteLength: catalog?.byteLength ?? null,
    receivedBytes: sum(({ receivedBytes }) => receivedBytes),
    missingBytes: sum(({ totalBytes, heldBytes }) => Math.max(0, totalBytes - heldBytes)),
    relayedBytes: record?.picture.relayedBytes ?? null
  }
}

/** A time that no calendar has is unknown. */
function dateOf(unixMs: number): string | null {
  const date = new Date(unixMs)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

function idOf({ coordinator, peers }: RunRecords): string {
  if (coordinator !== undefined) {
    const { peerId, clockZeroUnixMs } = coordinator.record
    return `${peerId ?? 'unknown'}-${Math.round(clockZeroUnixMs ?? 0)}`
  }
  const [first] = peers
    .map(({ peerId, registrations }) => `${peerId}-${Math.round(registrations[0]?.atMs ?? 0)}`)
    .sort()
  return first ?? 'unknown'
}

function timesOf(run: RunRecords, facts: readonly PeerFacts[]): Report['times'] {
  const { coordinator, peers } = run
  const record = coordinator?.record
  const registered = facts.flatMap((peer) => registeredAtMs(peer) ?? [])
  const completed = facts.flatMap((peer) => completedAtMs(peer) ?? []).sort((a, b) => a - b)
  const chunks = peers.flatMap(({ firstChunkAtMs }) => firstChunkAtMs ?? [])
  const seen = record?.firstChunkAtMs
  const firstChunkAtMs = least([...chunks, ...(seen === undefined ? [] : [seen])])
  const firstRegisteredAtMs = least(registered)
  const lastCompletedAtMs = completed.at(-1) ?? null
  const expected = recordsOf(run)[0]?.expectedPeers ?? facts.length
  const allComplete = completed.length === facts.length && facts.length >= expected && facts.length > 0
  const [told] = outcomesOf(run).flatMap((end) =>
    end.event === 'swarm-complete' && !('alone' in end) ? [end] : []
  )
  const seenMs =
    allComplete && firstRegisteredAtMs !== null && lastCompletedAtMs !== null
      ? lastCompletedAtMs - firstRegisteredAtMs
      : null
  const makespanMs = told?.makespanMs ?? seenMs
  const catalogAtMs = record?.catalog?.atMs ?? least(peers.flatMap(({ catalog }) => catalog?.atMs ?? []))
  const seenExchangeMs =
    makespanMs === null || catalogAtMs === null || lastCompletedAtMs === null
      ? null
      : Math.max(0, lastCompletedAtMs - catalogAtMs)
  return {
    firstRegisteredAtMs,
    lastRegisteredAtMs: registered.length === 0 ? null : Math.max(...registered),
    catalogAtMs,
    firstChunkAtMs,
    firstChunkBasis: firstChunkAtMs === null ? null : chunks.includes(firstChunkAtMs) ? 'chunks' : 'progress',
    firstCompletedAtMs: completed[0] ?? null,
    lastButOneCompletedAtMs: completed.at(-2) ?? null,
    lastCompletedAtMs,
    lastEventAtMs: Math.max(0, ...recordsOf(run).map(({ lastEventAtMs }) => lastEventAtMs)),
    makespanMs,
    exchangeMs: told?.exchangeMs ?? seenExchangeMs
  }
}

function registeredAtMs({ result, picture }: PeerFacts): number | undefined {
  return result?.registeredAtMs ?? picture?.registeredAtMs
}

function completedAtMs(peer: PeerFacts): number | undefined {
  const { result, picture } = peer
  const sinceMs = registeredAtMs(peer)
  if (result?.completedAtMs !== undefined) {
    return result.completedAtMs
  }
  return sinceMs === undefined || picture?.completedAfterMs === undefined
    ? undefined
    : sinceMs + picture.completedAfterMs
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values)
}

function boundOf(
  run: RunRecords,
  facts: readonly PeerFacts[],
  { makespanMs, exchangeMs }: Report['times']
): Report['bound'] {
  const bound = toldBound(run)
  if (bound === undefined) {
    return null
  }
  const { boundMs, term, boundPeer, boundBytesPerSecond, basis } = bound
  return {
    boundMs,
    term,
    peer: boundPeer ?? null,
    bytesPerSecond: boundBytesPerSecond,
    basis,
    efficiency: makespanMs === null ? null : efficiencyOf(boundMs, exchangeMs ?? makespanMs),
    use: useOf(bound, facts)
  }
}

/** The value at the end, or the last reported one. */
function toldBound(run: RunRecords): Bound | undefined {
  const atTheEnd = outcomesOf(run).find((end) => end.event === 'swarm-complete' && end.boundMs !== undefined)
  const latest = recordsOf(run).flatMap(({ picture }) => picture.bound ?? [])
  return atTheEnd?.event === 'swarm-complete' && atTheEnd.boundMs !== undefined ? atTheEnd : latest[0]
}

type Use = NonNullable<NonNullable<Report['bound']>['use']>

/** How much of what the binding link could have carried did pass, while it carried anything. */
function useOf({ term, boundPeer, boundBytesPerSecond }: Bound, facts: readonly PeerFacts[]): Use | null {
  const lines = facts.filter(({ name }) => boundPeer === undefined || name === boundPeer)
  const exact = lines.map(({ starts, ownIsWhole }) =>
    ownIsWhole
      ? together(...starts.map((start) => (term === 'downlink' ? start.received : start.sent)))
      : undefined
  )
  const isExact = exact.every((span) => span !== undefined)
  const seen = lines.map(({ link }) => (term === 'downlink' ? link.receiving : link.sending).span)
  const span = together(...(isExact ? exact : seen))
  const elapsedMs = span === undefined ? 0 : span.toAtMs - span.fromAtMs
  if (
    span === undefined ||
    boundBytesPerSecond === 0 ||
    elapsedMs <= 0 ||
    (!isExact && elapsedMs < MIN_USE_MS)
  ) {
    return null
  }
  const share = (span.bytes / elapsedMs) * (1000 / boundBytesPerSecond)
  return { ...span, share, basis: isExact ? 'chunks' : 'progress' }
}

type Brought = Pick<ReportPeer, 'broughtFiles' | 'broughtBytes'>

const NOTHING_BROUGHT: Brought = { broughtFiles: 0, broughtBytes: 0 }

/** By the names of the origins. */
function broughtOf(files: readonly ReportFile[]): Map<string, Brought> {
  const brought = new Map<string, Brought>()
  for (const { origin, byteLength } of files) {
    const { broughtFiles, broughtBytes } = brought.get(origin) ?? NOTHING_BROUGHT
    brought.set(origin, { broughtFiles: broughtFiles + 1, broughtBytes: broughtBytes + byteLength })
  }
  return brought
}

function peerOf(facts: PeerFacts, times: Report['times'], brought: Brought): ReportPeer {
  const { name, picture, result, starts, transfers, ownIsWhole } = facts
  const [since, until] = [registeredAtMs(facts), completedAtMs(facts)]
  const { receivedBytes = 0, sentBytes = 0 } = result ?? picture ?? {}
  const { catalogAtMs, lastCompletedAtMs } = times
  return {
    name,
    registeredAtMs: since ?? null,
    completedAfterMs: since === undefined || until === undefined ? null : until - since,
    wants: picture?.wants ?? null,
    ...brought,
    totalBytes: picture?.totalBytes ?? 0,
    heldBytes: picture?.heldBytes ?? 0,
    receivedBytes,
    sentBytes,
    directBytes: ownIsWhole ? starts.reduce((sum, { directBytes }) => sum + directBytes, 0) : null,
    meanReceivingBytesPerSecond: rateOf(receivedBytes, catalogAtMs, until ?? null),
    meanSendingBytesPerSecond: rateOf(sentBytes, catalogAtMs, lastCompletedAtMs),
    peakReceivingBytesPerSecond: facts.link.receiving.peakBytesPerSecond ?? null,
    peakSendingBytesPerSecond: facts.link.sending.peakBytesPerSecond ?? null,
    uplink: picture?.capacities?.uplink ?? null,
    downlink: picture?.capacities?.downlink ?? null,
    transfers: transfers === undefined ? null : transfersOf(transfers)
  }
}

function rateOf(bytes: number, fromAtMs: number | null, toAtMs: number | null): number | null {
  return fromAtMs === null || toAtMs === null || toAtMs <= fromAtMs
    ? null
    : (bytes / (toAtMs - fromAtMs)) * 1000
}

function transfersOf(transfers: Transfers): ReportTransfers {
  const { chunks, chunkTimes, duplicates, failures, stalls, disconnections } = transfers
  const sum = (wanted: (reason: string) => boolean): number =>
    failures.filter(({ reason }) => wanted(reason)).reduce((total, { count }) => total + count, 0)
  return {
    chunks,
    chunkTimes: chunkTimesOf(chunkTimes),
    duplicates,
    retries: sum((reason) => !isRefusal(reason)),
    refusals: sum(isRefusal),
    failures: failures.toSorted((a, b) => a.reason.localeCompare(b.reason)),
    stalls,
    disconnections
  }
}

function chunkTimesOf(counts: readonly number[]): ChunkTimes | null {
  const [medianMs, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => chunkTimeMs(counts, share))
  return medianMs === undefined || p95Ms === undefined || p99Ms === undefined
    ? null
    : { medianMs, p95Ms, p99Ms }
}

function filesOf({ coordinator, peers }: RunRecords, facts: readonly PeerFacts[]): ReportFile[] {
  const completions = coordinator?.record.completions.copy() ?? new FileCompletions()
  const files = new Map<string, CompletedFile>()
  const add = (file: CompletedFile): void => {
    files.set(file.file, files.get(file.file) ?? file)
  }
  coordinator?.record.picture.files.forEach(add)
  for (const start of peers) {
    completions.addOf(start.name, start.completions)
    for (const file of start.published.values()) {
      add({ ...file, origin: start.name })
    }
  }
  for (const file of completions.all) {
    add(file)
  }
  const picture = coordinator?.record.picture
  const names = new Set(facts.map(({ name }) => name))
  const choosers = facts.filter((peer) => peer.picture?.wants !== undefined)
  return [...files.values()]
    .sort((a, b) => a.file.localeCompare(b.file, 'en', { numeric: true }))
    .map(({ file, origin, byteLength, md5 }) => {
      const { copies = 0, firstAtMs = null, lastAtMs = null } = completions.get(file) ?? {}
      const decliners = choosers.filter(({ name }) => picture?.declines(name, { file, origin }))
      const wantedBy = facts.length - (names.has(origin) ? 1 : 0) - decliners.length
      return {
        ...{ file, origin, byteLength, md5, copies, wantedBy },
        firstCompletedAtMs: firstAtMs,
        lastCompletedAtMs: lastAtMs
      }
    })
}

function timelineOf({ name, picture, lastProgressAtMs }: PeerFacts): Report['timeline'][number] {
  const points: HistoryPoint[] = [...(picture?.history ?? [])]
  const lastAtMs = points.at(-1)?.atMs
  if (picture !== undefined && lastAtMs !== undefined && lastAtMs < lastProgressAtMs) {
    const { heldBytes, receivedBytes, sentBytes } = picture
    points.push({ atMs: lastProgressAtMs, heldBytes, receivedBytes, sentBytes })
  }
  return {
    peer: name,
    atMs: points.map(({ atMs }) => atMs),
    heldBytes: points.map(({ heldBytes }) => heldBytes),
    receivedBytes: points.map(({ receivedBytes }) => receivedBytes),
    sentBytes: points.map(({ sentBytes }) => sentBytes)
  }
}
