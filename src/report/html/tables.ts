/** The tables of the report: peers, files, faults. The figures of a column share a unit, which its heading names. */
import { printable } from '../../core/names.ts'
import { formatBytes } from '../../core/units.ts'
import { cutMiddle } from '../../view/columns.ts'
import { wantsText } from '../../view/text.ts'
import { formatDuration } from '../../view/units.ts'
import type { Report, ReportFile, ReportPeer } from '../report.ts'
import { html, type Markup, NOTHING, type Part } from './markup.ts'
import { byteUnit, COUNT, capacityUnit, durationUnit, type Unit } from './scales.ts'

/** How many files are read on a page; `report.json` has more. */
const MAX_FILES = 500

/** Two lines of the column of names. */
const MAX_NAME_WIDTH = 64

interface Column {
  heading: string
  unit: Unit
  value(peer: ReportPeer): number | null | undefined
  /** An explanation of the heading, if it needs one. */
  title?: string | undefined
  /** Whether the sum of all peers means anything. */
  isSummed?: boolean
  /** Shown instead of the value in its unit. */
  cell?(peer: ReportPeer): Part
}

export function peersTable({ peers, times, transfers }: Report): Markup {
  const groups = Object.entries(peerColumns(peers, times))
  const columns = groups.flatMap(([, own]) => own)
  const rows = peers.map((peer) => {
    const cells = columns.map(
      ({ cell, unit, value }) => html`<td>${cell?.(peer) ?? unit.show(value(peer))}</td>`
    )
    return html`<tr><th scope="row">${longName(printable(peer.name))}</th>${cells}</tr>\n`
  })
  return tableOf(
    'Peers',
    'figures',
    'Each peer. Times since the first registration; ≈ marks a capacity as measured, at its fastest 2 s.',
    html`<colgroup></colgroup>${groups.map(([, own]) => html`<colgroup span="${own.length}"></colgroup>`)}
<thead>
<tr><td></td>${groups.map(([heading, own]) => html`<th scope="colgroup" colspan="${own.length}">${heading}</th>`)}</tr>
<tr><th scope="col">peer</th>${columns.map(headingOf)}</tr>
</thead>
<tbody>
${rows}</tbody>
${transfers === null || peers.length < 2 ? NOTHING : totalsRow(peers, columns)}`
  )
}

function headingOf({ heading, unit, title }: Column): Markup {
  const meaning = title === undefined ? NOTHING : html` title="${title}"`
  return html`<th scope="col"${meaning}>${heading}${labelOf(unit)}</th>`
}

function labelOf({ label }: Unit): Markup {
  return label === '' ? NOTHING : html` <small>${label}</small>`
}

function totalsRow(peers: readonly ReportPeer[], columns: readonly Column[]): Markup {
  const sums = columns.map(({ isSummed, unit, value }) => {
    const sum = peers.reduce((total, peer) => total + (value(peer) ?? 0), 0)
    return html`<td>${isSummed === true ? unit.show(sum) : NOTHING}</td>`
  })
  return html`<tfoot><tr><th scope="row">all</th>${sums}</tr></tfoot>\n`
}

function peerColumns(peers: readonly ReportPeer[], times: Report['times']): Record<string, Column[]> {
  const firstAtMs = times.firstRegisteredAtMs ?? 0
  const registered = ({ registeredAtMs }: ReportPeer): number | null =>
    registeredAtMs === null ? null : registeredAtMs - firstAtMs
  const moved = byteUnit(peers.flatMap(({ receivedBytes, sentBytes }) => [receivedBytes, sentBytes]))
  const rates = byteUnit(
    peers.flatMap((peer) => [
      peer.peakReceivingBytesPerSecond,
      peer.peakSendingBytesPerSecond,
      peer.meanReceivingBytesPerSecond
    ]),
    '/s'
  )
  const lines = capacityUnit(
    peers.flatMap(({ uplink, downlink }) => [uplink, downlink].map((line) => line?.bytesPerSecond ?? null))
  )
  const chunks = durationUnit(peers.map(({ transfers }) => transfers?.chunkTimes?.p99Ms ?? null))
  const after = durationUnit(peers.map(({ completedAfterMs }) => completedAfterMs))
  const column = (heading: string, unit: Unit, value: Column['value'], title?: string): Column => ({
    heading,
    unit,
    value,
    title
  })
  const line = (heading: string, capacity: (peer: ReportPeer) => ReportPeer['uplink']): Column => ({
    ...column(heading, lines, (peer) => capacity(peer)?.bytesPerSecond),
    cell: (peer) =>
      capacity(peer)?.configured === false ? `≈ ${lines.show(capacity(peer)?.bytesPerSecond)}` : undefined
  })
  const count = (
    heading: string,
    of: 'chunks' | 'duplicates' | 'retries' | 'refusals' | 'stalls' | 'disconnections',
    title?: string
  ): Column => ({ ...column(heading, COUNT, ({ transfers }) => transfers?.[of], title), isSummed: true })
  const PEAK = 'The fastest 2 s'
  return {
    times: [
      column('registered', durationUnit(peers.map(registered)), registered),
      {
        ...column('complete after', after, ({ completedAfterMs }) => completedAfterMs),
        title: 'From its own registration to its last completed file',
        cell: ({ completedAfterMs }) => (completedAfterMs === null ? html`<em>not</em>` : undefined)
      }
    ],
    bytes: [
      ...(peers.some(({ wants }) => wants !== null) ? [wantsColumn(column)] : []),
      { ...column('received', moved, ({ receivedBytes }) => receivedBytes), isSummed: true },
      { ...column('sent', moved, ({ sentBytes }) => sentBytes), isSummed: true }
    ],
    receiving: [
      column('mean', rates, (peer) => peer.meanReceivingBytesPerSecond, 'From the catalog to its completion'),
      column('peak', rates, (peer) => peer.peakReceivingBytesPerSecond, PEAK)
    ],
    sending: [
      column(
        'mean',
        rates,
        (peer) => peer.meanSendingBytesPerSecond,
        'From the catalog to the last completion of all'
      ),
      column('peak', rates, (peer) => peer.peakSendingBytesPerSecond, PEAK)
    ],
    link: [line('up', ({ uplink }) => uplink), line('down', ({ downlink }) => downlink)],
    'chunk times': [
      column('median', chunks, ({ transfers }) => transfers?.chunkTimes?.medianMs),
      column('p95', chunks, ({ transfers }) => transfers?.chunkTimes?.p95Ms),
      column('p99', chunks, ({ transfers }) => transfers?.chunkTimes?.p99Ms)
    ],
    counts: [
      count('chunks', 'chunks'),
      count('twice', 'duplicates', 'Chunks that were here already when they arrived'),
      count('retries', 'retries', 'Chunks that did not arrive because of a fault, and were requested again'),
      count('refusals', 'refusals', "Asks that the scheduler's rules turned down or took back"),
      count('stalls', 'stalls', 'Connections that were ended because they carried nothing'),
      count('lost', 'disconnections', 'Connections with peers that ended')
    ]
  }
}

