/** The flows between peers: a few peers as a circle with arcs, many as a matrix, and always also as a table. */
import { html, svg, type TemplateResult } from 'lit-html'
import { countOf } from '../../core/units.ts'
import { formatPercent, formatRate } from '../../view/units.ts'
import type { PeerShown } from '../messages.ts'
import { gridOf, pointedIn } from './grid.ts'
import { card, chosen, scrolled, select, type View } from './parts.ts'
import { type Flow, type PageState, shareOf } from './state.ts'
import { MAX_COLOURED, peerColour } from './theme.ts'

/** With more peers, arcs overlap. */
const MAX_IN_CIRCLE = 12

/** And with this many a circle is full. */
const MAX_DRAWN = 64

const MAX_ROWS = 40

/** The circle's radius, in the picture's own units. */
const RADIUS = 132
const NODE_RADIUS = 17
const MAX_ARC_WIDTH = 7

/** The letters beside the circle; longer names are cut in the middle, and the table has the whole name. */
const MAX_NAME_LENGTH = 15

/** There is more room above and below it. */
const MAX_MIDDLE_NAME_LENGTH = 40

const KINDS = { auto: 'what suits', circle: 'a circle', matrix: 'a matrix' }

export class Flows implements View {
  #names: readonly string[] = []
  /** The flows so far, so that an arc fades out when its flow ends. */
  #known = new Map<string, Flow>()

  html(state: PageState): TemplateResult {
    const { names } = state
    const flows = state.flows()
    const kind = chosen('flows-kind') ?? 'auto'
    const asCircle = kind === 'circle' || (kind === 'auto' && names.length <= MAX_IN_CIRCLE)
    return card(
      'flows',
      'Who sends to whom',
      select('flows-kind', 'As', KINDS),
      asCircle ? this.#circleOf(state, flows) : matrixOf(state, flows),
      html`<p id="flows-note" class="note">${noteOf(state, flows, asCircle)}</p>`,
      tableOf(names, flows)
    )
  }

  #circleOf({ names, peers }: PageState, flows: readonly Flow[]): TemplateResult {
    if (this.#names !== names) {
      this.#names = names
      this.#known = new Map()
    }
    for (const flow of this.#known.values()) {
      flow.bytesPerSecond = 0
    }
    for (const flow of flows) {
      this.#known.set(`${flow.from}>${flow.to}`, flow)
    }
    const strongest = flows[0]?.bytesPerSecond ?? 0
    return html`<svg
      id="circle" role="img" aria-label="The peers in a circle, with the flows between them"
      viewBox="-275 -185 550 370" data-many=${names.length > MAX_COLOURED}
    >
      <g class="arcs">${[...this.#known.values()].map((flow) => arcOf(flow, strongest, names.length))}</g>
      ${names.slice(0, MAX_DRAWN).map((name, peer) => nodeOf(name, peers[peer], peer, names.length))}
    </svg>`
  }
}

/** The position of a peer on the circle, with the first at the top. */
function placeOf(peer: number, peers: number): { x: number; y: number; angle: number } {
  const angle = (2 * Math.PI * peer) / Math.min(MAX_DRAWN, peers) - Math.PI / 2
  return { x: RADIUS * Math.cos(angle), y: RADIUS * Math.sin(angle), angle }
}

/** A peer with its name outside the circle, and a ring that is filled to its progress. */
function nodeOf(name: string, peer: PeerShown | undefined, index: number, peers: number): TemplateResult {
  const { x, y, angle } = placeOf(index, peers)
  const drawn = Math.min(MAX_DRAWN, peers)
  const radius = drawn > 24 ? 7 : drawn > 12 ? 12 : NODE_RADIUS
  const gap = radius + 9
  const isAside = Math.abs(Math.cos(angle)) > 0.2
  const aside = Math.sign(Math.cos(angle)) * gap
  const anchor = isAside ? (aside > 0 ? 'start' : 'end') : 'middle'
  const [nameX, nameY] = isAside ? [aside, 0] : [0, Math.sign(Math.sin(angle)) * (gap + 4)]
  const ring = `stroke: var(${peerColour(index, peers)}); stroke-dasharray: ${peer === undefined ? 0 : shareOf(peer)} 1`
  const percent =
    peer && (peer.complete ? '✓' : formatPercent(peer.fetchedBytes, peer.wantedBytes).replace(' %', ''))
  const isGone = peer !== undefined && !peer.connected && !peer.complete
  return svg`<g class="node" transform="translate(${x.toFixed(1)} ${y.toFixed(1)})" data-gone=${isGone}>
    <title>${name}</title>
    <circle class="node-ground" r=${radius}></circle>
    <circle class="ring" r=${radius} transform="rotate(-90)" pathLength="1" .style=${ring}></circle>
    ${radius < NODE_RADIUS ? '' : svg`<text class="node-percent" text-anchor="middle" dy="0.34em">${percent}</text>`}
    ${
      drawn > 24
        ? ''
        : svg`<text class="node-name" text-anchor=${anchor} dy="0.34em" x=${nameX} y=${nameY}>${cut(name, isAside ? MAX_NAME_LENGTH : MAX_MIDDLE_NAME_LENGTH)}</text>`
    }
  </g>`
}

