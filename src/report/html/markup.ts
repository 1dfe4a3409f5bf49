/** HTML and SVG text. Every inserted value is text and stays text, unless it was made here itself. */
import { printableLines } from '../../core/names.ts'

/** The result of `html`. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Part = Markup | string | number | undefined | readonly Part[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** A template whose values are escaped, in text and in quoted attributes; lists are concatenated. */
export function html(literals: TemplateStringsArray, ...values: Part[]): Markup {
  let text = literals[0] ?? ''
  for (const [index, value] of values.entries()) {
    text += textOf(value) + (literals[index + 1] ?? '')
  }
  return new Markup(text)
}

export const NOTHING = new Markup('')

function textOf(part: Part): string {
  if (part instanceof Markup) {
    return part.text
  }
  return typeof part === 'object' ? part.map(textOf).join('') : escaped(String(part ?? ''))
}

function escaped(text: string): string {
  return printableLines(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
