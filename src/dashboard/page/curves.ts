/** Rates over time. */
import { html, type TemplateResult } from 'lit-html'
import Chart from 'uplot'
import { formatBytes } from '../../core/units.ts'
import { formatRate } from '../../view/units.ts'
import { clockText } from './log.ts'
import { card, chosen, found, select, type View } from './parts.ts'
import type { PageState } from './state.ts'
import { colourOf, darkness, MAX_COLOURED, peerColour, swatchOf } from './theme.ts'

type Kind = 'sum' | 'receiving' | 'sending'

const CHART_HEIGHT = 240

/** The distance between two marks of the time. */
const TICKS_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 86_400]

/** The distance between two lines of the grid, in the screen's pixels. */
const TICK_SPACE = 44

const KINDS = { sum: 'all together', receiving: 'each peer, receiving', sending: 'each peer, sending' }

export class RateCurves implements View {
  #chart: Chart | undefined
  #names: readonly string[] = []
  /** The settings of the drawn chart. */
  #look = ''

  html(state: PageState): TemplateResult {
    return card(
      'curves',
      'Rates over time',
      select('curves-kind', 'Show', state.hasCurves ? KINDS : { sum: KINDS.sum }),
      html`<div id="chart" class="chart" role="img" aria-labelledby="curves-note"></div>`,
      html`<p id="curves-note" class="note">${noteOf(state)}</p>`,
      html`<ul id="curves-legend" class="legend">${legendOf(state.names, kindOf(state))}</ul>`
    )
  }

  paint(state: PageState): void {
    const { names } = state
    const kind = kindOf(state)
    const data = dataOf(state, kind)
    const place = found('chart', HTMLElement)
    const size = { width: Math.max(200, place.clientWidth), height: CHART_HEIGHT }
    const look = `${kind} ${size.width} ${darkness.matches}`
    if (this.#chart === undefined || this.#names !== names || this.#look !== look) {
      this.#names = names
      this.#look = look
      this.#chart?.destroy()
      this.#chart = new Chart({ ...size, ...optionsOf(names, kind) }, data, place)
    } else {
      this.#chart.setData(data)
    }
  }
}

function kindOf(state: PageState): Kind {
  const value = chosen('curves-kind')
  return state.hasCurves && (value === 'receiving' || value === 'sending') ? value : 'sum'
}

function dataOf(state: PageState, kind: Kind): Chart.AlignedData {
  const seconds = state.curves.atMs.map((atMs) => atMs / 1000)
  return kind === 'sum' ? [seconds, state.sumOfReceiving] : [seconds, ...state.curves[kind]]
}

function optionsOf(names: readonly string[], kind: Kind): Omit<Chart.Options, 'width' | 'height'> {
  const [line, accent] = [colourOf('--line'), colourOf('--accent')]
  const isFew = names.length <= MAX_COLOURED
  const axis = {
    stroke: colourOf('--muted'),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 }
  }
  const series: Chart.Series[] =
    kind === 'sum'
      ? [{ stroke: accent, width: 2, fill: `color-mix(in srgb, ${accent} 13%, transparent)` }]
      : names.map((_, peer) => ({
          stroke: colourOf(peerColour(peer, names.length)),
          width: isFew ? 2 : 1,
          alpha: isFew ? 1 : 0.4
        }))
  return {
    padding: [12, 20, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: { range: (_, __, max) => [0, roundedUp(max)] }
    },
    axes: [
      { ...axis, size: 30, space: 60, incrs: TICKS_SECONDS, values: (_, values) => values.map(tickText) },
      {
        ...axis,
        size: 84,
        space: TICK_SPACE,
        splits: (_, __, min, max) => [0, 1, 2, 3, 4].map((step) => min + (step * (max - min)) / 4),
        values: (_, values) => values.map((value) => (value === 0 ? '0' : `${formatBytes(value)}/s`))
      }
    ],
    series: [{}, ...series.map((curve) => ({ ...curve, points: { show: false } }))]
  }
}

/** The next larger number with round quarters, in powers of 1024. */
function roundedUp(value: number): number {
  let unit = 1024
  while (unit * 1024 <= value) {
    unit *= 1024
  }
  const steps = [
    1, 2, 4, 6, 8, 10, 16, 20, 24, 32, 40, 60, 80, 100, 120, 160, 200, 240, 320, 400, 600, 800, 1024
  ]
  return unit * (steps.find((step) => step * unit >= value) ?? 1024)
}

/** `1:20` */
function tickText(seconds: number): string {
  return clockText(seconds * 1000).slice(0, -2)
}

function legendOf(names: readonly string[], kind: Kind): TemplateResult[] {
  return kind === 'sum' || names.length > MAX_COLOURED
    ? []
    : names.map((name, peer) => html`<li>${swatchOf(peer, names.length)}${name}</li>`)
}

/** The curve in words, which is also the picture's label. */
function noteOf(state: PageState): string {
  const sums = state.sumOfReceiving
  if (sums.length === 0) {
    return 'No rates yet'
  }
  const most = Math.max(...sums)
  const now = state.news.totals.receivingBytesPerSecond
  const latest = state.news.phase === 'exchanging' ? `, ${formatRate(now, 1000)} now` : ''
  return `All together: ${formatRate(most, 1000)} at the fastest${latest}`
}
