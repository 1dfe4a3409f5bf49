/** How much each peer sent to each other: a row for each sender, a column for each receiver, darker for more bytes. */
import { printable } from '../../core/names.ts'
import { countOf, formatBytes } from '../../core/units.ts'
import { summed } from '../../events/transfers.ts'
import { formatPercent } from '../../view/units.ts'
import type { Report } from '../report.ts'
import { html, type Markup, NOTHING } from './markup.ts'
import { byteUnit } from './scales.ts'
import { tableOf } from './tables.ts'

/** This many rows can be told apart on a page; of larger swarms, the peers that moved most. */
const MAX_SHOWN = 64

/** Up to this size the figures fit into their cells; in larger ones they are in titles. */
const MAX_WITH_FIGURES = 16

/** Up to this size with room around them. */
const MAX_WIDE = 10

/** The number of shades, besides none. */
const SHADES = 8

export function matrixOf({ peers, flows }: Report): Markup {
  if (flows.length === 0) {
    return html`<p>Nothing is known to have passed between peers.</p>`
  }
  const sent = summed(flows.map(({ from, bytes }) => [from, bytes]))
  const received = summed(flows.map(({ to, bytes }) => [to, bytes]))
  const names = shownNames(
    peers.map(({ name }) => name),
    sent,
    received
  )
  const bytes = new Map(flows.map((flow) => [pairOf(flow.from, flow.to), flow.bytes]))
  const most = Math.max(...flows.map((flow) => flow.bytes))
  const unit = byteUnit([...sent.values(), ...received.values()])
  const dense = names.length > MAX_WITH_FIGURES
  const cell = (from: string, to: string): Markup => {
    if (from === to) {
      return html`<td class="self"></td>`
    }
    const moved = bytes.get(pairOf(from, to)) ?? 0
    const shade = moved === 0 ? 0 : Math.max(1, Math.ceil((moved / most) * SHADES))
    const title = `${printable(from)} to ${printable(to)}: ${formatBytes(moved)}`
    return html`<td class="s${shade}" title="${title}">${dense ? NOTHING : unit.show(moved)}</td>`
  }
  const rows = names.map((from) => {
    const cells = names.map((to) => cell(from, to))
    return html`<tr><th scope="row">${printable(from)}</th>${cells}<td class="sum">${unit.show(sent.get(from) ?? 0)}</td></tr>\n`
  })
  const left = peers.length - names.length
  const sums = names.map((name) => {
    const [figure, title] = [unit.show(received.get(name) ?? 0), formatBytes(received.get(name) ?? 0)]
    return html`<td class="sum" title="${printable(name)} received ${title}">${dense ? html`<span>${figure}</span>` : figure}</td>`
  })
  const table = tableOf(
    'Who sent how much to whom',
    `matrix${dense ? ' dense' : names.length > MAX_WIDE ? ' tight' : ''}`,
    `${unit.label} sent by each row to each column${dense ? '; each cell tells its figure when pointed at, and report.json has them all' : ''}.`,
    html`<thead><tr><td></td>${names.map((to) => html`<th scope="col"><span>${printable(to)}</span></th>`)}<th scope="col" class="sum"><span>sent</span></th></tr></thead>
<tbody>
${rows}</tbody>
<tfoot><tr><th scope="row">received</th>${sums}<td class="sum">${unit.show(flows.reduce((sum, flow) => sum + flow.bytes, 0))}</td></tr></tfoot>
`
  )
  return html`${directText(peers)}${table}${left > 0 ? html`<p>Shown are the ${names.length} peers that moved most; report.json has the other ${countOf(left, 'peer')} as well.</p>` : NOTHING}`
}

/** How much the origins themselves sent, for the peers with a known figure. */
function directText(peers: Report['peers']): Markup {
  const known = peers.filter(({ directBytes }) => directBytes !== null)
  const direct = known.reduce((sum, { directBytes }) => sum + (directBytes ?? 0), 0)
  const received = known.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)
  if (received === 0) {
    return NOTHING
  }
  const whose =
    known.length === peers.length
      ? ''
      : ` that came to the ${countOf(known.length, 'peer')} whose logs were read`
  return html`<p>Of the ${formatBytes(received)}${whose}, ${formatPercent(direct, received)} came from the origins of the files themselves; the others passed on the rest.</p>
`
}

function shownNames(
  names: readonly string[],
  sent: ReadonlyMap<string, number>,
  received: ReadonlyMap<string, number>
): string[] {
  const moved = (name: string): number => (sent.get(name) ?? 0) + (received.get(name) ?? 0)
  const kept = new Set([...names].sort((a, b) => moved(b) - moved(a)).slice(0, MAX_SHOWN))
  return names.filter((name) => kept.has(name))
}

function pairOf(from: string, to: string): string {
  return JSON.stringify([from, to])
}
