/** How the names of peers are shown. */
import { printable } from '../core/names.ts'

/**
 * A peer's name as people read it: "client1" is shown as "Client 1", and anything that is not letters followed by a
 * number as it stands. What could move a cursor or hide text is escaped.
 */
export function displayName(name: string): string {
  const parts = /^(\p{L})(\p{L}*)(\d+)$/u.exec(name)
  if (parts === null) {
    return printable(name)
  }
  const [, first = '', rest = '', number = ''] = parts
  return `${first.toUpperCase()}${rest} ${number}`
}