/** Bent to the right of its direction, so that both directions are visible; moving dots show the direction. */
function arcOf(
  { from, to, bytesPerSecond }: Flow,
  strongest: number,
  peers: number
): TemplateResult | undefined {
  if (Math.max(from, to) >= MAX_DRAWN) {
    return undefined
  }
  const [start, end] = [placeOf(from, peers), placeOf(to, peers)]
  const bend = 0.16
  const x = (start.x + end.x) / 2 - (end.y - start.y) * bend
  const y = (start.y + end.y) / 2 + (end.x - start.x) * bend
  const [first, middle, last] = [start, { x, y }, end].map((at) => `${at.x.toFixed(1)} ${at.y.toFixed(1)}`)
  const way = `M${first}Q${middle} ${last}`
  const strength = strongest > 0 ? Math.sqrt(bytesPerSecond / strongest) : 0
  const maxWidth = MAX_ARC_WIDTH * (peers > MAX_COLOURED ? 0.55 : 1)
  const width = (1.5 + strength * (maxWidth - 1.5)).toFixed(1)
  const opacity = bytesPerSecond > 0 ? (0.35 + 0.65 * strength).toFixed(2) : '0'
  const look = `stroke: var(${peerColour(from, peers)}); stroke-width: ${width}px; opacity: ${opacity}`
  return svg`<g class="arc" .style=${look}><path d=${way}></path><path class="drops" d=${way}></path></g>`
}

function matrixOf({ names: { length } }: PageState, flows: readonly Flow[]): TemplateResult {
  const strongest = flows[0]?.bytesPerSecond ?? 0
  const shares = new Float32Array(length * length)
  for (const { from, to, bytesPerSecond } of flows) {
    shares[to * length + from] = Math.sqrt(bytesPerSecond / strongest)
  }
  return gridOf({
    id: 'matrix',
    label: 'The flows between all peers, as a matrix',
    across: 'from',
    down: 'to',
    columns: length,
    rows: length,
    maxCell: { width: 32, height: 32 },
    share: (column, row) => (column === row ? undefined : shares[row * length + column])
  })
}

function noteOf({ names, news }: PageState, flows: readonly Flow[], asCircle: boolean): string {
  const way = ({ from, to }: Pick<Flow, 'from' | 'to'>): string => `${names[from] ?? ''} → ${names[to] ?? ''}`
  const pointed = pointedIn('matrix')
  if (pointed !== undefined && !asCircle) {
    const { column: from, row: to } = pointed
    const rate = flows.find((flow) => flow.from === from && flow.to === to)?.bytesPerSecond ?? 0
    return `${way({ from, to })}: ${rate > 0 ? formatRate(rate, 1000) : 'nothing'}`
  }
  const [first] = flows
  if (first === undefined) {
    return `Nothing passes between peers${news.phase === 'exchanging' ? ' at the moment' : ''}.`
  }
  const colours = asCircle && names.length <= MAX_COLOURED ? '. Each arc has the colour of its sender.' : ''
  const rate = formatRate(first.bytesPerSecond, 1000)
  return `${countOf(flows.length, 'flow')}, the largest ${way(first)} with ${rate}${colours}`
}

function tableOf(names: readonly string[], flows: readonly Flow[]): TemplateResult {
  const shown = flows.slice(0, MAX_ROWS)
  const caption =
    flows.length > shown.length
      ? `The strongest ${shown.length} of ${flows.length} flows`
      : 'All flows, the largest first'
  const rows = shown.map(
    ({ from, to, bytesPerSecond }) =>
      html`<tr><td>${names[from]}</td><td>${names[to]}</td><td>${formatRate(bytesPerSecond, 1000)}</td></tr>`
  )
  const table = html`<table>
    <caption>${caption}</caption>
    <thead>
      <tr><th scope="col">From</th><th scope="col">To</th><th scope="col" class="number">Rate</th></tr>
    </thead>
    <tbody id="flow-rows">${rows}</tbody>
  </table>`
  return html`<details><summary>As a table</summary>${scrolled('The strongest flows', table)}</details>`
}

function cut(name: string, maxLength: number): string {
  const characters = [...name]
  const endLength = Math.floor((maxLength - 1) / 2)
  return characters.length <= maxLength
    ? name
    : `${characters.slice(0, maxLength - 1 - endLength).join('')}…${characters.slice(-endLength).join('')}`
}
