/** The event log, the newest first, with what was chosen of it. */
import type { LogLine } from '../messages.ts'
import { arrange, byId, found, make, say } from './dom.ts'
import type { PageState } from './state.ts'

export class Log {
  readonly #subject = found('log-subject', HTMLSelectElement)
  readonly #words = found('log-words', HTMLInputElement)
  readonly #elements = new WeakMap<LogLine, HTMLElement>()

  show({ lines }: PageState): void {
    const wanted = this.#words.value.trim().toLowerCase()
    const { value } = this.#subject
    const chosen = lines.filter(
      ({ about, text }) => (value === 'all' || value === about) && text.toLowerCase().includes(wanted)
    )
    arrange(byId('log-lines'), chosen.map((line) => this.#elementOf(line)).reverse())
    byId('log-none').hidden = chosen.length > 0
    say('log-none', lines.length === 0 ? 'Nothing yet' : 'No event fits what was chosen.')
  }

  #elementOf(line: LogLine): HTMLElement {
    const element = this.#elements.get(line) ?? elementOf(line)
    this.#elements.set(line, element)
    return element
  }
}

function elementOf({ atMs, about, text }: LogLine): HTMLElement {
  const time = make('span', { class: 'time' }, clockText(atMs))
  const trouble = about === 'trouble' ? [make('span', { class: 'unseen' }, 'Trouble: ')] : []
  return make('li', { 'data-about': about }, time, ' ', make('span', { class: 'text' }, ...trouble, text))
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
