/** A grid of many small cells, painted: each as full as its share is. */
import { found } from './dom.ts'
import { ramp } from './theme.ts'

interface Content {
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

export class Grid {
  /** The cell that the pointer is at. */
  pointed: { column: number; row: number } | undefined
  readonly #canvas: HTMLCanvasElement
  #columns = 0
  #rows = 0

  /** `onPoint` is called when the pointer has moved. */
  constructor(id: string, onPoint: () => void) {
    this.#canvas = found(id, HTMLCanvasElement)
    this.#canvas.addEventListener('pointermove', ({ clientX, clientY }) => {
      const { left, top, width, height } = this.#canvas.getBoundingClientRect()
      const cell = (offset: number, length: number, count: number): number =>
        Math.min(count - 1, Math.max(0, Math.floor((offset / length) * count)))
      this.pointed = {
        column: cell(clientX - left, width, this.#columns),
        row: cell(clientY - top, height, this.#rows)
      }
      onPoint()
    })
    this.#canvas.addEventListener('pointerleave', () => {
      this.pointed = undefined
      onPoint()
    })
  }

  /** Paints the grid as wide as its place, in the screen's own pixels, with cells of whole ones. */
  paint({ columns, rows, maxCell, share }: Content): void {
    this.#columns = columns
    this.#rows = rows
    const canvas = this.#canvas
    const scale = devicePixelRatio
    const place = canvas.parentElement?.clientWidth ?? 0
    const width = Math.max(1, Math.min(maxCell.width * scale, Math.floor((place * scale) / columns)))
    const height = Math.max(
      2,
      Math.floor(Math.min(width, maxCell.height * scale, (MAX_HEIGHT * scale) / rows))
    )
    const context = canvas.getContext('2d')
    const isEmpty = columns === 0 || rows === 0 || place === 0
    // What was painted goes with the size that is set.
    canvas.width = isEmpty ? 0 : width * columns
    canvas.height = isEmpty ? 0 : height * rows
    canvas.style.width = `${canvas.width / scale}px`
    canvas.style.height = `${canvas.height / scale}px`
    if (isEmpty || context === null) {
      return
    }
    const colours = ramp()
    const gap = Math.min(width, height) >= 5 * scale ? Math.round(GAP * scale) : 0
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
}

/** Something is seen of what is begun, and only what is whole is full. */
function stepOf(share: number): number {
  return share <= 0 ? 0 : share >= 1 ? 15 : 1 + Math.floor(share * 14)
}
