/** Who sends to whom: a few peers as a circle with arcs, many as a matrix, and always as a table too. */
import { countOf } from '../../core/units.ts'
import { formatPercent, formatRate } from '../../view/units.ts'
import { arrange, byId, found, make, makeSvg, say, sayEach, setAttributes, setText } from './dom.ts'
import { Grid } from './grid.ts'
import { type Flow, type PageState, shareOf } from './state.ts'
import { MAX_COLOURED, peerColour } from './theme.ts'

/** With more, arcs lie on one another. */
const MAX_IN_CIRCLE = 12

/** And with these a circle is full. */
const MAX_DRAWN = 64

const MAX_ROWS = 40

/** Of the circle, in the picture's own units. */
const RADIUS = 132
const NODE_RADIUS = 17
const MAX_ARC_WIDTH = 7

/** Longer names are cut; the table has the whole. */
const MAX_NAME_LENGTH = 12

interface Node {
  x: number
  y: number
  element: SVGElement
  ring: SVGElement
  percent: SVGElement
}

export class Flows {
  readonly #circle = found('circle', SVGSVGElement)
  readonly #matrix = byId('matrix')
  readonly #kind = found('flows-kind', HTMLSelectElement)
  readonly #grid: Grid
  #names: readonly string[] = []
  #nodes: Node[] = []
  #arcs = new Map<string, SVGElement>()

  constructor(redraw: () => void) {
    this.#grid = new Grid('matrix-canvas', redraw)
  }

  show(state: PageState): void {
    const { names } = state
    const flows = state.flows()
    const asCircle =
      this.#kind.value === 'circle' || (this.#kind.value === 'auto' && names.length <= MAX_IN_CIRCLE)
    this.#circle.toggleAttribute('hidden', !asCircle)
    this.#matrix.hidden = asCircle
    if (this.#names !== names) {
      this.#names = names
      this.#layOut(names)
    }
    if (asCircle) {
      this.#drawCircle(state, flows)
    } else {
      this.#drawMatrix(state, flows)
    }
    fillTable(state, flows)
    say('flows-note', this.#noteOf(state, flows))
  }

  #noteOf({ names, news }: PageState, flows: readonly Flow[]): string {
    const { pointed } = this.#grid
    if (pointed !== undefined && !this.#matrix.hidden) {
      const { column: from, row: to } = pointed
      const rate = flows.find((flow) => flow.from === from && flow.to === to)?.bytesPerSecond ?? 0
      return `${names[from] ?? ''} → ${names[to] ?? ''}: ${rate > 0 ? formatRate(rate, 1000) : 'nothing'}`
    }
    const [first] = flows
    if (first === undefined) {
      return news.phase === 'exchanging'
        ? 'Nothing passes between peers at the moment.'
        : 'Nothing passes between peers.'
    }
    const strongest = `${names[first.from] ?? ''} → ${names[first.to] ?? ''}`
    const colours = this.#matrix.hidden && names.length <= MAX_COLOURED ? '. Colours are of who sends.' : ''
    return `${countOf(flows.length, 'flow')}, the strongest ${strongest} with ${formatRate(first.bytesPerSecond, 1000)}${colours}`
  }

