/** The state in a sentence, in four numbers, and what stands still. */
import { html, type TemplateResult } from 'lit-html'
import { formatBytes } from '../../core/units.ts'
import { formatDuration, formatPercent, formatRate, formatSeconds } from '../../view/units.ts'
import type { Update } from '../messages.ts'
import type { View } from './parts.ts'
import { ENDED, type PageState } from './state.ts'

/** A screen reader hears of the progress at each of so many percent, not each second. */
const ANNOUNCED_STEP = 10

export class Overview implements View {
  #step = ''
  #announcement = ''

  html({ news }: PageState): TemplateResult {
    const { totals, headline, stalls, moreStalls } = news
    const { heldBytes, totalBytes } = totals
    const isKnown = totalBytes > 0
    this.#announce(news)
    return html`<section id="state" class="card state" aria-labelledby="headline" tabindex="-1">
        <h1 id="headline">${headline}</h1>
        <progress
          id="progress" max="100" aria-label="Held by all peers together"
          value=${isKnown ? (100 * heldBytes) / totalBytes : 0}
        ></progress>
        <dl class="figures">
          ${figure(
            'Held',
            isKnown ? formatPercent(heldBytes, totalBytes) : '–',
            isKnown ? `${formatBytes(heldBytes)} of ${formatBytes(totalBytes)}` : 'no files known yet'
          )}
          ${rateFigure(news)} ${timeFigure(news)} ${efficiencyFigure(news)}
        </dl>
        <p id="announcement" class="unseen" role="status">${this.#announcement}</p>
      </section>
      <div role="status" class="stall-place">
        <section id="stalls" class="card stalls" aria-labelledby="stalls-title" ?hidden=${stalls.length === 0}>
          <h2 id="stalls-title">What stands still</h2>
          <ul id="stall-list">${stalls.map(({ peer, text }) => html`<li>${peer} ${text}.</li>`)}${
            moreStalls > 0 ? html`<li>And ${moreStalls} more.</li>` : ''
          }</ul>
        </section>
      </div>`
  }

  /** Its phases, and while it exchanges some whole steps. */
  #announce({ phase, headline, totals: { heldBytes, totalBytes } }: Update): void {
    const percent = totalBytes > 0 ? (100 * heldBytes) / totalBytes : 0
    const step = `${phase} ${phase === 'exchanging' ? Math.floor(percent / ANNOUNCED_STEP) : 0}`
    if (step !== this.#step) {
      this.#step = step
      this.#announcement = headline
    }
  }
}

function figure(name: string, value: string, note: string): TemplateResult {
  return html`<div><dt>${name}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`
}

function rateFigure({ phase, totals }: Update): TemplateResult {
  const { receivedBytes, receivingBytesPerSecond, elapsedMs } = totals
  const isOver = phase === 'complete' || phase === 'incomplete'
  const [bytes, durationMs] = isOver ? [receivedBytes, elapsedMs ?? 0] : [receivingBytesPerSecond, 1000]
  const received = `${formatBytes(receivedBytes)} received${isOver ? ', on average' : ''}`
  return figure('Rate, all together', formatRate(bytes, durationMs), received)
}

function timeFigure({ phase, totals: { etaMs, elapsedMs } }: Update): TemplateResult {
  if (ENDED.has(phase)) {
    return figure(
      'Time',
      elapsedMs === undefined ? '–' : formatDuration(elapsedMs),
      'from the first to the last'
    )
  }
  const soFar = elapsedMs === undefined ? 'nobody is here yet' : `${formatSeconds(elapsedMs)} so far`
  return figure('Time left', etaMs === undefined ? '–' : formatSeconds(etaMs), soFar)
}

function efficiencyFigure({ phase, totals }: Update): TemplateResult {
  const { efficiency, boundMs, binding = '' } = totals
  return figure(
    phase === 'exchanging' ? 'Efficiency, expected' : 'Efficiency',
    efficiency?.toFixed(2) ?? '–',
    boundMs === undefined ? 'the bound is not known yet' : `bound ${formatDuration(boundMs)}: ${binding}`
  )
}
