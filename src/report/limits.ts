/** Says in words what limited a run, by rules, from the figures of the report alone. Pure. */
import { printable } from '../core/names.ts'
import { countOf, formatBytes, named } from '../core/units.ts'
import { formatCapacity, formatDuration, formatRate } from '../view/units.ts'
import type { Report } from './report.ts'

type Figures = Omit<Report, 'limits'>

/** A part of the run below this share is not worth a sentence. */
const NOTABLE = 0.02

/** A link that was used less than this did not limit the run. */
const WELL_USED = 0.9

/** Sentences; some may be left out. */
type Sentences = ReadonlyArray<string | false>

export function limitsOf(figures: Figures): string[] {
  return [
    [...runSentences(figures), ...boundSentences(figures)],
    partSentences(figures),
    [...chunkSentences(figures), ...troubleSentences(figures)]
  ]
    .map((sentences) => sentences.filter((sentence) => sentence !== false).join(' '))
    .filter((paragraph) => paragraph !== '')
}

function tookText(makespanMs: number, exchangeMs: number | null): string {
  const parts =
    exchangeMs === null
      ? ''
      : `: ${formatDuration(makespanMs - exchangeMs)} of waiting for people, and ${formatDuration(exchangeMs)} of exchange`
  return `The run took ${formatDuration(makespanMs)} from the first registration to the last completed file${parts}.`
}

/** The duration of the run, or how far it got. */
function runSentences({ run, times, peers }: Figures): Sentences {
  if (run.verdict === 'complete') {
    return times.makespanMs === null
      ? ['The run is complete; its duration is unknown.']
      : [tookText(times.makespanMs, times.exchangeMs)]
  }
  const passed =
    times.firstRegisteredAtMs === null
      ? ''
      : ` ${formatDuration(times.lastEventAtMs - times.firstRegisteredAtMs)} after the first registration`
  const how = {
    incomplete: `The run ended incomplete${passed}: ${printable(run.reason ?? 'for an unknown reason')}.`,
    stopped: `The run was stopped${passed} (${printable(run.reason ?? 'the reason is unknown')}), before it was complete.`,
    unfinished: `The logs end${passed}, before the end of the run.`
  }[run.verdict]
  const lacking = peers.filter(({ totalBytes, heldBytes }) => heldBytes < totalBytes)
  const shown = lacking.map(
    ({ name, totalBytes, heldBytes }) => `${printable(name)} (${formatBytes(totalBytes - heldBytes)})`
  )
  const done = peers.filter(({ completedAfterMs }) => completedAfterMs !== null).length
  const whole = `By then ${done} of ${countOf(peers.length, 'peer')} had everything`
  return [
    how,
    times.catalogAtMs === null
      ? 'The catalog was not complete by then.'
      : shown.length === 0
        ? `${whole}.`
        : `${whole}; missing: ${named(shown)}.`
  ]
}

/** The lower bound, and how well the binding link was used. */
function boundSentences({ bound, times }: Figures): Sentences {
  if (bound === null) {
    return [
      'No lower bound is known: nothing had to be sent, or no link capacity is known (settings uplink and downlink).'
    ]
  }
  const { boundMs, basis, efficiency } = bound
  const limit = formatDuration(boundMs)
  const load = loadText(bound)
  const [told, measured] =
    basis === 'mixed' ? ['Not all link capacities', 'the others'] : ['No link capacities', 'each peer']
  const tookMs = times.exchangeMs ?? times.makespanMs
  const isShorter = tookMs !== null && tookMs < boundMs
  return [
    basis === 'configured'
      ? `The links allowed no less than ${limit}: ${load}.`
      : `${told} were configured. By the fastest 2 s that ${measured} measured, the links allowed no less than ${limit}: ${load}.`,
    basis !== 'configured' &&
      'Such a bound says how evenly the run used the rates that it reached, not how fast network, processors and disks could have been.',
    efficiency !== null &&
      (isShorter
        ? 'The exchange was shorter than that, so a link carries more than was configured.'
        : `The exchange took ${(1 / efficiency).toFixed(2)} times as long (efficiency ${efficiency.toFixed(2)}).`),
    ...useSentences(bound)
  ]
}

function loadText({ boundMs, term, peer, bytesPerSecond }: NonNullable<Figures['bound']>): string {
  const capacity = formatCapacity(bytesPerSecond)
  const bytes = formatBytes((boundMs / 1000) * bytesPerSecond)
  const whose = peer === null ? '' : printable(peer)
  switch (term) {
    case 'origin':
      return `${whose}'s uplink (${capacity}) had to send the ${bytes} that only ${whose} had, at least once`
    case 'downlink':
      return `${whose}'s downlink (${capacity}) had to take in the ${bytes} that ${whose} lacked`
    case 'uplinks':
      return `all uplinks together (${capacity}) had to carry the ${bytes} that the peers lacked`
  }
}

function useSentences(bound: NonNullable<Figures['bound']>): Sentences {
  const { use, term, boundMs, bytesPerSecond, basis } = bound
  if (use === null) {
    return []
  }
  const all = term === 'uplinks'
  const line = all ? 'those uplinks' : 'that link'
  const elapsed = formatDuration(use.toAtMs - use.fromAtMs)
  const span = `From ${all ? 'the first chunk to the last' : 'its first chunk to its last'} (${elapsed})`
  const about = use.basis === 'chunks' ? '' : 'about '
  const ofWhat = basis === 'configured' ? '' : ` of ${all ? 'their' : 'its'} fastest rate`
  const soleBytes = (boundMs / 1000) * bytesPerSecond
  return [
    use.share > 1.02
      ? `${span} ${line} carried more than ${all ? 'their capacities' : 'its capacity'} as configured.`
      : `${span} ${line} ${all ? 'were' : 'was'} used at ${about}${percent(use.share)}${ofWhat}.`,
    term === 'origin' &&
      soleBytes > 0 &&
      `It sent ${(use.bytes / soleBytes).toFixed(2)} times the bytes that it had to send.`,
    basis !== 'configured' &&
      use.share < WELL_USED &&
      'These figures do not show what slowed it down the rest of the time.'
  ]
}

