/** The event log, the newest first, filtered by the reader's choice. */
import { html, type TemplateResult } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import type { LogLine } from '../messages.ts'
import { card, chosen, scrolled, select } from './parts.ts'
import type { PageState } from './state.ts'

const SUBJECTS = {
  all: 'everything',
  swarm: 'the swarm',
  peers: 'peers',
  files: 'files',
  trouble: 'trouble'
}

const FILTERS = html`<span class="filters">
  ${select('log-subject', 'Show', SUBJECTS)}
  <label>with <input id="log-words" type="search" placeholder="words" autocomplete="off" spellcheck="false"></label>
</span>`

export function logCard({ lines }: PageState): TemplateResult {
  const wanted = (chosen('log-words') ?? '').trim().toLowerCase()
  const subject = chosen('log-subject') ?? 'all'
  const shown = lines.filter(
    ({ about, text }) => (subject === 'all' || subject === about) && text.toLowerCase().includes(wanted)
  )
  const items = repeat(shown.reverse(), ({ number }) => number, itemOf)
  const none = lines.length === 0 ? 'Nothing yet' : 'No event fits what was chosen.'
  return card(
    'log',
    'Events',
    FILTERS,
    scrolled('The lines of the log', html`<ol id="log-lines" class="lines">${items}</ol>`),
    html`<p id="log-none" class="note" ?hidden=${shown.length > 0}>${none}</p>`
  )
}

function itemOf({ atMs, about, text }: LogLine): TemplateResult {
  const trouble = about === 'trouble' ? html`<span class="unseen">Trouble: </span>` : ''
  return html`<li data-about=${about}>
    <span class="time">${clockText(atMs)}</span>
    <span class="text">${trouble}${text}</span>
  </li>`
}

/** `0:12.3`, `1:02:12.3`: the swarm clock. */
export function clockText(atMs: number): string {
  const tenths = Math.floor(Math.max(0, atMs) / 100)
  const seconds = Math.floor(tenths / 10)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const two = (value: number): string => String(value).padStart(2, '0')
  const head = hours > 0 ? `${hours}:${two(minutes % 60)}` : String(minutes)
  return `${head}:${two(seconds % 60)}.${tenths % 10}`
}
