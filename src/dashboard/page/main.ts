/**
 * The dashboard's page: listens to the coordinator's news and shows them.
 *
 * The browser connects anew by itself when the line ends; each connection begins with a snapshot, so that another
 * coordinator, or the same one started again, is shown afresh.
 */
import type { Snapshot, Update } from '../messages.ts'
import { RateCurves } from './curves.ts'
import { byId, say, setAttributes } from './dom.ts'
import { Flows } from './flows.ts'
import { clockText, Log } from './log.ts'
import { Maps } from './maps.ts'
import { Overview } from './overview.ts'
import { PeerTable } from './peers.ts'
import { ENDED, PageState } from './state.ts'
import { darkness } from './theme.ts'

/** A browser gives up on some errors, such as a server that is not there for long; the page does not. */
const RECONNECT_MS = 2000

const views = [new Overview(), new PeerTable(), new Flows(draw), new Maps(draw), new RateCurves(), new Log()]
let state: PageState | undefined
let isDrawing = false

connect()
addEventListener('resize', draw)
// Of a choice, or of words that are typed.
addEventListener('input', drawNow)
darkness.addEventListener('change', draw)

function connect(): void {
  const source = new EventSource('/events')
  source.addEventListener('open', () => showConnection('live', 'live'))
  source.addEventListener('snapshot', ({ data }: MessageEvent<string>) => {
    const snapshot: Snapshot = JSON.parse(data)
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
  setAttributes(byId('connection'), { 'data-state': name })
  say('connection', text)
}

/** Once before the next picture, however much has come. */
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
  say('clock', clockText(state.news.atMs))
  for (const view of views) {
    view.show(state)
  }
  performance.clearMeasures('drawn')
  performance.measure('drawn', 'draw')
  performance.clearMarks('draw')
}
