/**
 * The report as one HTML page: no script, nothing to fetch, readable from a file or on paper. Texts of others (names,
 * paths, messages) are included as text only, and the page's own policy would not let any of them run or load.
 */
import { createHash } from 'node:crypto'
import { printable } from '../../core/names.ts'
import { countOf, formatBytes, named } from '../../core/units.ts'
import { formatDuration, formatPercent } from '../../view/units.ts'
import type { Report } from '../report.ts'
import { html, Markup, type Part } from './markup.ts'
import { matrixOf } from './matrix.ts'
import { partsOf } from './parts.ts'
import { peopleTable, verifiedText } from './people.ts'
import { STYLE } from './style.ts'
import { faultsTable, filesTable, peersTable } from './tables.ts'
import { timelineOf } from './timeline.ts'

/** The text of `report.html`. */
export function reportPage(report: Report): string {
  const style = new Markup(STYLE)
  const styleHash = createHash('sha256').update(STYLE).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${headline(report)} – Potluck</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<p class="eyebrow">Potluck: report of a run</p>
<h1>${headline(report)}</h1>
<p class="lead">${lead(report)}</p>
${peopleFigures(report)}
</header>
<main>
${section('people', 'Who brought what', peopleTable(report))}
${section('limits', 'What limited the run', [partsOf(report), report.limits.map((text) => html`<p>${text}</p>\n`), keyFigures(report)])}
${section('timeline', 'Rates and completions', timelineOf(report))}
${section('peers', 'Peers', peersTable(report))}
${section('flows', 'Who sent how much to whom', matrixOf(report))}
${section('faults', 'Faults met', faultsTable(report))}
${section('files', 'Files', filesTable(report))}
${section('sources', 'What this report is made of', sourcesOf(report))}
</main>
<footer>Made ${utc(report.madeAt)} by Potluck. report.json has the same for machines.</footer>
</body>
</html>
`
  return page.text
}

function section(id: string, heading: string, content: Part): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${heading}</h2>
${content}</section>
`
}

function headline({ run, times }: Report): string {
  const { firstRegisteredAtMs, lastEventAtMs, exchangeMs } = times
  const passed =
    firstRegisteredAtMs === null ? undefined : formatDuration(lastEventAtMs - firstRegisteredAtMs)
  const after = passed === undefined ? '' : ` after ${passed}`
  switch (run.verdict) {
    case 'complete':
      return exchangeMs === null ? 'Complete' : `Complete: exchanged in ${formatDuration(exchangeMs)}`
    case 'incomplete':
      return `Incomplete${after}`
    case 'stopped':
      return `Stopped${after}`
    case 'unfinished':
      return `Not finished${after}`
  }
}

function lead({ run, peers }: Report): string {
  const who =
    run.expectedPeers !== null && run.expectedPeers !== peers.length
      ? `${peers.length} of ${countOf(run.expectedPeers, 'peer')}`
      : countOf(peers.length, 'peer')
  const brought =
    run.files === null || run.byteLength === null
      ? ', before everyone had reported their files'
      : ` with ${countOf(run.files, 'file')} of ${formatBytes(run.byteLength)} in all, ${formatBytes(run.receivedBytes)} passed between them`
  const lacking = run.missingBytes === 0 ? '' : `, ${formatBytes(run.missingBytes)} still lacking`
  const reason = run.reason === null ? '' : ` It ended because: ${printable(run.reason)}.`
  const without =
    run.withoutFilesOf.length === 0
      ? ''
      : ` The swarm started without the files of ${named(run.withoutFilesOf.map((name) => printable(name)))}, because the coordinator received no valid list of them in time.`
  const started = run.startedAt === null ? '' : ` The coordinator started ${utc(run.startedAt)}.`
  return `${who}${brought}${lacking}.${reason}${without}${started}`
}

