/** Keeps what others wrote from moving the cursor, hiding or reordering text where it is shown. */
import { printableLines } from '../core/names.ts'
import type { EventBase } from '../events/stream.ts'

// Control characters, formatting (bidirectional overrides, zero-width), line separators.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text on one line. */
export function visibleLine(text: string): string {
  return printableLines(text).replaceAll('\n', ' ')
}

/** An event as machines read it, with its line end. `cat` on it is harmless whatever others called their files. */
export function jsonLine(event: EventBase): string {
  return `${visibleJson(JSON.stringify(event))}\n`
}

/** JSON text with everything invisible written as JSON escapes, which leaves its value as it is. */
export function visibleJson(json: string): string {
  return json.replace(INVISIBLE, (character) => character.split('').map(escapeOf).join(''))
}

function escapeOf(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
