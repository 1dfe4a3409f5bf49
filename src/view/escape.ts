/** Keeps the texts of others from moving the cursor, and from hiding or reordering text on the screen. */
import { printableLines } from '../core/names.ts'
import type { EventBase } from '../events/stream.ts'

// Control characters, formatting (bidirectional overrides, zero-width), line separators.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text on one line. */
export function visibleLine(text: string): string {
  return printableLines(text).replaceAll('\n', ' ')
}

/** An event for machines, with its line end. `cat` on it is harmless whatever names others gave their files. */
export function jsonLine(event: EventBase): string {
  return `${visibleJson(JSON.stringify(event))}\n`
}

/** JSON text with everything invisible written as JSON escapes, which keeps its value. */
export function visibleJson(json: string): string {
  return json.replace(INVISIBLE, (character) => character.split('').map(escapeOf).join(''))
}

function escapeOf(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