/** What everyone wants to know; the figures for people who measure are in the analysis. */
function peopleFigures(report: Report): Markup {
  const { times, run, peers } = report
  const { makespanMs, exchangeMs } = times
  const figures: Array<[string, Part]> = []
  const done = peers.filter(({ completedAfterMs }) => completedAfterMs !== null).length
  figures.push(['have everything', `${done} of ${countOf(peers.length, 'person', 'people')}`])
  const verified = verifiedText(report)
  if (verified !== undefined) {
    figures.push(['verified', withNote(verified, 'each chunk by SHA-256, each file by MD5')])
  }
  if (exchangeMs !== null) {
    const waited =
      makespanMs === null ? '' : `after ${formatDuration(makespanMs - exchangeMs)} of waiting for people`
    figures.push(['exchange took', withNote(formatDuration(exchangeMs), waited)])
  }
  if (run.files !== null && run.byteLength !== null) {
    figures.push(['brought', withNote(countOf(run.files, 'file'), formatBytes(run.byteLength))])
  }
  return figuresOf(figures)
}

function keyFigures({ times, bound, run, transfers, faults }: Report): Markup {
  const figures: Array<[string, Part]> = []
  if (times.makespanMs !== null) {
    figures.push(['makespan', formatDuration(times.makespanMs)])
  }
  if (bound !== null) {
    const basis = {
      configured: 'by configured lines',
      measured: 'by measured rates',
      mixed: 'by rates measured in part'
    }
    figures.push(['lower bound', withNote(formatDuration(bound.boundMs), basis[bound.basis])])
    if (bound.efficiency !== null) {
      figures.push(['efficiency', withNote(bound.efficiency.toFixed(2), 'bound / exchange')])
    }
  }
  figures.push(['passed between peers', formatBytes(run.receivedBytes)])
  if (run.relayedBytes !== null) {
    figures.push(['of that, relayed', formatBytes(run.relayedBytes)])
  }
  if (transfers !== null) {
    const { chunks, chunkTimes, duplicates, retries, refusals } = transfers
    if (chunkTimes !== null) {
      const tail = `p95 ${formatDuration(chunkTimes.p95Ms)}, p99 ${formatDuration(chunkTimes.p99Ms)}`
      figures.push(['chunk time, median', withNote(formatDuration(chunkTimes.medianMs), tail)])
    }
    figures.push([
      'chunks that arrived twice',
      withNote(String(duplicates), `of ${chunks}, ${formatPercent(duplicates, chunks)}`)
    ])
    figures.push(['retries', withNote(String(retries), `besides ${countOf(refusals, 'refusal')}`)])
  }
  const total = faults.listed.length + faults.more
  const kinds = faults.counts.map(({ kind }) => kind)
  figures.push(['faults met', total === 0 ? 'none' : withNote(String(total), named(kinds.slice(0, 3)))])
  return figuresOf(figures)
}

function figuresOf(figures: ReadonlyArray<[string, Part]>): Markup {
  return html`<dl class="figure">
${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`
}

function withNote(value: string, note: string): Markup {
  return html`${value}<small>${note}</small>`
}

function sourcesOf({ sources, run }: Report): Markup {
  const { coordinator, peerLogs, leftOut, brokenLines, missing } = sources
  const whence = {
    live: 'the coordinator, as it ran',
    log: "the coordinator's log",
    none: 'no log of the coordinator'
  }
  const logs = peerLogs.length === 0 ? '' : `; the logs of ${named(peerLogs.map((name) => printable(name)))}`
  const entries: Array<[string, Part]> = [
    ['made from', `${whence[coordinator]}${logs}`],
    ...missing.map((sentence): [string, Part] => ['missing', sentence]),
    ...leftOut.map(({ source, reason }): [string, Part] => ['left out', `${printable(source)}: ${reason}`])
  ]
  if (brokenLines > 0) {
    entries.push(['left out', `${countOf(brokenLines, 'line')} of the logs that were cut or are no events`])
  }
  entries.push(
    ['makespan', 'from the first registration to the last completed file'],
    [
      'lower bound',
      'the least time in which the links could have brought everyone what was missing at the start'
    ],
    ['chunk time', 'from the request until it is on disk; medians and percentiles within 5 %'],
    ['retry', 'a chunk that did not arrive because of a fault, and was requested again'],
    ['refusal', "a request that the scheduler's rules declined or cancelled; nothing went wrong"],
    ['rates', 'from sums that the peers report twice a second']
  )
  if (run.chunkByteLength !== null && run.chunkByteLength > 0) {
    entries.push(['chunk', formatBytes(run.chunkByteLength)])
  }
  return html`<dl class="notes">
${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>
`
}

/** `2026-11-26 02:20:15 UTC` */
function utc(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}
