/** How bytes, times and rates are shown to people. Machines get the plain numbers of the events. */

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
    // 1023.95 would be rounded up to "1024.0": that is 1.0 of the next unit.
    if (shown < 1023.95) {
      break
    }
  }
  return `${shown.toFixed(1)} ${unit}`
}

/** `850 ms`, `12.3 s`, `2 min 03 s`, `1 h 05 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 0) {
    return `-${formatDuration(-durationMs)}`
  }
  if (Math.round(durationMs) < 1000) {
    return `${Math.round(durationMs)} ms`
  }
  if (durationMs < 59_950) {
    return `${(durationMs / 1000).toFixed(1)} s`
  }
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`
  }
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
}

/** Bytes over a time, as `85.3 MiB/s`; a dash where no time has passed. */
export function formatRate(byteLength: number, durationMs: number): string {
  return durationMs > 0 ? `${formatBytes((byteLength / durationMs) * 1000)}/s` : '–'
}

/** Whole percents, rounded down: 100 is said only of what is whole. */
export function formatPercent(part: number, whole: number): string {
  return `${whole > 0 ? Math.floor((Math.min(part, whole) / whole) * 100) : 0} %`
}

/** `1 file`, `4 files`. */
export function countOf(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
