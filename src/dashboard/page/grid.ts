/** Many small cells, each as dark as its share. A row is a gradient with hard edges between colours. */
import { html, type TemplateResult } from 'lit-html'
import { shadeOf } from './theme.ts'

interface Cell {
  column: number
  row: number
}

export interface GridContent {
  /** The element's id. */
  id: string
  label: string
  /** The meaning of columns and rows. */
  across: string
  down: string
  columns: number
  rows: number
  /** In pixels; narrow cells are at most as high as wide. */
  maxCell: { width: number; height: number }
  /** From 0 to 1; undefined for no cell. */
  share(column: number, row: number): number | undefined
}

/** So that the grid fits a screen. */
const MAX_HEIGHT = 520

/** With many narrow columns: lower rows cannot be told apart, or pointed at. */
const MIN_CELL_HEIGHT = 6

/** Up to this many cells in a row are large enough for gaps between them. */
const MAX_APART = 100

/** An edge in the middle of a pixel would belong to either side by chance. */
const NUDGE = 0.01

/** By the grid's id. */
const pointed = new Map<string, Cell | undefined>()

/** The cell under the pointer. */
export function pointedIn(id: string): Cell | undefined {
  return pointed.get(id)
}

export function gridOf(content: GridContent): TemplateResult {
  const { id, label, across, down, columns, rows, maxCell, share } = content
  const gap = Math.max(columns, rows) <= MAX_APART ? 1 : 0
  const maxHeight = Math.min(rows * maxCell.height, MAX_HEIGHT)
  const minHeight = Math.min(rows * MIN_CELL_HEIGHT, MAX_HEIGHT)
  const size = `width: min(100%, ${columns * maxCell.width}px); min-height: ${minHeight}px; max-height: ${maxHeight}px`
  const cellLength = `${100 / columns}%`
  const stops = `transparent 0 calc(${cellLength} - ${gap + NUDGE}px), var(--card) 0 calc(${cellLength} - ${NUDGE}px)`
  const gaps = `repeating-linear-gradient(90deg, ${stops}, transparent 0 ${cellLength})`
  const strips = Array.from({ length: rows }, (_, row) => {
    const cells = Array.from({ length: columns }, (_, column) => digitOf(share(column, row)))
    return html`<div .style=${`background: ${gaps}, ${stripesOf(cells.join(''))}`}></div>`
  })
  return html`<div id=${id} class="matrix">
    <p class="axis">${across} →</p>
    <div
      class="cells" role="img" aria-label="${label}. Arrow keys go from cell to cell." tabindex="0"
      .style=${`aspect-ratio: ${columns} / ${rows}; ${size}; gap: ${gap}px`}
      @pointermove=${(event: PointerEvent) => point(id, cellAt(event, columns, rows))}
      @pointerleave=${() => point(id, undefined)}
      @focus=${() => point(id, pointed.get(id) ?? { column: 0, row: 0 })}
      @blur=${() => point(id, undefined)}
      @keydown=${(event: KeyboardEvent) => step(event, id, columns, rows)}
    >${strips}${markOf(pointed.get(id), columns, rows)}</div>
    <p class="axis axis-down">${down} ↓</p>
  </div>`
}

/** The position of a pointer over the cells. */
function markOf(cell: Cell | undefined, columns: number, rows: number): TemplateResult | '' {
  if (cell === undefined) {
    return ''
  }
  const [x, y] = [(100 * cell.column) / columns, (100 * cell.row) / rows]
  return html`<span
    class="mark"
    .style=${`left: ${x}%; top: ${y}%; width: ${100 / columns}%; height: ${100 / rows}%`}
  ></span>`
}

const STEPS: Readonly<Record<string, readonly [column: number, row: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1]
}

/** Moves to the next cell with an arrow key. */
function step(event: KeyboardEvent, id: string, columns: number, rows: number): void {
  const [across, down] = STEPS[event.key] ?? [0, 0]
  if (across === 0 && down === 0) {
    return
  }
  event.preventDefault()
  const { column, row } = pointed.get(id) ?? { column: 0, row: 0 }
  const within = (place: number, count: number): number => Math.min(count - 1, Math.max(0, place))
  point(id, { column: within(column + across, columns), row: within(row + down, rows) })
}

/** Redraws everything, as for other input. */
function point(id: string, cell: Cell | undefined): void {
  pointed.set(id, cell)
  dispatchEvent(new Event('input'))
}

/**
 * Cells of equal width side by side, as the background of an element. @param cells as in `MapShown`; a space for none
 */
export function stripesOf(cells: string): string {
  const stripes = [...cells.matchAll(/(.)\1*/g)].map(({ 0: { length }, 1: cell = ' ', index }) => {
    const [from, to] = [index, index + length].map(
      (place) => `calc(${(100 * place) / cells.length}% - ${NUDGE}px)`
    )
    return `${cell === ' ' ? 'transparent' : shadeOf(Number.parseInt(cell, 16))} ${from} ${to}`
  })
  return `linear-gradient(90deg, ${stripes.join(', ')})`
}

/** What has begun is visible, and only what is complete is full. */
function digitOf(share: number | undefined): string {
  if (share === undefined) {
    return ' '
  }
  return (share <= 0 ? 0 : share >= 1 ? 15 : 1 + Math.floor(share * 14)).toString(16)
}

function cellAt({ clientX, clientY, currentTarget }: PointerEvent, columns: number, rows: number): Cell {
  const {
    left = 0,
    top = 0,
    width = 1,
    height = 1
  } = currentTarget instanceof Element ? currentTarget.getBoundingClientRect() : {}
  const at = (offset: number, length: number, count: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor((offset / length) * count)))
  return { column: at(clientX - left, width, columns), row: at(clientY - top, height, rows) }
}
