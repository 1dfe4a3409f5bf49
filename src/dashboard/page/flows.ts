/** Who sends to whom: a few peers as a circle with arcs, many as a matrix, and always as a table too. */
import { countOf } from '../../core/units.ts'
import { formatPercent, formatRate } from '../../view/units.ts'
import { arrange, byId, found, make, makeSvg, setAttributes, setText } from './dom.ts'
import { gridPlace, paintGrid } from './grid.ts'
import type { Flow, PageState } from './state.ts'
import { MAX_COLOURED, onThemeChange, peerColour } from './theme.ts'

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
  readonly #canvas = found('matrix-canvas', HTMLCanvasElement)
  readonly #kind = found('flows-kind', HTMLSelectElement)
  readonly #rows = byId('flow-rows')
  readonly #note = byId('flows-note')
  #nodes: Node[] = []
  #arcs = new Map<string, SVGElement>()
  #state: PageState | undefined
  /** The pair of the matrix that the pointer is at. */
  #pointed: { from: number; to: number } | undefined

  constructor() {
    this.#kind.addEventListener('change', () => this.#again())
    this.#canvas.addEventListener('pointermove', (event) => {
      const place = gridPlace(this.#canvas, event)
      const count = this.#state?.names.length ?? 0
      this.#pointed = { from: Math.floor(place.x * count), to: Math.floor(place.y * count) }
      this.#again()
    })
    this.#canvas.addEventListener('pointerleave', () => {
      this.#pointed = undefined
      this.#again()
    })
    onThemeChange(() => this.#again())
  }

  show(state: PageState): void {
    const isOther = this.#state?.names !== state.names
    this.#state = state
    const flows = state.flows()
    const asCircle =
      this.#kind.value === 'circle' || (this.#kind.value === 'auto' && state.names.length <= MAX_IN_CIRCLE)
    this.#circle.toggleAttribute('hidden', !asCircle)
    this.#matrix.hidden = asCircle
    if (isOther) {
      this.#layOut(state.names)
    }
    if (asCircle) {
      this.#drawCircle(state, flows)
    } else {
      this.#drawMatrix(state, flows)
    }
    this.#fillTable(state, flows)
    setText(this.#note, this.#noteOf(state, flows))
  }

  #again(): void {
    if (this.#state !== undefined) {
      this.show(this.#state)
    }
  }

  #noteOf({ names, news }: PageState, flows: readonly Flow[]): string {
    if (this.#pointed !== undefined && !this.#matrix.hidden) {
      const { from, to } = this.#pointed
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
      const colour = `var(${peerColour(index, names.length)})`
      const circumference = 2 * Math.PI * radius
      const ring = makeSvg('circle', { class: 'ring', r: String(radius), transform: 'rotate(-90)' })
      ring.style.stroke = colour
      ring.style.strokeDasharray = `0 ${circumference}`
      ring.dataset['length'] = String(circumference)
      const percent = makeSvg('text', { class: 'node-percent', 'text-anchor': 'middle', dy: '0.34em' })
      const isAside = Math.abs(Math.cos(angle)) > 0.2
      const gap = radius + 9
      const label = makeSvg(
        'text',
        {
          class: 'node-name',
          x: String(isAside ? Math.sign(Math.cos(angle)) * gap : 0),
          y: String(isAside ? 0 : Math.sign(Math.sin(angle)) * (gap + 4)),
          dy: '0.34em',
          'text-anchor': isAside ? (Math.cos(angle) > 0 ? 'start' : 'end') : 'middle'
        },
        cut(name)
      )
      const element = makeSvg(
        'g',
        { class: 'node', transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
        makeSvg('title', {}, name),
        makeSvg('circle', { class: 'node-ground', r: String(radius) }),
        ring
      )
      if (radius >= NODE_RADIUS) {
        element.append(percent)
      }
      if (few.length <= 24) {
        element.append(label)
      }
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
        const share = peer.complete
          ? 1
          : peer.totalBytes > 0
            ? Math.min(1, peer.heldBytes / peer.totalBytes)
            : 0
        const length = Number(node.ring.dataset['length'])
        node.ring.style.strokeDasharray = `${share * length} ${length}`
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
    paintGrid(this.#canvas, {
      columns: names.length,
      rows: names.length,
      maxCell: { width: 32, height: 32 },
      share: (column, row) => (column === row ? undefined : (shares[row * names.length + column] ?? 0))
    })
  }

  #fillTable({ names }: PageState, flows: readonly Flow[]): void {
    const shown = flows.slice(0, MAX_ROWS)
    setText(
      byId('flows-caption'),
      flows.length > shown.length
        ? `The strongest ${shown.length} of ${flows.length} flows`
        : 'All flows, the strongest first'
    )
    arrange(
      this.#rows,
      shown.map(({ from, to, bytesPerSecond }, index) => {
        const row =
          this.#rows.children[index] ??
          make('tr', {}, make('td'), make('td'), make('td', { class: 'number' }))
        const texts = [names[from] ?? '', names[to] ?? '', formatRate(bytesPerSecond, 1000)]
        for (const [column, text] of texts.entries()) {
          const cell = row.children[column]
          if (cell !== undefined) {
            setText(cell, text)
          }
        }
        return row
      })
    )
  }
}

function cut(name: string): string {
  const characters = [...name]
  return characters.length <= MAX_NAME_LENGTH ? name : `${characters.slice(0, MAX_NAME_LENGTH - 1).join('')}…`
}