/** For peers that do not want every file. */
function wantsColumn(
  column: (heading: string, unit: Unit, value: Column['value'], title?: string) => Column
): Column {
  return {
    ...column(
      'wants',
      COUNT,
      ({ wants }) => wants?.files,
      'Files of others, where a peer does not want them all'
    ),
    cell: ({ wants }) => (wants === null ? html`all files` : html`${wantsText(wants)}`)
  }
}

export function filesTable({ files, moreFiles, times }: Report): Markup {
  if (files.length === 0) {
    return html`<p>No file is known.</p>`
  }
  const shown = files.slice(0, MAX_FILES)
  const firstAtMs = times.firstRegisteredAtMs ?? 0
  const atMs = (file: ReportFile): Array<number | null> =>
    [file.firstCompletedAtMs, file.lastCompletedAtMs].map((at) => (at === null ? null : at - firstAtMs))
  const unit = durationUnit(shown.flatMap(atMs))
  const label = labelOf(unit)
  const rows = shown.map(
    (file) =>
      html`<tr><th scope="row">${longName(printable(file.file))}</th><td class="name">${longName(printable(file.origin))}</td><td>${formatBytes(file.byteLength)}</td><td class="digest">${printable(file.md5)}</td><td>${file.copies} of ${Math.max(file.copies, file.wantedBy)}</td>${atMs(file).map((at) => html`<td>${unit.show(at)}</td>`)}</tr>\n`
  )
  const table = tableOf(
    'Files',
    'figures',
    'Each file. Times since the first registration, when it was complete at the first and at the last of the other peers that want it.',
    html`<thead><tr><th scope="col">file</th><th scope="col" class="name">origin</th><th scope="col">size</th><th scope="col" class="name">MD5</th><th scope="col">complete at</th><th scope="col">first${label}</th><th scope="col">last${label}</th></tr></thead>
<tbody>
${rows}</tbody>
`
  )
  return html`${table}${more(files.length - shown.length + moreFiles, 'files; report.json has more of them')}`
}

export function faultsTable({ faults, times }: Report): Markup {
  if (faults.listed.length === 0) {
    return html`<p>No faults were reported.</p>`
  }
  const firstAtMs = times.firstRegisteredAtMs ?? 0
  const rows = faults.listed.map(
    ({ atMs, peer, kind, text }) =>
      html`<tr><td>${formatDuration(atMs - firstAtMs)}</td><th scope="row">${peer}</th><td class="name">${kind}</td><td class="text">${text}</td></tr>\n`
  )
  const table = tableOf(
    'Faults',
    'faults',
    'In the order of time, since the first registration.',
    html`<thead><tr><th scope="col">after</th><th scope="col" class="name">peer</th><th scope="col" class="name">what</th><th scope="col" class="text">in words</th></tr></thead>
<tbody>
${rows}</tbody>
`
  )
  return html`${table}${more(faults.more, 'faults')}`
}

/** A name that does not move the other columns: it is wrapped, or cut in its middle with the whole name as a title. */
export function longName(name: string): Markup {
  const shown = cutMiddle(name, MAX_NAME_WIDTH)
  return shown === name
    ? html`<span class="long">${name}</span>`
    : html`<span class="long" title="${name}">${shown}</span>`
}

function more(count: number, what: string): Markup {
  return count > 0 ? html`<p>and ${count} more ${what}</p>` : NOTHING
}

/** A table that is wider than a narrow screen scrolls within itself, also with the keyboard. */
export function tableOf(name: string, className: string, caption: Part, content: Markup): Markup {
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">
<table class="${className}">
<caption><span>${caption}</span></caption>
${content}</table>
</div>
`
}
