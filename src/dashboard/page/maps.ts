/** What each peer holds of each file: which of its chunks, or of many files how much. */
import { countOf, formatBytes } from '../../core/units.ts'
import { arrange, byId, found, make, setText } from './dom.ts'
import { gridPlace, paintGrid } from './grid.ts'
import type { ChunkMap, PageState } from './state.ts'
import { type Colour, colourOf, onThemeChange } from './theme.ts'

/** So many maps are shown all at once. */
const MAX_TOGETHER = 48

/** As many as a peer tells of a content at the most. */
const MAX_CELLS = 64

interface Strip {
  peer: number
  content: number
  row: HTMLElement
  canvas: HTMLCanvasElement
  percent: HTMLElement
  /** What is painted, so that it is not painted again. */
  painted: string
}

interface Choice {
  value: string
  text: string
}

export class Maps {
  readonly #choice = found('maps-choice', HTMLSelectElement)
  readonly #tables = byId('map-tables')
  readonly #overview = byId('map-overview')
  readonly #canvas = found('overview-canvas', HTMLCanvasElement)
  readonly #note = byId('overview-note')
  #strips: Strip[] = []
  #state: PageState | undefined
  /** What the strips were made for. */
  #made: { names: readonly string[]; files: unknown; value: string } | undefined
  #colours: { empty: Colour; full: Colour } | undefined
  #pointed: { file: number; peer: number } | undefined

  constructor() {
    this.#choice.addEventListener('change', () => this.#again())
    this.#canvas.addEventListener('pointermove', (event) => {
      const { x, y } = gridPlace(this.#canvas, event)
      const { files = [], names = [] } = this.#state ?? {}
      this.#pointed = { file: Math.floor(x * files.length), peer: Math.floor(y * names.length) }
      this.#again()
    })
    this.#canvas.addEventListener('pointerleave', () => {
      this.#pointed = undefined
      this.#again()
    })
    onThemeChange(() => {
      this.#colours = undefined
      for (const strip of this.#strips) {
        strip.painted = ''
      }
      this.#again()
    })
  }

  show(state: PageState): void {
    if (this.#state?.names !== state.names || this.#state.files !== state.files) {
      this.#offer(state)
    }
    this.#state = state
    const { value } = this.#choice
    const isOverview = value === 'overview'
    this.#overview.hidden = !isOverview
    this.#tables.hidden = isOverview
    if (isOverview) {
      this.#showOverview(state)
    } else {
      this.#showStrips(state, value)
    }
    const more = byId('files-more')
    more.hidden = state.moreFiles === 0
    setText(
      more,
      `These are the ${state.files.length} largest files; ${countOf(state.moreFiles, 'more file')} are in the totals.`
    )
  }

  #again(): void {
    if (this.#state !== undefined) {
      this.show(this.#state)
    }
  }

  /** What can be chosen; what was chosen stays, if it is still there. */
  #offer({ names, files }: PageState): void {
    const isSmall = names.length * files.length <= MAX_TOGETHER
    const general: Choice[] = [
      ...(isSmall ? [{ value: 'all', text: 'all of them' }] : []),
      { value: 'overview', text: 'an overview' }
    ]
    const ofFiles = files.map(({ file }) => ({ value: `file ${file}`, text: file }))
    const ofPeers = names.map((name) => ({ value: `peer ${name}`, text: name }))
    const last = this.#choice.value
    this.#choice.replaceChildren(
      ...general.map(option),
      make('optgroup', { label: 'one file, at each peer' }, ...ofFiles.map(option)),
      make('optgroup', { label: 'one peer, each file' }, ...ofPeers.map(option))
    )
    const all = [...general, ...ofFiles, ...ofPeers].map(({ value }) => value)
    // With the catalog a choice that nobody made gives way to the best one.
    const isChosen = all.includes(last) && (last.startsWith('file') || last.startsWith('peer'))
    this.#choice.value = isChosen ? last : (all[0] ?? '')
  }

  #showStrips(state: PageState, value: string): void {
    const { names, files } = state
    const made = this.#made
    if (made === undefined || made.names !== names || made.files !== files || made.value !== value) {
      this.#made = { names, files, value }
      this.#strips = []
      this.#tables.replaceChildren(...this.#tablesOf(state, value))
    }
    for (const strip of this.#strips) {
      const map = state.mapOf(strip.peer, strip.content)
      const key = `${map.share} ${map.cells}`
      if (key !== strip.painted) {
        strip.painted = key
        setText(strip.percent, `${Math.floor(map.share * 100)} %`)
        this.#paint(strip.canvas, map)
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
    const row = make(
      'tr',
      {},
      make('th', { scope: 'row', title: label }, make('span', { class: 'name' }, label)),
      make('td', { class: 'strip-place' }, canvas),
      percent
    )
    this.#strips.push({ peer, content, row, canvas, percent, painted: '' })
    return row
  }

  /** A pixel for each cell; the style sheet makes them as large as their place. */
  #paint(canvas: HTMLCanvasElement, { cells }: ChunkMap): void {
    this.#colours ??= { empty: colourOf('--empty'), full: colourOf('--accent') }
    const { empty, full } = this.#colours
    const count = cells.length
    canvas.width = count
    const context = canvas.getContext('2d')
    if (context === null) {
      return
    }
    const image = context.createImageData(count, 1)
    for (let index = 0; index < count; index++) {
      const share = Number.parseInt(cells.charAt(index), 16) / 15
      const at = (from: number, to: number): number => from + (to - from) * share
      image.data.set(
        [at(empty.red, full.red), at(empty.green, full.green), at(empty.blue, full.blue), 255],
        4 * index
      )
    }
    context.putImageData(image, 0, 0)
    canvas.style.setProperty('--cells', String(count === 1 ? 1 : Math.min(count, MAX_CELLS)))
  }

  #showOverview(state: PageState): void {
    const { names, files } = state
    paintGrid(this.#canvas, {
      columns: files.length,
      rows: names.length,
      maxCell: { width: 96, height: 24 },
      share: (file, peer) => state.mapOf(peer, files[file]?.content ?? -1).share
    })
    const held = files.reduce(
      (count, { content }) => count + names.filter((_, peer) => state.mapOf(peer, content).share >= 1).length,
      0
    )
    const pointed = this.#pointed
    const file = files[pointed?.file ?? -1]
    setText(
      this.#note,
      pointed !== undefined && file !== undefined
        ? `${names[pointed.peer] ?? ''} holds ${Math.floor(state.mapOf(pointed.peer, file.content).share * 100)} % of ${file.file}`
        : `${held} of ${files.length * names.length} copies are whole. Choose a file or a peer to see its chunks.`
    )
  }
}

function option({ value, text }: Choice): HTMLElement {
  return make('option', { value }, text)
}

function tableOf(caption: string, note: string, what: string, rows: readonly HTMLElement[]): HTMLElement {
  const body = make('tbody')
  arrange(body, rows)
  return make(
    'table',
    { class: 'map' },
    make(
      'caption',
      { title: caption },
      make('span', { class: 'name' }, caption),
      ' ',
      make('span', { class: 'note' }, note)
    ),
    make('colgroup', {}, make('col', { class: 'label' }), make('col'), make('col', { class: 'share' })),
    make(
      'thead',
      {},
      make(
        'tr',
        {},
        make('th', { scope: 'col' }, what),
        make('th', { scope: 'col' }, 'Chunks'),
        make('th', { scope: 'col' }, 'Held')
      )
    ),
    body
  )
}
