/**
 * The dashboard's page: receives the coordinator's news and shows them.
 *
 * The browser reconnects by itself when the connection ends. Each connection begins with a snapshot, so that another or
 * restarted coordinator is shown from scratch.
 */
import { render } from 'lit-html'
import { formatPercent } from '../../view/units.ts'
import type { Snapshot, Update } from '../messages.ts'
import { RateCurves } from './curves.ts'
import { Flows } from './flows.ts'
import { clockText, logCard } from './log.ts'
import { mapsCard } from './maps.ts'
import { Overview } from './overview.ts'
import { found, type View } from './parts.ts'
import { peersCard } from './peers.ts'
import { ENDED, PageState } from './state.ts'
import { darkness } from './theme.ts'

/** A browser gives up after some errors, such as a server that is away for a moment; the page does not. */
const RECONNECT_MS = 2000

const views: View[] = [
  new Overview(),
  { html: peersCard },
  new Flows(),
  { html: mapsCard },
  new RateCurves(),
  { html: logCard }
]
const main = found('main', HTMLElement)
let state: PageState | undefined
let isDrawing = false

connect()
addEventListener('resize', draw)
// Of a choice, of typed words, or of a cell under the pointer.
addEventListener('input', drawNow)
darkness.addEventListener('change', draw)

function connect(): void {
  const source = new EventSource('/events')
  source.addEventListener('open', () => showConnection('live', 'live'))
  source.addEventListener('snapshot', ({ data }: MessageEvent<string>) => {
    const snapshot: Snapshot = JSON.parse(data)
    if (state === undefined) {
      // The old content.
      main.replaceChildren()
    }
    state = new PageState(snapshot)
    draw()
  })
  source.addEventListener('news', ({ data }: MessageEvent<string>) => {
    const news: Update = JSON.parse(data)
    state?.take(news)
    draw()
  })
  source.addEventListener('error', () => {
    const hasEnded = state !== undefined && ENDED.has(state.news.phase)
    showConnection(
      hasEnded ? 'ended' : 'lost',
      hasEnded ? 'the coordinator has ended' : 'not connected; tries again'
    )
    if (source.readyState === EventSource.CLOSED) {
      source.close()
      setTimeout(connect, RECONNECT_MS)
    }
  })
}

function showConnection(name: 'live' | 'lost' | 'ended', text: string): void {
  const connection = found('connection', HTMLElement)
  connection.dataset['state'] = name
  // Moving parts would suggest that the page is still live.
  main.dataset['connection'] = name
  connection.textContent = text
}

/** Draws once in the next frame, however much has arrived. */
function draw(): void {
  if (!isDrawing) {
    isDrawing = true
    requestAnimationFrame(drawNow)
  }
}

function drawNow(): void {
  isDrawing = false
  if (state === undefined) {
    return
  }
  performance.mark('draw')
  const shown = state
  const { news, coordinator } = shown
  const { fetchedBytes, wantedBytes } = news.totals
  const isExchanging = news.phase === 'exchanging' && wantedBytes > 0
  document.title = `${isExchanging ? formatPercent(fetchedBytes, wantedBytes) : news.headline} · Potluck`
  found('coordinator', HTMLElement).textContent = coordinator === 'coordinator' ? '' : coordinator
  found('clock', HTMLElement).textContent = clockText(news.atMs)
  render(
    views.map((view) => view.html(shown)),
    main
  )
  for (const view of views) {
    view.paint?.(shown)
  }
  performance.clearMeasures('drawn')
  performance.measure('drawn', 'draw')
  performance.clearMarks('draw')
}
