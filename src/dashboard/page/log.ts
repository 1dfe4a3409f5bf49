/** The event log, the newest first, with what was chosen of it. */
import type { LogLine } from '../messages.ts'
import { arrange, byId, found, make, setText } from './dom.ts'
import type { PageState } from './state.ts'

export class Log {
  readonly #subject = found('log-subject', HTMLSelectElement)
  readonly #words = found('log-words', HTMLInputElement)
  readonly #list = byId('log-lines')
  #elements = new Map<number, HTMLElement>()
  #state: PageState | undefined

  constructor() {
    this.#subject.addEventListener('change', () => this.#again())
    this.#words.addEventListener('input', () => this.#again())
  }

  show(state: PageState): void {
    if (this.#state?.names !== state.names) {
      this.#elements = new Map()
    }
    this.#state = state
    const wanted = this.#words.value.trim().toLowerCase()
    const { value } = this.#subject
    const chosen = state.lines.filter(
      ({ about, text }) => (value === 'all' || value === about) && text.toLowerCase().includes(wanted)
    )
    const known = this.#elements
    this.#elements = new Map(chosen.map((line) => [line.number, known.get(line.number) ?? elementOf(line)]))
    arrange(this.#list, [...this.#elements.values()].reverse())
    const none = byId('log-none')
    none.hidden = chosen.length > 0
    setText(none, state.lines.length === 0 ? 'Nothing yet' : 'No event fits what was chosen.')
  }

  #again(): void {
    if (this.#state !== undefined) {
      this.show(this.#state)
    }
  }
}

function elementOf({ atMs, about, text }: LogLine): HTMLElement {
  const isTrouble = about === 'trouble'
  return make(
    'li',
    { 'data-about': about },
    make('span', { class: 'time' }, clockText(atMs)),
    ' ',
    make(
      'span',
      { class: 'text' },
      ...(isTrouble ? [make('span', { class: 'unseen' }, 'Trouble: ')] : []),
      text
    )
  )
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
