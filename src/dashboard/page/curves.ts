/** Rates over time. */
import Chart from 'uplot'
import { formatBytes } from '../../core/units.ts'
import { formatRate } from '../../view/units.ts'
import { byId, found, make, setText } from './dom.ts'
import type { PageState } from './state.ts'
import { cssValue, MAX_COLOURED, onThemeChange, peerColour } from './theme.ts'

type Kind = 'sum' | 'receiving' | 'sending'

const CHART_HEIGHT = 240

/** Between two marks of the time. */
const TICKS_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21_600, 86_400]

/** Between two lines of the grid, in the screen's pixels. */
const TICK_SPACE = 44

export class RateCurves {
  readonly #place = byId('chart')
  readonly #kind = found('curves-kind', HTMLSelectElement)
  readonly #legend = byId('curves-legend')
  #chart: Chart | undefined
  /** What the chart was made for. */
  #made: { names: readonly string[]; kind: Kind } | undefined
  #state: PageState | undefined

  constructor() {
    this.#kind.addEventListener('change', () => this.#again())
    onThemeChange(() => {
      this.#made = undefined
      this.#again()
    })
    new ResizeObserver(() => this.#chart?.setSize(this.#size)).observe(this.#place)
  }

  show(state: PageState): void {
    this.#state = state
    for (const option of this.#kind.options) {
      option.disabled = option.value !== 'sum' && !state.hasCurves
    }
    const kind = this.#chosen(state)
    const data = dataOf(state, kind)
    const made = this.#made
    if (made === undefined || made.names !== state.names || made.kind !== kind) {
      this.#made = { names: state.names, kind }
      this.#chart?.destroy()
      this.#chart = new Chart(optionsOf(state.names, kind, this.#size), data, this.#place)
      this.#legend.replaceChildren(...legendOf(state.names, kind))
    } else {
      this.#chart?.setData(data)
    }
    setText(byId('curves-note'), noteOf(state))
  }

  get #size(): { width: number; height: number } {
    return { width: Math.max(200, this.#place.clientWidth), height: CHART_HEIGHT }
  }

  #chosen(state: PageState): Kind {
    const { value } = this.#kind
    return state.hasCurves && (value === 'receiving' || value === 'sending') ? value : 'sum'
  }

  #again(): void {
    if (this.#state !== undefined) {
      this.show(this.#state)
    }
  }
}

function dataOf(state: PageState, kind: Kind): Chart.AlignedData {
  const seconds = state.curves.atMs.map((atMs) => atMs / 1000)
  return kind === 'sum' ? [seconds, state.sumOfReceiving] : [seconds, ...state.curves[kind]]
}

function optionsOf(
  names: readonly string[],
  kind: Kind,
  size: { width: number; height: number }
): Chart.Options {
  const line = cssValue('--line')
  const muted = cssValue('--muted')
  const accent = cssValue('--accent')
  const axis = {
    stroke: muted,
    font: `12px ${cssValue('--font')}`,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 }
  }
  const series: Chart.Series[] =
    kind === 'sum'
      ? [{ stroke: accent, width: 2, fill: `${accent}22`, points: { show: false } }]
      : names.map((_, peer) => ({
          stroke: cssValue(peerColour(peer, names.length)),
          width: names.length <= MAX_COLOURED ? 2 : 1,
          alpha: names.length <= MAX_COLOURED ? 1 : 0.4,
          points: { show: false }
        }))
  return {
    ...size,
    padding: [12, 20, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: { range: (_, __, max) => [0, roundedUp(max)] }
    },
    axes: [
      { ...axis, size: 30, space: 60, incrs: TICKS_SECONDS, values: (_, values) => values.map(clockText) },
      {
        ...axis,
        size: 84,
        space: TICK_SPACE,
        splits: (_, __, min, max) => [0, 1, 2, 3, 4].map((step) => min + (step * (max - min)) / 4),
        values: (_, values) => values.map((value) => (value === 0 ? '0' : `${formatBytes(value)}/s`))
      }
    ],
    series: [{}, ...series]
  }
}

/** The next larger number whose quarters are easily read, in powers of 1024. */
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
function clockText(seconds: number): string {
  const sign = seconds < 0 ? '-' : ''
  const whole = Math.abs(Math.round(seconds))
  return `${sign}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

function legendOf(names: readonly string[], kind: Kind): HTMLElement[] {
  if (kind === 'sum' || names.length > MAX_COLOURED) {
    return []
  }
  return names.map((name, peer) =>
    make('li', {}, make('span', { class: 'swatch', 'data-peer': String(peer) }), name)
  )
}

/** The curve in words, which is also what the picture is called. */
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
