/**
 * What people want to know of a run first: which peer brought what, whether all have everything, and how long it took.
 */
import { printable } from '../../core/names.ts'
import { countOf, formatBytes } from '../../core/units.ts'
import { formatDuration } from '../../view/units.ts'
import type { Report, ReportPeer } from '../report.ts'
import { html, type Markup } from './markup.ts'
import { longName, tableOf } from './tables.ts'

/** How many rows are read on a page; the figures of all peers are further down. */
const MAX_ROWS = 64

export function peopleTable({ peers, times }: Report): Markup {
  const shown = peers.slice(0, MAX_ROWS)
  const waitedFor = times.catalogAtMs === null
  const rows = shown.map(
    (peer) =>
      html`<tr><th scope="row">${longName(printable(peer.name))}</th><td>${countOf(peer.broughtFiles, 'file')}</td><td>${formatBytes(peer.broughtBytes)}</td><td>${formatBytes(peer.receivedBytes)}</td><td class="text">${waitedFor ? 'waited' : stateOf(peer)}</td></tr>\n`
  )
  const table = tableOf(
    'Who brought what',
    'figures people',
    'Each person. Times since their own registration.',
    html`<thead><tr><th scope="col">person</th><th scope="col">brought</th><th scope="col">of size</th><th scope="col">received</th><th scope="col" class="text">at the end</th></tr></thead>
<tbody>
${rows}</tbody>
`
  )
  const left = peers.length - shown.length
  return html`${table}${left > 0 ? html`<p>and ${left} more; the figures of all are below</p>` : ''}`
}

function stateOf({ completedAfterMs, totalBytes, heldBytes, wants }: ReportPeer): string {
  if (completedAfterMs === null) {
    return `lacks ${formatBytes(Math.max(0, totalBytes - heldBytes))}`
  }
  const what = wants === null ? 'everything' : 'all that they want'
  return `has ${what}, after ${formatDuration(completedAfterMs)}`
}

/** How many copies were made and verified, of those that peers want; unknown in a swarm with very many files. */
export function verifiedText({ files, moreFiles }: Report): string | undefined {
  if (files.length === 0 || moreFiles > 0) {
    return undefined
  }
  const copies = files.reduce((sum, file) => sum + file.copies, 0)
  const wanted = files.reduce((sum, file) => sum + Math.max(file.copies, file.wantedBy), 0)
  return copies === wanted ? `all ${countOf(copies, 'copy', 'copies')}` : `${copies} of ${wanted} copies`
}
