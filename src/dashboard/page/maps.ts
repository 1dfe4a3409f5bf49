/** How much each peer has of each file: its chunks, or for many files the share of each. */
import { html, type TemplateResult } from 'lit-html'
import { countOf, formatBytes } from '../../core/units.ts'
import { gridOf, pointedIn, stripesOf } from './grid.ts'
import { card, chosen, select } from './parts.ts'
import type { ChunkMap, PageState } from './state.ts'

/** How many maps are shown at once. */
const MAX_TOGETHER = 48

export function mapsCard(state: PageState): TemplateResult {
  const { files, moreFiles } = state
  const value = choiceOf(state)
  const more = `These are the ${files.length} largest files; ${countOf(moreFiles, 'more file')} are in the totals.`
  return card(
    'maps',
    'Chunks',
    select('maps-choice', 'Show', optionsOf(state, value)),
    value === 'overview'
      ? overviewOf(state)
      : html`<div id="map-tables" class="map-tables">${tablesOf(state, value)}</div>`,
    html`<p class="note" ?hidden=${moreFiles === 0}>${more}</p>`
  )
}

function overviewOf(state: PageState): TemplateResult {
  const { names, files } = state
  const grid = gridOf({
    id: 'overview',
    label: 'What each peer has of each file',
    across: 'files',
    down: 'peers',
    columns: files.length,
    rows: names.length,
    maxCell: { width: 96, height: 24 },
    share: (file, peer) => state.mapOf(peer, files[file]?.content ?? -1).share
  })
  return html`<div id="map-overview">${grid}
    <ul class="legend" aria-label="What the colours mean">
      ${legendOf('0', 'nothing')} ${legendOf('8', 'a part')} ${legendOf('f', 'the whole file')}
    </ul>
    <p id="overview-note" class="note" role="status">${noteOf(state)}</p>
  </div>`
}

function legendOf(cell: string, text: string): TemplateResult {
  return html`<li><span class="swatch square" .style=${`background: ${stripesOf(cell)}`}></span>${text}</li>`
}

function noteOf(state: PageState): string {
  const { names, files } = state
  const pointed = pointedIn('overview')
  const file = files[pointed?.column ?? -1]
  if (pointed !== undefined && file !== undefined) {
    const { share } = state.mapOf(pointed.row, file.content)
    return `${names[pointed.row] ?? ''} has ${Math.floor(share * 100)} % of ${file.file} (${formatBytes(file.byteLength)})`
  }
  const copies = files.flatMap(({ content }) => names.map((_, peer) => state.mapOf(peer, content)))
  const whole = copies.filter(({ share }) => share >= 1).length
  return `${whole} of ${copies.length} copies are complete. Point at a cell to see its file and peer, or choose one of them above to see its chunks.`
}

/** The chosen one, if it still exists, or else a suitable one. */
function choiceOf({ names, files }: PageState): string {
  const isSmall = names.length * files.length <= MAX_TOGETHER
  const value = chosen('maps-choice')
  const [kind, name] = [value?.slice(0, 4), value?.slice(5)]
  const isThere =
    (kind === 'file' && files.some(({ file }) => file === name)) ||
    (kind === 'peer' && names.some((peer) => peer === name)) ||
    value === 'overview'
  return value !== undefined && isThere ? value : isSmall ? 'all' : 'overview'
}

function optionsOf({ names, files }: PageState, chosenValue: string): TemplateResult {
  const option = (value: string, text: string): TemplateResult =>
    html`<option value=${value} .selected=${value === chosenValue}>${text}</option>`
  return html`${names.length * files.length <= MAX_TOGETHER ? option('all', 'all of them') : ''}
    ${option('overview', 'an overview')}
    <optgroup label="one file, at each peer">${files.map(({ file }) => option(`file ${file}`, file))}</optgroup>
    <optgroup label="one peer, each file">${names.map((name) => option(`peer ${name}`, name))}</optgroup>`
}

function tablesOf(state: PageState, value: string): TemplateResult | TemplateResult[] {
  const { names, files } = state
  if (files.length === 0) {
    return html`<p class="note">No files are known yet.</p>`
  }
  const peer = names.findIndex((name) => value === `peer ${name}`)
  if (peer >= 0) {
    const rows = files.map(({ file, content }) => rowOf(file, state.mapOf(peer, content)))
    return tableOf(names[peer] ?? '', countOf(files.length, 'file'), 'File', rows)
  }
  return files
    .filter(({ file }) => value === 'all' || value === `file ${file}`)
    .map(({ file, byteLength, content }) => {
      const rows = names.map((name, index) => rowOf(name, state.mapOf(index, content)))
      return tableOf(file, formatBytes(byteLength), 'Peer', rows)
    })
}

function tableOf(caption: string, note: string, what: string, rows: TemplateResult[]): TemplateResult {
  return html`<table class="map">
    <caption title=${caption}><span class="name">${caption}</span> <span class="note">${note}</span></caption>
    <colgroup><col class="label"><col><col class="share"></colgroup>
    <thead><tr><th scope="col">${what}</th><th scope="col">Chunks</th><th scope="col">Held</th></tr></thead>
    <tbody>${rows}</tbody>
  </table>`
}

function rowOf(label: string, { share, cells }: ChunkMap): TemplateResult {
  return html`<tr>
    <th scope="row" title=${label}><span class="name">${label}</span></th>
    <td><div class="strip" .style=${`background: ${stripesOf(cells)}`}></div></td>
    <td class="number">${Math.floor(share * 100)} %</td>
  </tr>`
}
