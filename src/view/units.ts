/** Times and rates for people. Machines get the plain numbers of the events. */
import { BYTES_PER_MEGABIT, formatBytes } from '../core/units.ts'

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

/** `34 s`, `2 min 03 s`: a running or estimated time, in whole seconds. */
export function formatSeconds(durationMs: number): string {
  const wholeMs = Math.round(durationMs / 1000) * 1000
  return wholeMs < 60_000 ? `${wholeMs / 1000} s` : formatDuration(wholeMs)
}

/** Bytes over a time, as `85.3 MiB/s`; a dash if no time has passed. */
export function formatRate(byteLength: number, durationMs: number): string {
  return durationMs > 0 ? `${formatBytes((byteLength / durationMs) * 1000)}/s` : '–'
}

/** A link's rate, as in a contract: `20 Mbit/s`, at most three digits. */
export function formatCapacity(bytesPerSecond: number): string {
  return `${Number((bytesPerSecond / BYTES_PER_MEGABIT).toPrecision(3))} Mbit/s`
}

/** Whole percents, rounded down: only complete counts as 100. */
export function formatPercent(part: number, whole: number): string {
  return `${whole > 0 ? Math.floor((Math.min(part, whole) / whole) * 100) : 0} %`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