  /** Nodes on a circle, the first on top, with their names outside of it. */
  #layOut(names: readonly string[]): void {
    this.#arcs = new Map()
    const few = names.slice(0, MAX_DRAWN)
    setAttributes(this.#circle, {
      viewBox: '-275 -185 550 370',
      'data-many': String(names.length > MAX_COLOURED)
    })
    const radius = few.length > 24 ? 7 : few.length > 12 ? 12 : NODE_RADIUS
    this.#nodes = few.map((name, index) => {
      const angle = (2 * Math.PI * index) / few.length - Math.PI / 2
      const x = RADIUS * Math.cos(angle)
      const y = RADIUS * Math.sin(angle)
      const turned = { transform: 'rotate(-90)', pathLength: '1' }
      const ring = makeSvg('circle', { class: 'ring', r: String(radius), ...turned })
      ring.style.stroke = `var(${peerColour(index, names.length)})`
      ring.style.strokeDasharray = '0 1'
      const middle = { 'text-anchor': 'middle', dy: '0.34em' }
      const percent = makeSvg('text', { class: 'node-percent', ...middle })
      const isAside = Math.abs(Math.cos(angle)) > 0.2
      const gap = radius + 9
      const place = isAside
        ? {
            x: String(Math.sign(Math.cos(angle)) * gap),
            'text-anchor': Math.cos(angle) > 0 ? 'start' : 'end'
          }
        : { y: String(Math.sign(Math.sin(angle)) * (gap + 4)) }
      const element = makeSvg(
        'g',
        { class: 'node', transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
        makeSvg('title', {}, name),
        makeSvg('circle', { class: 'node-ground', r: String(radius) }),
        ring,
        ...(radius >= NODE_RADIUS ? [percent] : []),
        ...(few.length <= 24 ? [makeSvg('text', { class: 'node-name', ...middle, ...place }, cut(name))] : [])
      )
      return { x, y, element, ring, percent }
    })
    this.#circle.replaceChildren(
      makeSvg('g', { class: 'arcs' }),
      ...this.#nodes.map(({ element }) => element)
    )
  }

  #drawCircle(state: PageState, flows: readonly Flow[]): void {
    const strongest = flows[0]?.bytesPerSecond ?? 0
    const shown = new Set<string>()
    for (const { from, to, bytesPerSecond } of flows) {
      const key = `${from}>${to}`
      const arc = this.#arcs.get(key) ?? this.#newArc(from, to, state.names.length)
      if (arc === undefined) {
        continue
      }
      this.#arcs.set(key, arc)
      shown.add(key)
      const strength = Math.sqrt(bytesPerSecond / strongest)
      const scale = state.names.length > MAX_COLOURED ? 0.55 : 1
      arc.style.strokeWidth = `${(1.5 + strength * (MAX_ARC_WIDTH * scale - 1.5)).toFixed(1)}px`
      arc.style.opacity = (0.35 + 0.65 * strength).toFixed(2)
    }
    for (const [key, arc] of this.#arcs) {
      if (!shown.has(key)) {
        arc.style.opacity = '0'
      }
    }
    for (const [index, node] of this.#nodes.entries()) {
      const peer = state.peers[index]
      if (peer !== undefined) {
        node.ring.style.strokeDasharray = `${shareOf(peer)} 1`
        setText(
          node.percent,
          peer.complete ? '✓' : formatPercent(peer.heldBytes, peer.totalBytes).replace(' %', '')
        )
        setAttributes(node.element, { 'data-gone': String(!peer.connected && !peer.complete) })
      }
    }
  }

  /** Bent to the right of its way, so that both directions are seen apart. */
  #newArc(from: number, to: number, peers: number): SVGElement | undefined {
    const start = this.#nodes[from]
    const end = this.#nodes[to]
    if (start === undefined || end === undefined) {
      return undefined
    }
    const bend = 0.16
    const x = (start.x + end.x) / 2 - (end.y - start.y) * bend
    const y = (start.y + end.y) / 2 + (end.x - start.x) * bend
    const way = `M${start.x.toFixed(1)} ${start.y.toFixed(1)}Q${x.toFixed(1)} ${y.toFixed(1)} ${end.x.toFixed(1)} ${end.y.toFixed(1)}`
    // What moves along it shows the direction.
    const arc = makeSvg(
      'g',
      { class: 'arc' },
      makeSvg('path', { d: way }),
      makeSvg('path', { class: 'drops', d: way })
    )
    arc.style.stroke = `var(${peerColour(from, peers)})`
    this.#circle.firstElementChild?.append(arc)
    return arc
  }

  #drawMatrix({ names }: PageState, flows: readonly Flow[]): void {
    const strongest = flows[0]?.bytesPerSecond ?? 0
    const shares = new Float32Array(names.length * names.length)
    for (const { from, to, bytesPerSecond } of flows) {
      shares[to * names.length + from] = Math.sqrt(bytesPerSecond / strongest)
    }
    this.#grid.paint({
      columns: names.length,
      rows: names.length,
      maxCell: { width: 32, height: 32 },
      share: (column, row) => (column === row ? undefined : (shares[row * names.length + column] ?? 0))
    })
  }
}

function fillTable({ names }: PageState, flows: readonly Flow[]): void {
  const shown = flows.slice(0, MAX_ROWS)
  const isCut = flows.length > shown.length
  say(
    'flows-caption',
    isCut ? `The strongest ${shown.length} of ${flows.length} flows` : 'All flows, the strongest first'
  )
  const body = byId('flow-rows')
  const rows = shown.map((_, index) => body.children[index] ?? make('tr'))
  arrange(body, rows)
  for (const [index, { from, to, bytesPerSecond }] of shown.entries()) {
    const row = rows[index]
    if (row !== undefined) {
      sayEach(row, 'td', [names[from] ?? '', names[to] ?? '', formatRate(bytesPerSecond, 1000)])
    }
  }
}

function cut(name: string): string {
  const characters = [...name]
  return characters.length <= MAX_NAME_LENGTH ? name : `${characters.slice(0, MAX_NAME_LENGTH - 1).join('')}…`
}
