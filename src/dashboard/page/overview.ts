/** The state in a sentence, in four numbers, and everything that is stalled. */
import { html, type TemplateResult } from 'lit-html'
import { formatBytes } from '../../core/units.ts'
import { formatDuration, formatRate, formatSeconds } from '../../view/units.ts'
import type { Update } from '../messages.ts'
import type { View } from './parts.ts'
import { ENDED, type PageState } from './state.ts'

/** A screen reader announces the progress at each multiple of this, not every second. */
const ANNOUNCED_STEP = 10

export class Overview implements View {
  #step = ''
  #announcement = ''

  html({ news }: PageState): TemplateResult {
    const { totals, headline, stalls, moreStalls } = news
    const { fetchedBytes, wantedBytes, totalBytes } = totals
    const isKnown = totalBytes > 0
    this.#announce(news)
    return html`<section id="state" class="card state" aria-labelledby="headline" tabindex="-1">
        <h1 id="headline">${headline}</h1>
        <progress
          id="progress" max="100" aria-label="Fetched by all peers together"
          value=${percentOf(totals)}
        ></progress>
        <dl class="figures">
          ${figure(
            'Fetched',
            isKnown ? `${Math.floor(percentOf(totals))} %` : '–',
            isKnown ? `${formatBytes(fetchedBytes)} of ${formatBytes(wantedBytes)}` : 'no files known yet'
          )}
          ${rateFigure(news)} ${timeFigure(news)} ${peopleFigure(news)}
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

  /** Announces its phases, and the progress of the exchange in whole steps. */
  #announce({ phase, headline, totals }: Update): void {
    const step = `${phase} ${phase === 'exchanging' ? Math.floor(percentOf(totals) / ANNOUNCED_STEP) : 0}`
    if (step !== this.#step) {
      this.#step = step
      this.#announcement = headline
    }
  }
}

/** How much all have of what they lacked. If nothing was missing, that is everything. */
function percentOf({ fetchedBytes, wantedBytes, totalBytes }: Update['totals']): number {
  return wantedBytes > 0 ? (100 * fetchedBytes) / wantedBytes : totalBytes > 0 ? 100 : 0
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

function timeFigure({ phase, totals: { etaMs, elapsedMs, waitedMs } }: Update): TemplateResult {
  const waited =
    waitedMs === undefined ? 'nobody is here yet' : `${formatSeconds(waitedMs)} waiting for people`
  if (ENDED.has(phase)) {
    return figure('Time of the exchange', elapsedMs === undefined ? '–' : formatDuration(elapsedMs), waited)
  }
  const soFar = elapsedMs === undefined ? waited : `${formatSeconds(elapsedMs)} so far`
  return figure('Time left', etaMs === undefined ? '–' : formatSeconds(etaMs), soFar)
}

function peopleFigure({ expectedPeers, totals: { completePeers } }: Update): TemplateResult {
  return figure('Complete', `${completePeers} of ${expectedPeers}`, 'people have every file')
}
