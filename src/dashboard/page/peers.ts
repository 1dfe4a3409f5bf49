/** The table of peers. */
import { html, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { countOf, formatBytes } from '../../core/units.ts'
import { formatCapacity, formatPercent, formatRate } from '../../view/units.ts'
import type { PeerShown } from '../messages.ts'
import { card, chosen, scrolled, select } from './parts.ts'
import { type Flow, type PageState, shareOf } from './state.ts'
import { MAX_COLOURED, swatchOf } from './theme.ts'

/** How many senders a row names. */
const MAX_SENDERS = 2

const ORDERS = { name: 'by name', behind: 'those behind first', fast: 'fastest first' }

export function peersCard(state: PageState): TemplateResult {
  const more = `And ${countOf(state.morePeers, 'more peer')}, which the totals have in them.`
  return card(
    'peers',
    'Peers',
    select('peers-order', 'Order', ORDERS),
    scrolled(
      'The table of peers',
      html`<table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Fetched</th>
            <th scope="col" class="number">Receives</th>
            <th scope="col" class="number">Sends</th>
            <th scope="col" class="from">Mostly from</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody id="peer-rows" data-few=${isFew(state)}>${repeat(
          ordered(state.peers),
          ({ peer }) => peer,
          (peer) => rowOf(peer, state)
        )}</tbody>
      </table>`
    ),
    html`<p class="note" ?hidden=${state.morePeers === 0}>${more}</p>`
  )
}

function ordered(peers: readonly PeerShown[]): readonly PeerShown[] {
  switch (chosen('peers-order')) {
    case 'behind':
      return peers.toSorted((a, b) => shareOf(a) - shareOf(b))
    case 'fast':
      return peers.toSorted((a, b) => b.receivingBytesPerSecond - a.receivingBytesPerSecond)
    default:
      return peers
  }
}

/** The roles keep it a table for screen readers where the style sheet turns rows into lines, on a narrow screen. */
function rowOf(shown: PeerShown, state: PageState): TemplateResult {
  const { peer, complete, connected } = shown
  const name = state.names[peer] ?? ''
  const senders = sendersOf(state.flowsTo(peer), state)
  const isWaiting = shown.wantedBytes === 0 && !complete
  const percent = complete ? '100 %' : isWaiting ? '–' : formatPercent(shown.fetchedBytes, shown.wantedBytes)
  return html`<tr role="row" data-state=${complete ? 'complete' : connected ? 'connected' : 'gone'}>
    <th scope="row" role="rowheader" title=${name}>${
      isFew(state) ? swatchOf(peer, state.names.length) : ''
    }<span class="name">${name}</span></th>
    <td class="held" role="cell"><span class="bar">
      <progress max="100" aria-label="Fetched by ${name}" value=${100 * shareOf(shown)}></progress>
      <span class="percent">${percent}</span>
    </span></td>
    <td class="number receives" role="cell">
      <span>${rateText(shown.receivingBytesPerSecond)}</span>
      <span class="note">${formatBytes(shown.receivedBytes)} in all</span>
    </td>
    <td class="number sends" role="cell">
      <span>${rateText(shown.sendingBytesPerSecond)}</span>
      <span class="note">${sentText(shown)}</span>
    </td>
    <td class="from" role="cell" title=${senders.map(({ name, rate }) => `${name} ${rate}`).join(', ')}>
      ${senders.map(({ name, rate }) => html`<span><span class="name">${name}</span> ${rate}</span>`)}
    </td>
    <td class="what" role="cell" title=${shown.state}>${shown.state}</td>
  </tr>`
}

function isFew({ names }: PageState): boolean {
  return names.length <= MAX_COLOURED
}

/** A sender, or several if there is no room for each; the rate beside it is never cut. */
interface Sender {
  name: string
  rate: string
}

/** How much came from each source, if there is room for it; else the largest source. */
function sendersOf(senders: readonly Flow[], state: PageState): Sender[] {
  const most = senders.slice(0, MAX_SENDERS)
  const nameOf = ({ from }: Flow): string => state.names[from] ?? ''
  if (isFew(state)) {
    return most.map((flow) => ({ name: nameOf(flow), rate: rateText(flow.bytesPerSecond) }))
  }
  const more = senders.length - most.length
  const names = most.map(nameOf).join(', ')
  return most.length === 0 ? [] : [{ name: names, rate: more > 0 ? `+${more}` : '' }]
}

function sentText({ uplink, sentBytes }: PeerShown): string {
  return uplink?.configured === true
    ? `of ${formatCapacity(uplink.bytesPerSecond)}`
    : `${formatBytes(sentBytes)} in all`
}

/** A dash if nothing moves, which is easier to see than a zero among numbers. */
function rateText(bytesPerSecond: number): string {
  return bytesPerSecond > 0 ? formatRate(bytesPerSecond, 1000) : '–'
}
