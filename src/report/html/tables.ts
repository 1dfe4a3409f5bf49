/** The tables of the report: peers, files, faults. Figures of a column share a unit, which stands in its heading. */
import { printable } from '../../core/names.ts'
import { formatBytes } from '../../core/units.ts'
import { formatDuration } from '../../view/units.ts'
import type { Report, ReportFile, ReportPeer } from '../report.ts'
import { html, type Markup, NOTHING, type Part } from './markup.ts'
import { byteUnit, capacityUnit, durationUnit, type Unit } from './scales.ts'

/** So many files are read on a page; `report.json` has more. */
const MAX_FILES = 500

interface Column {
  heading: string
  unit?: Unit
  /** What the heading means, where it is not plain. */
  title?: string
  cell(peer: ReportPeer): Part
}

interface ColumnGroup {
  heading: string
  columns: Column[]
}

export function peersTable({ peers, times, transfers }: Report): Markup {
  const groups = peerColumns(peers, times)
  const columns = groups.flatMap((group) => group.columns)
  const headings = groups.map(
    ({ heading, columns: own }) => html`<th scope="colgroup" colspan="${own.length}">${heading}</th>`
  )
  const rows = peers.map(
    (
      peer
    ) => html`<tr><th scope="row">${printable(peer.name)}</th>${columns.map((column) => html`<td>${column.cell(peer)}</td>`)}</tr>
`
  )
  const all = transfers === null || peers.length < 2 ? NOTHING : totalsRow(peers, columns)
  return scrolled(
    'Peers',
    html`<table class="figures">
<caption><span>Each peer. Times since the first registration; ≈ marks a capacity as measured, at its fastest 2 s.</span></caption>
<colgroup></colgroup>${groups.map(({ columns: own }) => html`<colgroup span="${own.length}"></colgroup>`)}
<thead>
<tr><td></td>${headings}</tr>
<tr><th scope="col">peer</th>${columns.map(headingOf)}</tr>
</thead>
<tbody>
${rows}</tbody>
${all}</table>`
  )
}

function headingOf({ heading, unit, title }: Column): Markup {
  const shown = unit === undefined || unit.label === '' ? NOTHING : html` <small>${unit.label}</small>`
  return title === undefined
    ? html`<th scope="col">${heading}${shown}</th>`
    : html`<th scope="col" title="${title}">${heading}${shown}</th>`
}

/** Sums where a sum says something. */
function totalsRow(peers: readonly ReportPeer[], columns: readonly Column[]): Markup {
  const summed = columns.map(({ heading, unit }) => {
    const value = SUMS[heading]
    if (value === undefined) {
      return html`<td></td>`
    }
    const sum = peers.reduce((total, peer) => total + (value(peer) ?? 0), 0)
    return html`<td>${unit === undefined ? sum : unit.show(sum)}</td>`
  })
  return html`<tfoot><tr><th scope="row">all</th>${summed}</tr></tfoot>
`
}

const SUMS: Readonly<Record<string, (peer: ReportPeer) => number | null | undefined>> = {
  received: ({ receivedBytes }) => receivedBytes,
  sent: ({ sentBytes }) => sentBytes,
  chunks: ({ transfers }) => transfers?.chunks,
  twice: ({ transfers }) => transfers?.duplicates,
  retries: ({ transfers }) => transfers?.retries,
  refusals: ({ transfers }) => transfers?.refusals,
  stalls: ({ transfers }) => transfers?.stalls,
  'lines lost': ({ transfers }) => transfers?.disconnections
}

