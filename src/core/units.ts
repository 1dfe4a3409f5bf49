/** Sizes, counts and capacities as people write them: in settings, errors, logs and views. */

/** Links are sold in Mbit/s, of a million bits. */
export const BYTES_PER_MEGABIT = 125_000

/** A terabit per second: no link carries more. */
export const MAX_BYTES_PER_SECOND = 1_000_000 * BYTES_PER_MEGABIT

const BYTE_UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `0 bytes`, `1 byte`, `1023 bytes`, `1.0 KiB`, `500.0 MiB`: powers of 1024, one decimal. */
export function formatBytes(byteLength: number): string {
  if (byteLength < 1024) {
    return countOf(Math.round(byteLength), 'byte')
  }
  let shown = byteLength
  let unit = ''
  for (const next of BYTE_UNITS) {
    shown /= 1024
    unit = next
    // 1023.95 would be rounded up to "1024.0", which is 1.0 of the next unit.
    if (shown < 1023.95) {
      break
    }
  }
  return `${shown.toFixed(1)} ${unit}`
}

const SIZE_UNITS = 'kmgtp'

/** `8MiB`, `1.5 GiB`, `500MB`, `123`: whole bytes; undefined when it is no such size. */
export function bytesOfText(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*(?:([kmgtp]?)(i?)b)?$/i.exec(text.trim())
  const [, number = 'none', unit = '', binary = ''] = parts ?? []
  const power = unit === '' ? 0 : 1 + SIZE_UNITS.indexOf(unit.toLowerCase())
  const byteLength = Number(number) * (binary === '' ? 1000 : 1024) ** power
  return Number.isSafeInteger(byteLength) ? byteLength : undefined
}

/** `1 file`, `4 files`. */
export function countOf(count: number, word: string, words = `${word}s`): string {
  return `${count} ${count === 1 ? word : words}`
}

/** Names that a sentence lists; for the rest it gives the number. */
const MAX_NAMED = 5

/** `ann, ben`, or `ann, ben, cat, dan, eve and 3 more`. */
export function named(names: readonly string[]): string {
  const more = names.length - MAX_NAMED
  return names.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
