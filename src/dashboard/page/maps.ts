/** What each peer holds of each file: which of its chunks, or of many files how much. */
import { countOf, formatBytes } from '../../core/units.ts'
import { byId, found, make, say, setText } from './dom.ts'
import { Grid } from './grid.ts'
import type { PageState } from './state.ts'
import { darkness, ramp } from './theme.ts'

/** So many maps are shown all at once. */
const MAX_TOGETHER = 48

interface Strip {
  peer: number
  content: number
  canvas: HTMLCanvasElement
  percent: HTMLElement
  /** What is painted, so that it is not painted again. */
  painted: string
}

export class Maps {
  readonly #choice = found('maps-choice', HTMLSelectElement)
  readonly #tables = byId('map-tables')
  readonly #grid: Grid
  #strips: Strip[] = []
  /** What the choices are of, and what the strips were made for. */
  #files: unknown
  #names: unknown
  #shown = ''

  constructor(redraw: () => void) {
    this.#grid = new Grid('overview-canvas', redraw)
  }

  show(state: PageState): void {
    if (this.#names !== state.names || this.#files !== state.files) {
      this.#names = state.names
      this.#files = state.files
      this.#shown = ''
      this.#offer(state)
    }
    const { value } = this.#choice
    const isOverview = value === 'overview'
    byId('map-overview').hidden = !isOverview
    this.#tables.hidden = isOverview
    if (isOverview) {
      this.#showOverview(state)
    } else {
      this.#showStrips(state, value)
    }
    byId('files-more').hidden = state.moreFiles === 0
    const more = countOf(state.moreFiles, 'more file')
    say('files-more', `These are the ${state.files.length} largest files; ${more} are in the totals.`)
  }

  /** What can be chosen; what was chosen stays, if it is still there. */
  #offer({ names, files }: PageState): void {
    const isSmall = names.length * files.length <= MAX_TOGETHER
    const ofFiles = files.map(({ file }) => new Option(file, `file ${file}`))
    const ofPeers = names.map((name) => new Option(name, `peer ${name}`))
    const last = this.#choice.value
    this.#choice.replaceChildren(
      ...(isSmall ? [new Option('all of them', 'all')] : []),
      new Option('an overview', 'overview'),
      make('optgroup', { label: 'one file, at each peer' }, ...ofFiles),
      make('optgroup', { label: 'one peer, each file' }, ...ofPeers)
    )
    const all = [...this.#choice.options].map(({ value }) => value)
    // With the catalog a choice that nobody made gives way to the best one.
    const isChosen = all.includes(last) && (last.startsWith('file') || last.startsWith('peer'))
    this.#choice.value = isChosen ? last : (all[0] ?? '')
  }

  #showStrips(state: PageState, value: string): void {
    if (this.#shown !== value) {
      this.#shown = value
      this.#strips = []
      this.#tables.replaceChildren(...this.#tablesOf(state, value))
    }
    let colours: string[] | undefined
    for (const strip of this.#strips) {
      const { share, cells } = state.mapOf(strip.peer, strip.content)
      const key = `${share} ${cells} ${darkness.matches}`
      if (key !== strip.painted) {
        strip.painted = key
        setText(strip.percent, `${Math.floor(share * 100)} %`)
        colours ??= ramp()
        paint(strip.canvas, cells, colours)
      }
    }
  }

  #tablesOf({ names, files }: PageState, value: string): HTMLElement[] {
    if (files.length === 0) {
      return [make('p', { class: 'note' }, 'No files are known yet.')]
    }
    const peer = names.findIndex((name) => value === `peer ${name}`)
    if (peer >= 0) {
      const rows = files.map(({ file, content }) => this.#stripOf(file, peer, content))
      return [tableOf(names[peer] ?? '', countOf(files.length, 'file'), 'File', rows)]
    }
    return files
      .filter(({ file }) => value === 'all' || value === `file ${file}`)
      .map(({ file, byteLength, content }) => {
        const rows = names.map((name, index) => this.#stripOf(name, index, content))
        return tableOf(file, formatBytes(byteLength), 'Peer', rows)
      })
  }

  #stripOf(label: string, peer: number, content: number): HTMLElement {
    const canvas = make('canvas', { class: 'strip', 'aria-hidden': 'true', width: '1', height: '1' })
    const percent = make('td', { class: 'number' })
    this.#strips.push({ peer, content, canvas, percent, painted: '' })
    const name = make('th', { scope: 'row', title: label }, make('span', { class: 'name' }, label))
    return make('tr', {}, name, make('td', {}, canvas), percent)
  }

  #showOverview(state: PageState): void {
    const { names, files } = state
    this.#grid.paint({
      columns: files.length,
      rows: names.length,
      maxCell: { width: 96, height: 24 },
      share: (file, peer) => state.mapOf(peer, files[file]?.content ?? -1).share
    })
    const { pointed } = this.#grid
    const file = files[pointed?.column ?? -1]
    if (pointed !== undefined && file !== undefined) {
      const { share } = state.mapOf(pointed.row, file.content)
      say('overview-note', `${names[pointed.row] ?? ''} holds ${Math.floor(share * 100)} % of ${file.file}`)
      return
    }
    const copies = files.flatMap(({ content }) => names.map((_, peer) => state.mapOf(peer, content)))
    const whole = copies.filter(({ share }) => share >= 1).length
    say(
      'overview-note',
      `${whole} of ${copies.length} copies are whole. Choose a file or a peer to see its chunks.`
    )
  }
}

/** A pixel for each cell; the style sheet makes them as large as their place. */
function paint(canvas: HTMLCanvasElement, cells: string, colours: readonly string[]): void {
  canvas.width = cells.length
  const context = canvas.getContext('2d')
  if (context !== null) {
    for (const [index, cell] of [...cells].entries()) {
      context.fillStyle = colours[Number.parseInt(cell, 16)] ?? ''
      context.fillRect(index, 0, 1, 1)
    }
  }
}

function tableOf(caption: string, note: string, what: string, rows: readonly HTMLElement[]): HTMLElement {
  const headings = [what, 'Chunks', 'Held'].map((heading) => make('th', { scope: 'col' }, heading))
  const [name, aside] = [make('span', { class: 'name' }, caption), make('span', { class: 'note' }, note)]
  return make(
    'table',
    { class: 'map' },
    make('caption', { title: caption }, name, ' ', aside),
    make('colgroup', {}, make('col', { class: 'label' }), make('col'), make('col', { class: 'share' })),
    make('thead', {}, make('tr', {}, ...headings)),
    make('tbody', {}, ...rows)
  )
}