function peerColumns(peers: readonly ReportPeer[], times: Report['times']): ColumnGroup[] {
  const firstAtMs = times.firstRegisteredAtMs ?? 0
  const since = (atMs: number | null): number | null => (atMs === null ? null : atMs - firstAtMs)
  const registered = durationUnit(peers.map(({ registeredAtMs }) => since(registeredAtMs)))
  const completed = durationUnit(peers.map(({ completedAfterMs }) => completedAfterMs))
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
  const line = (capacity: ReportPeer['uplink']): string =>
    capacity === null ? '–' : `${capacity.configured ? '' : '≈ '}${lines.show(capacity.bytesPerSecond)}`
  const chunks = durationUnit(peers.map(({ transfers }) => transfers?.chunkTimes?.p99Ms ?? null))
  const count = (value: number | undefined): string => (value === undefined ? '–' : String(value))
  return [
    {
      heading: 'times',
      columns: [
        {
          heading: 'registered',
          unit: registered,
          cell: (peer) => registered.show(since(peer.registeredAtMs))
        },
        {
          heading: 'complete after',
          unit: completed,
          title: 'From its own registration to its last completed file',
          cell: ({ completedAfterMs }) =>
            completedAfterMs === null ? html`<em>not</em>` : completed.show(completedAfterMs)
        }
      ]
    },
    {
      heading: 'bytes',
      columns: [
        { heading: 'received', unit: moved, cell: ({ receivedBytes }) => moved.show(receivedBytes) },
        { heading: 'sent', unit: moved, cell: ({ sentBytes }) => moved.show(sentBytes) }
      ]
    },
    {
      heading: 'receiving',
      columns: [
        {
          heading: 'mean',
          unit: rates,
          title: 'From the catalog to its completion',
          cell: (peer) => rates.show(peer.meanReceivingBytesPerSecond)
        },
        {
          heading: 'peak',
          unit: rates,
          title: 'The fastest 2 s',
          cell: (peer) => rates.show(peer.peakReceivingBytesPerSecond)
        }
      ]
    },
    {
      heading: 'sending',
      columns: [
        {
          heading: 'mean',
          unit: rates,
          title: 'From the catalog to the last completion of all',
          cell: (peer) => rates.show(peer.meanSendingBytesPerSecond)
        },
        {
          heading: 'peak',
          unit: rates,
          title: 'The fastest 2 s',
          cell: (peer) => rates.show(peer.peakSendingBytesPerSecond)
        }
      ]
    },
    {
      heading: 'line',
      columns: [
        { heading: 'up', unit: lines, cell: ({ uplink }) => line(uplink) },
        { heading: 'down', unit: lines, cell: ({ downlink }) => line(downlink) }
      ]
    },
    {
      heading: 'chunk times',
      columns: [
        {
          heading: 'median',
          unit: chunks,
          cell: ({ transfers }) => chunks.show(transfers?.chunkTimes?.medianMs)
        },
        { heading: 'p95', unit: chunks, cell: ({ transfers }) => chunks.show(transfers?.chunkTimes?.p95Ms) },
        { heading: 'p99', unit: chunks, cell: ({ transfers }) => chunks.show(transfers?.chunkTimes?.p99Ms) }
      ]
    },
    {
      heading: 'counts',
      columns: [
        { heading: 'chunks', cell: ({ transfers }) => count(transfers?.chunks) },
        {
          heading: 'twice',
          title: 'Chunks that were here already when they came',
          cell: ({ transfers }) => count(transfers?.duplicates)
        },
        {
          heading: 'retries',
          title: 'Chunks that did not come by some fault and were asked for again',
          cell: ({ transfers }) => count(transfers?.retries)
        },
        {
          heading: 'refusals',
          title: "Asks that the scheduler's rules turned down or took back",
          cell: ({ transfers }) => count(transfers?.refusals)
        },
        {
          heading: 'stalls',
          title: 'Connections that were ended because nothing came over them',
          cell: ({ transfers }) => count(transfers?.stalls)
        },
        {
          heading: 'lines lost',
          title: 'Connections with peers that ended',
          cell: ({ transfers }) => count(transfers?.disconnections)
        }
      ]
    }
  ]
}

export function filesTable({ files, moreFiles, times, peers }: Report): Markup {
  if (files.length === 0) {
    return html`<p>No file is known.</p>`
  }
  const shown = files.slice(0, MAX_FILES)
  const firstAtMs = times.firstRegisteredAtMs ?? 0
  const atMs = (file: ReportFile): Array<number | null> =>
    [file.firstCompletedAtMs, file.lastCompletedAtMs].map((at) => (at === null ? null : at - firstAtMs))
  const unit = durationUnit(shown.flatMap(atMs))
  const label = unit.label === '' ? NOTHING : html` <small>${unit.label}</small>`
  const rows = shown.map(
    (
      file
    ) => html`<tr><th scope="row">${printable(file.file)}</th><td class="name">${printable(file.origin)}</td><td>${formatBytes(file.byteLength)}</td><td class="digest">${printable(file.md5)}</td><td>${file.copies} of ${Math.max(file.copies, peers.length - 1)}</td>${atMs(file).map((at) => html`<td>${unit.show(at)}</td>`)}</tr>
`
  )
  return html`${scrolled(
    'Files',
    html`<table class="figures">
<caption><span>Each file. Times since the first registration, when it was complete at the first and at the last of the other peers.</span></caption>
<thead><tr><th scope="col">file</th><th scope="col" class="name">origin</th><th scope="col">size</th><th scope="col" class="name">MD5</th><th scope="col">complete at</th><th scope="col">first${label}</th><th scope="col">last${label}</th></tr></thead>
<tbody>
${rows}</tbody>
</table>`
  )}${more(files.length - shown.length + moreFiles, 'files; report.json has more of them')}`
}

export function faultsTable({ faults, times }: Report): Markup {
  if (faults.listed.length === 0) {
    return html`<p>None were told.</p>`
  }
  const firstAtMs = times.firstRegisteredAtMs ?? 0
  const rows = faults.listed.map(
    ({ atMs, peer, kind, text }) =>
      html`<tr><td>${formatDuration(atMs - firstAtMs)}</td><th scope="row">${peer}</th><td class="name">${kind}</td><td class="text">${text}</td></tr>
`
  )
  return html`${scrolled(
    'Faults',
    html`<table class="faults">
<caption><span>In the order of time, since the first registration.</span></caption>
<thead><tr><th scope="col">after</th><th scope="col" class="name">told by or of</th><th scope="col" class="name">what</th><th scope="col" class="text">in words</th></tr></thead>
<tbody>
${rows}</tbody>
</table>`
  )}${more(faults.more, 'faults')}`
}

function more(count: number, what: string): Markup {
  return count > 0 ? html`<p>and ${count} more ${what}</p>` : NOTHING
}

/** A part that is wider than a narrow screen is moved within itself, with the keyboard as well. */
export function scrolled(name: string, content: Markup): Markup {
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">
${content}
</div>
`
}
