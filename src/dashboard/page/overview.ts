/** The state in a sentence, in four numbers, and what stands still. */

import { formatBytes } from '../../core/units.ts'
import { formatDuration, formatPercent, formatRate, formatSeconds } from '../../view/units.ts'
import type { Update } from '../messages.ts'
import { arrange, byId, found, make, setText } from './dom.ts'
import type { PageState } from './state.ts'

/** A screen reader hears of the progress at each of so many percent, not each second. */
const ANNOUNCED_STEP = 10

export class Overview {
  readonly #progress = found('progress', HTMLProgressElement)
  readonly #stallList = byId('stall-list')
  #announced = ''

  show({ news, coordinator }: PageState): void {
    const { totals, headline, phase } = news
    const percent = formatPercent(totals.heldBytes, totals.totalBytes)
    const isKnown = totals.totalBytes > 0
    setText(byId('coordinator'), coordinator === 'coordinator' ? '' : coordinator)
    setText(byId('headline'), headline)
    document.title = isKnown && phase === 'exchanging' ? `${percent} · Potluck` : `${headline} · Potluck`
    document.documentElement.dataset['phase'] = phase
    this.#progress.value = isKnown ? (100 * totals.heldBytes) / totals.totalBytes : 0
    setText(byId('held'), isKnown ? percent : '–')
    setText(
      byId('held-of'),
      isKnown ? `${formatBytes(totals.heldBytes)} of ${formatBytes(totals.totalBytes)}` : 'no files known yet'
    )
    this.#showRate(news)
    this.#showTime(news)
    this.#showEfficiency(news)
    this.#showStalls(news)
    this.#announce(news)
  }

  #showRate({ phase, totals }: Update): void {
    const { receivedBytes, receivingBytesPerSecond, elapsedMs } = totals
    const isOver = phase === 'complete' || phase === 'incomplete'
    setText(
      byId('rate'),
      isOver ? formatRate(receivedBytes, elapsedMs ?? 0) : formatRate(receivingBytesPerSecond, 1000)
    )
    setText(byId('received'), `${formatBytes(receivedBytes)} received${isOver ? ', on average' : ''}`)
  }

  #showTime({ phase, totals }: Update): void {
    const { etaMs, elapsedMs } = totals
    const isOver = phase === 'complete' || phase === 'incomplete' || phase === 'stopped'
    const elapsed = elapsedMs === undefined ? '–' : formatDuration(elapsedMs)
    setText(byId('left-name'), isOver ? 'Time' : 'Time left')
    setText(byId('left'), isOver ? elapsed : etaMs === undefined ? '–' : formatSeconds(etaMs))
    setText(
      byId('elapsed'),
      isOver
        ? 'from the first to the last'
        : elapsedMs === undefined
          ? 'nobody is here yet'
          : `${formatSeconds(elapsedMs)} so far`
    )
  }

  #showEfficiency({ phase, totals: { efficiency, boundMs, binding } }: Update): void {
    setText(byId('efficiency-name'), phase === 'exchanging' ? 'Efficiency, expected' : 'Efficiency')
    setText(byId('efficiency'), efficiency === undefined ? '–' : efficiency.toFixed(2))
    setText(
      byId('bound'),
      boundMs === undefined
        ? 'the bound is not known yet'
        : `bound ${formatDuration(boundMs)}: ${binding ?? ''}`
    )
  }

  #showStalls({ stalls, moreStalls }: Update): void {
    const texts = stalls.map(({ peer, text }) => `${peer} ${text}.`)
    const all = moreStalls > 0 ? [...texts, `And ${moreStalls} more.`] : texts
    arrange(
      this.#stallList,
      all.map((text, index) => {
        const item = this.#stallList.children[index] ?? make('li')
        setText(item, text)
        return item
      })
    )
    byId('stalls').hidden = all.length === 0
  }

  /** Its phases, and while it exchanges some whole steps. */
  #announce({ phase, headline, totals: { heldBytes, totalBytes } }: Update): void {
    const percent = totalBytes > 0 ? (100 * heldBytes) / totalBytes : 0
    const step = phase === 'exchanging' ? Math.floor(percent / ANNOUNCED_STEP) : 0
    const now = `${phase} ${step}`
    if (now !== this.#announced) {
      this.#announced = now
      setText(byId('announcement'), headline)
    }
  }
}
