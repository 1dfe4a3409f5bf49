/** A grid of many small cells, painted: each as full as its share is. */
import { colourOf, mixed } from './theme.ts'

export interface Grid {
  columns: number
  rows: number
  /** In points; narrow cells are no higher than wide. */
  maxCell: { width: number; height: number }
  /** From 0 to 1; undefined for no cell. */
  share(column: number, row: number): number | undefined
}

/** So that the grid fits a screen. */
const MAX_HEIGHT = 520

/** Between cells that are large enough to be told apart by it. */
const GAP = 1

/** Paints the grid as wide as its place, in the screen's own pixels, with cells of whole ones. */
export function paintGrid(canvas: HTMLCanvasElement, { columns, rows, maxCell, share }: Grid): void {
  const scale = devicePixelRatio
  const place = canvas.parentElement?.clientWidth ?? 0
  if (columns === 0 || rows === 0 || place === 0) {
    canvas.width = 0
    canvas.height = 0
    return
  }
  const width = Math.max(1, Math.min(maxCell.width * scale, Math.floor((place * scale) / columns)))
  const height = Math.max(2, Math.floor(Math.min(width, maxCell.height * scale, (MAX_HEIGHT * scale) / rows)))
  resize(canvas, width * columns, height * rows, scale)
  const context = canvas.getContext('2d')
  if (context === null) {
    return
  }
  const empty = colourOf('--empty')
  const full = colourOf('--accent')
  // Sixteen steps are as many as are told, and each colour is made once.
  const colours = Array.from({ length: 16 }, (_, step) => mixed(empty, full, step / 15))
  const gap = Math.min(width, height) >= 5 * scale ? Math.round(GAP * scale) : 0
  context.clearRect(0, 0, canvas.width, canvas.height)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = share(column, row)
      if (value !== undefined) {
        context.fillStyle = colours[stepOf(value)] ?? ''
        context.fillRect(column * width, row * height, width - gap, height - gap)
      }
    }
  }
}

/** Where the pointer is on the canvas, from 0 up to and not including 1 each way. */
export function gridPlace(canvas: HTMLCanvasElement, event: PointerEvent): { x: number; y: number } {
  const { left, top, width, height } = canvas.getBoundingClientRect()
  const within = (value: number): number => Math.min(0.999999, Math.max(0, value))
  return { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) }
}

/** Something is seen of what is begun, and only what is whole is full. */
function stepOf(share: number): number {
  return share <= 0 ? 0 : share >= 1 ? 15 : 1 + Math.floor(share * 14)
}

function resize(canvas: HTMLCanvasElement, width: number, height: number, scale: number): void {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
    canvas.style.width = `${width / scale}px`
    canvas.style.height = `${height / scale}px`
  }
}
