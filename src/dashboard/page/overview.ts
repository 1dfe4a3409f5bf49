/** The state in a sentence, in four numbers, and what stands still. */

import { formatBytes } from '../../core/units.ts'
import { formatDuration, formatPercent, formatRate, formatSeconds } from '../../view/units.ts'
import type { Update } from '../messages.ts'
import { byId, found, say, sayEach } from './dom.ts'
import { ENDED, type PageState } from './state.ts'

/** A screen reader hears of the progress at each of so many percent, not each second. */
const ANNOUNCED_STEP = 10

export class Overview {
  #announced = ''

  show({ news, coordinator }: PageState): void {
    const { totals, headline, phase, stalls, moreStalls } = news
    const { heldBytes, totalBytes } = totals
    const percent = formatPercent(heldBytes, totalBytes)
    const isKnown = totalBytes > 0
    say('coordinator', coordinator === 'coordinator' ? '' : coordinator)
    say('headline', headline)
    document.title = `${isKnown && phase === 'exchanging' ? percent : headline} · Potluck`
    found('progress', HTMLProgressElement).value = isKnown ? (100 * heldBytes) / totalBytes : 0
    say('held', isKnown ? percent : '–')
    say('held-of', isKnown ? `${formatBytes(heldBytes)} of ${formatBytes(totalBytes)}` : 'no files known yet')
    showRate(news)
    showTime(news)
    showEfficiency(news)
    const more = moreStalls > 0 ? [`And ${moreStalls} more.`] : []
    sayEach(byId('stall-list'), 'li', [...stalls.map(({ peer, text }) => `${peer} ${text}.`), ...more])
    byId('stalls').hidden = stalls.length === 0
    this.#announce(news)
  }

  /** Its phases, and while it exchanges some whole steps. */
  #announce({ phase, headline, totals: { heldBytes, totalBytes } }: Update): void {
    const percent = totalBytes > 0 ? (100 * heldBytes) / totalBytes : 0
    const step = phase === 'exchanging' ? Math.floor(percent / ANNOUNCED_STEP) : 0
    const now = `${phase} ${step}`
    if (now !== this.#announced) {
      this.#announced = now
      say('announcement', headline)
    }
  }
}

function showRate({ phase, totals }: Update): void {
  const { receivedBytes, receivingBytesPerSecond, elapsedMs } = totals
  const isOver = phase === 'complete' || phase === 'incomplete'
  const [bytes, durationMs] = isOver ? [receivedBytes, elapsedMs ?? 0] : [receivingBytesPerSecond, 1000]
  say('rate', formatRate(bytes, durationMs))
  say('received', `${formatBytes(receivedBytes)} received${isOver ? ', on average' : ''}`)
}

function showTime({ phase, totals: { etaMs, elapsedMs } }: Update): void {
  const isOver = ENDED.has(phase)
  const left = etaMs === undefined ? '–' : formatSeconds(etaMs)
  const elapsed = elapsedMs === undefined ? '–' : formatDuration(elapsedMs)
  const soFar = elapsedMs === undefined ? 'nobody is here yet' : `${formatSeconds(elapsedMs)} so far`
  say('left-name', isOver ? 'Time' : 'Time left')
  say('left', isOver ? elapsed : left)
  say('elapsed', isOver ? 'from the first to the last' : soFar)
}

function showEfficiency({ phase, totals: { efficiency, boundMs, binding = '' } }: Update): void {
  say('efficiency-name', phase === 'exchanging' ? 'Efficiency, expected' : 'Efficiency')
  say('efficiency', efficiency?.toFixed(2) ?? '–')
  say(
    'bound',
    boundMs === undefined ? 'the bound is not known yet' : `bound ${formatDuration(boundMs)}: ${binding}`
  )
}
