/** Units and steps that a whole column or axis shares, so that its figures can be compared at a glance. */
import { BYTES_PER_MEGABIT } from '../../core/units.ts'
import { formatDuration } from '../../view/units.ts'

/** How one column shows its numbers. */
export interface Unit {
  label: string
  show(value: number | null | undefined): string
}

/** For counts. */
export const COUNT: Unit = { label: '', show: (value) => number(value, 1, 0) }

const DASH = '–'

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** One unit for all values: the one that suits the largest. */
export function byteUnit(values: ReadonlyArray<number | null>, suffix = ''): Unit {
  const largest = largestOf(values)
  const power = Math.min(
    BYTE_UNITS.length - 1,
    largest < 1024 ? 0 : Math.floor(Math.log(largest) / Math.log(1024))
  )
  const decimals = power === 0 ? 0 : 1
  return {
    label: `${BYTE_UNITS[power] ?? ''}${suffix}`,
    show: (value) => number(value, 1024 ** power, decimals)
  }
}

/** Milliseconds, seconds, or for long times a unit for each value. */
export function durationUnit(values: ReadonlyArray<number | null>): Unit {
  const largest = largestOf(values)
  if (largest < 10_000) {
    return { label: 'ms', show: (value) => number(value, 1, 0) }
  }
  return largest < 1_000_000
    ? { label: 's', show: (value) => number(value, 1000, 1) }
    : { label: '', show: (value) => (value === null || value === undefined ? DASH : formatDuration(value)) }
}

/** Mbit/s, with at most three digits. */
export function capacityUnit(values: ReadonlyArray<number | null>): Unit {
  const decimals = largestOf(values) / BYTES_PER_MEGABIT < 100 ? 1 : 0
  return { label: 'Mbit/s', show: (value) => number(value, BYTES_PER_MEGABIT, decimals) }
}

/** Round times to mark on an axis of that length: about six, from 0. */
export function ticksOf(lengthMs: number, about = 6): number[] {
  const steps = TICK_STEPS_MS.filter((step) => lengthMs / step <= about)
  const stepMs = steps[0] ?? lengthMs
  const ticks: number[] = []
  for (let atMs = 0; stepMs > 0 && atMs <= lengthMs; atMs += stepMs) {
    ticks.push(atMs)
  }
  return ticks
}

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const TICK_STEPS_MS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 5, 10, 20, 50, 100].map((days) => days * DAY_MS)
]

/** `0`, `500 ms`, `10 s`, `2 min`, `3 h`: a round time. */
export function tickText(atMs: number): string {
  const units: Array<[number, string]> = [
    [DAY_MS, 'd'],
    [HOUR_MS, 'h'],
    [MINUTE_MS, 'min'],
    [SECOND_MS, 's']
  ]
  const [unitMs, unit] = units.find(([length]) => atMs >= length && atMs % (length / 2) === 0) ?? [1, 'ms']
  return atMs === 0 ? '0' : `${atMs / unitMs} ${unit}`
}

function largestOf(values: ReadonlyArray<number | null>): number {
  return values.reduce<number>((largest, value) => Math.max(largest, Math.abs(value ?? 0)), 0)
}

function number(value: number | null | undefined, divisor: number, decimals: number): string {
  return value === null || value === undefined ? DASH : (value / divisor).toFixed(decimals)
}
