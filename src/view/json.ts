/** Events as machines read them. */
import type { EventBase } from '../events/stream.ts'
import { visibleJson } from './escape.ts'

/** The event on one line, with its line end. `cat` on it is harmless whatever others called their files. */
export function jsonLine(event: EventBase): string {
  return `${visibleJson(JSON.stringify(event))}\n`
}