/** Where the time went: before the first chunk, while all exchanged, and while one peer was left. */
function partSentences({ times, bound, peers, run }: Figures): Sentences {
  const { firstRegisteredAtMs, lastRegisteredAtMs, catalogAtMs, firstChunkAtMs, makespanMs } = times
  if (
    firstRegisteredAtMs === null ||
    catalogAtMs === null ||
    firstChunkAtMs === null ||
    makespanMs === null
  ) {
    return []
  }
  const joiningMs = Math.max(0, catalogAtMs - firstRegisteredAtMs)
  const startingMs = Math.max(0, firstChunkAtMs - catalogAtMs)
  const by = times.firstChunkBasis === 'chunks' ? '' : 'at most '
  const waitedMs = (lastRegisteredAtMs ?? firstRegisteredAtMs) - firstRegisteredAtMs
  const awaited = peers.find(({ registeredAtMs }) => registeredAtMs === lastRegisteredAtMs)
  const whom = awaited === undefined ? '' : `, last for ${printable(awaited.name)}`
  const exchangeMs = makespanMs - joiningMs - startingMs
  const beyondMs = exchangeMs - (bound?.boundMs ?? 0)
  return [
    `Of the ${formatDuration(makespanMs)}, ${formatDuration(joiningMs)} passed from the first registration to the catalog and ${by}${formatDuration(startingMs)} from there to the first chunk that was stored.`,
    waitedMs > NOTABLE * makespanMs &&
      `For ${formatDuration(waitedMs)} the registered peers waited for others${whom}.`,
    bound !== null &&
      exchangeMs > 0 &&
      `The exchange itself took ${formatDuration(exchangeMs)}, ${beyondMs > 0 ? `${formatDuration(beyondMs)} more` : 'no more'} than the bound.`,
    exchangeMs > 0 &&
      `Meanwhile the peers together received ${formatBytes(run.receivedBytes)}, ${formatRate(run.receivedBytes, exchangeMs)}.`,
    endingSentence(times, peers, makespanMs)
  ]
}

/** Whether the others waited for one peer at the end. */
function endingSentence(
  { firstCompletedAtMs, lastButOneCompletedAtMs, lastCompletedAtMs }: Figures['times'],
  peers: Figures['peers'],
  makespanMs: number
): string | false {
  if (lastButOneCompletedAtMs === null || lastCompletedAtMs === null || peers.length < 2) {
    return false
  }
  const endingMs = lastCompletedAtMs - lastButOneCompletedAtMs
  const last = peers.find(
    ({ registeredAtMs, completedAfterMs }) =>
      registeredAtMs !== null &&
      completedAfterMs !== null &&
      Math.abs(registeredAtMs + completedAfterMs - lastCompletedAtMs) < 0.001
  )
  const spreadMs = lastCompletedAtMs - (firstCompletedAtMs ?? lastCompletedAtMs)
  return endingMs > NOTABLE * makespanMs && last !== undefined
    ? `In the last ${formatDuration(endingMs)} only ${printable(last.name)} was missing something.`
    : `All were complete within ${formatDuration(spreadMs)} of one another, so no single peer delayed the end.`
}

function chunkSentences({ transfers, peers }: Figures): Sentences {
  const times = transfers?.chunkTimes
  const known = peers.filter((peer) => peer.transfers !== null).length
  const whose = known === peers.length ? '' : ` of the ${countOf(known, 'peer')} that reported it`
  return times === undefined || times === null
    ? []
    : [
        `Half of the chunks${whose} took up to ${formatDuration(times.medianMs)} from the request to the disk, 95 % up to ${formatDuration(times.p95Ms)}, 99 % up to ${formatDuration(times.p99Ms)}.`
      ]
}

/** The faults that cost something. */
function troubleSentences({ transfers, faults, run }: Figures): Sentences {
  const { chunks = 0, duplicates = 0, retries = 0, stalls = 0 } = transfers ?? {}
  const kinds = faults.counts.map(({ kind, count }) => `${kind} (${count})`)
  return [
    duplicates > 0 &&
      `${countOf(duplicates, 'chunk')} of ${chunks} (${percent(duplicates / chunks)}) arrived twice, because they were requested from two peers at the end.`,
    retries > 0 &&
      `${countOf(retries, 'chunk')} did not arrive when requested, and had to be requested again.`,
    stalls > 0 && `${countOf(stalls, 'connection')} had to be ended because it carried nothing.`,
    kinds.length === 0 ? 'No faults were reported.' : `Faults: ${named(kinds)}.`,
    run.relayedBytes !== null &&
      run.relayedBytes > 0 &&
      `${formatBytes(run.relayedBytes)} passed through the coordinator, because some peers had no direct connection. Its link carried them twice.`
  ]
}

function percent(share: number): string {
  const value = share * 100
  return value > 0 && value < 1 ? 'less than 1 %' : `${Math.round(value)} %`
}
