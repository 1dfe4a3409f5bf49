/**
 * How fast each peer received and sent over time, one row per peer on one axis. It can be stretched: positions in time
 * are percentages, so that the rows are as wide as the page and text keeps its size.
 */
import { printable } from '../../core/names.ts'
import { formatBytes } from '../../core/units.ts'
import { ratesOf } from '../../view/curves.ts'
import { formatDuration, formatRate } from '../../view/units.ts'
import type { Report, ReportPeer } from '../report.ts'
import { html, type Markup, NOTHING } from './markup.ts'
import { ticksOf, tickText } from './scales.ts'

/** How many rows can be read; `report.json` has all. */
const MAX_ROWS = 64

/** With more rows, the axis at the bottom is off the screen while the first row is on it. */
const ROWS_WITH_ONE_AXIS = 12

/** Points of a curve: more cannot be told apart on a page. */
const POINTS = 160

/** Sums arrive twice per second: over a shorter time, curves would show that and not the transfer. */
const MIN_WINDOW_MS = 1500

interface Axis {
  fromMs: number
  lengthMs: number
  /** When the exchange could begin. */
  catalogAtMs: number | undefined
  timesMs: number[]
  windowMs: number
}

export function timelineOf(report: Report): Markup {
  const axis = axisOf(report.times)
  const rows = report.timeline.slice(0, MAX_ROWS).filter(({ atMs }) => atMs.length > 1)
  if (axis === undefined || rows.length === 0) {
    return html`<p>No rates are known.</p>`
  }
  const curves = rows.map((row) => ({
    name: row.peer,
    peer: report.peers.find(({ name }) => name === row.peer),
    receiving: ratesOf({ atMs: row.atMs, sums: row.receivedBytes }, axis.timesMs, axis.windowMs),
    sending: ratesOf({ atMs: row.atMs, sums: row.sentBytes }, axis.timesMs, axis.windowMs)
  }))
  const most = Math.max(1, ...curves.flatMap(({ receiving, sending }) => [...receiving, ...sending]))
  const height = rows.length <= 8 ? 64 : rows.length <= 24 ? 36 : 22
  const drawn = curves.map(
    (curve) => html`<dt>${printable(curve.name)}</dt>\n<dd>${rowOf(axis, curve, most, height)}</dd>\n`
  )
  const left = report.timeline.length - rows.length
  return html`<p class="key"><span><span class="swatch receiving"></span>receiving</span> <span><span class="swatch sending"></span>sending</span> <span><span class="swatch completed"></span>complete</span> <span>the full height of a row is ${formatBytes(most)}/s</span></p>
<dl class="timeline">
${rows.length > ROWS_WITH_ONE_AXIS ? axisOfTime(axis) : NOTHING}${drawn}${axisOfTime(axis)}</dl>
${left > 0 ? html`<p>and ${left} more; report.json has them all</p>` : NOTHING}`
}

function axisOf(times: Report['times']): Axis | undefined {
  const { firstRegisteredAtMs: fromMs, lastCompletedAtMs, lastEventAtMs, makespanMs, catalogAtMs } = times
  const toMs = makespanMs === null ? lastEventAtMs : (lastCompletedAtMs ?? lastEventAtMs)
  if (fromMs === null || toMs <= fromMs) {
    return undefined
  }
  // A little more than the run, for the last mark.
  const lengthMs = (toMs - fromMs) * 1.02
  return {
    fromMs,
    lengthMs,
    catalogAtMs: catalogAtMs ?? undefined,
    timesMs: Array.from({ length: POINTS + 1 }, (_, index) => fromMs + (index / POINTS) * lengthMs),
    windowMs: Math.max(MIN_WINDOW_MS, lengthMs / 60)
  }
}

interface Row {
  name: string
  peer: ReportPeer | undefined
  receiving: readonly number[]
  sending: readonly number[]
}

function rowOf(axis: Axis, row: Row, most: number, height: number): Markup {
  const label = labelOf(row)
  const y = (rate: number): string => (height - 1 - (rate / most) * (height - 3)).toFixed(1)
  const points = (rates: readonly number[]): string =>
    rates.map((rate, index) => `${index} ${y(rate)}`).join('L')
  const area = `M0 ${height}L${points(row.receiving)}L${POINTS} ${height}Z`
  const before =
    axis.catalogAtMs === undefined
      ? NOTHING
      : html`<rect class="before" x="0" y="0" width="${percentAt(axis, axis.catalogAtMs)}" height="${height}"/>`
  const upright = (kind: string, atMs: number): Markup => {
    const x = percentAt(axis, atMs)
    return html`<line class="${kind}" x1="${x}" x2="${x}" y1="0" y2="${height}"/>`
  }
  const grid = ticksOf(axis.lengthMs).map((tickMs) => upright('grid', axis.fromMs + tickMs))
  const { registeredAtMs = null, completedAfterMs = null } = row.peer ?? {}
  const doneAtMs =
    registeredAtMs === null || completedAfterMs === null ? null : registeredAtMs + completedAfterMs
  const done =
    doneAtMs === null
      ? NOTHING
      : html`${upright('completed', doneAtMs)}<circle class="completed" cx="${percentAt(axis, doneAtMs)}" cy="5" r="3.5"/>`
  return html`<svg width="100%" height="${height}" role="img" aria-label="${label}"><title>${label}</title>${before}${grid}<svg viewBox="0 0 ${POINTS} ${height}" preserveAspectRatio="none" width="100%" height="${height}"><path class="receiving" d="${area}"/><path class="sending" d="M${points(row.sending)}"/></svg><line class="base" x1="0" x2="100%" y1="${height - 0.5}" y2="${height - 0.5}"/>${done}</svg>`
}

function axisOfTime(axis: Axis): Markup {
  const ticks = ticksOf(axis.lengthMs).map((tickMs, index) => {
    const x = percentAt(axis, axis.fromMs + tickMs)
    // Half of the first label would be cut off at the edge; the same may happen to the last.
    const anchor = index === 0 ? 'start' : tickMs > axis.lengthMs * 0.96 ? 'end' : 'middle'
    return html`<line class="tick" x1="${x}" x2="${x}" y1="0" y2="4"/><text x="${x}" y="16" text-anchor="${anchor}">${tickText(tickMs)}</text>`
  })
  return html`<dt class="axis">after</dt>
<dd class="axis"><svg width="100%" height="20" aria-hidden="true">${ticks}</svg></dd>
`
}

function percentAt({ fromMs, lengthMs }: Axis, atMs: number): string {
  return `${(Math.min(1, Math.max(0, (atMs - fromMs) / lengthMs)) * 100).toFixed(2)}%`
}

/** The row in words, for people who cannot see it. */
function labelOf({ name, peer, receiving, sending }: Row): string {
  const [fastestIn, fastestOut] = [receiving, sending].map((rates) => formatRate(Math.max(...rates), 1000))
  const done =
    peer === undefined || peer.completedAfterMs === null
      ? 'not complete'
      : `complete ${formatDuration(peer.completedAfterMs)} after its registration`
  return `${printable(name)}: receives up to ${fastestIn}, sends up to ${fastestOut}; ${done}`
}
