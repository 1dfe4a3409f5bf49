/** The table of peers. */
import { countOf, formatBytes } from '../../core/units.ts'
import { formatCapacity, formatPercent, formatRate } from '../../view/units.ts'
import type { PeerShown } from '../messages.ts'
import { arrange, byId, found, make, say, sayEach, setAttributes, setText } from './dom.ts'
import { type Flow, type PageState, shareOf } from './state.ts'
import { MAX_COLOURED, swatchOf } from './theme.ts'

/** Senders that a row names. */
const MAX_SENDERS = 2

interface Row {
  element: HTMLElement
  show(peer: PeerShown, state: PageState): void
}

export class PeerTable {
  readonly #body = byId('peer-rows')
  readonly #order = found('peers-order', HTMLSelectElement)
  #rows: Row[] = []
  #names: readonly string[] = []

  show(state: PageState): void {
    if (this.#names !== state.names) {
      this.#names = state.names
      this.#rows = state.names.map((name, peer) => rowOf(name, peer, state.names.length))
    }
    setAttributes(this.#body, { 'data-few': String(isFew(state)) })
    for (const peer of state.peers) {
      this.#rows[peer.peer]?.show(peer, state)
    }
    arrange(
      this.#body,
      this.#ordered(state.peers).flatMap(({ peer }) => this.#rows[peer]?.element ?? [])
    )
    byId('peers-more').hidden = state.morePeers === 0
    say('peers-more', `And ${countOf(state.morePeers, 'more peer')}, which the totals have in them.`)
  }

  #ordered(peers: readonly PeerShown[]): readonly PeerShown[] {
    switch (this.#order.value) {
      case 'behind':
        return peers.toSorted((a, b) => shareOf(a) - shareOf(b))
      case 'fast':
        return peers.toSorted((a, b) => b.receivingBytesPerSecond - a.receivingBytesPerSecond)
      default:
        return peers
    }
  }
}

function rowOf(name: string, peer: number, peers: number): Row {
  const swatch = peers <= MAX_COLOURED ? [swatchOf(peer, peers)] : []
  const bar = make('progress', { max: '100', 'aria-label': `Held by ${name}` })
  const percent = make('span', { class: 'percent' })
  const [receives, sends] = [make('span'), make('span')]
  const received = make('span', { class: 'note' })
  const sent = make('span', { class: 'note' })
  const cell = (className: string, ...children: Node[]): HTMLElement =>
    make('td', { class: className, role: 'cell' }, ...children)
  const [from, what] = [cell('from'), cell('what')]
  const element = make(
    'tr',
    { role: 'row' },
    make(
      'th',
      { scope: 'row', role: 'rowheader', title: name },
      ...swatch,
      make('span', { class: 'name' }, name)
    ),
    cell('held', make('span', { class: 'bar' }, bar, percent)),
    cell('number receives', receives, received),
    cell('number sends', sends, sent),
    from,
    what
  )
  return {
    element,
    show(shown, state) {
      bar.value = 100 * shareOf(shown)
      setText(percent, shown.complete ? '100 %' : formatPercent(shown.heldBytes, shown.totalBytes))
      setText(receives, rateText(shown.receivingBytesPerSecond))
      setText(received, `${formatBytes(shown.receivedBytes)} in all`)
      setText(sends, rateText(shown.sendingBytesPerSecond))
      setText(sent, sentText(shown))
      const senders = sendersOf(state.flowsTo(peer), state)
      sayEach(from, 'span', senders)
      setAttributes(from, { title: senders.join(', ') })
      setText(what, shown.state)
      setAttributes(what, { title: shown.state })
      setAttributes(element, {
        'data-state': shown.complete ? 'complete' : shown.connected ? 'connected' : 'gone'
      })
    }
  }
}

function isFew({ names }: PageState): boolean {
  return names.length <= MAX_COLOURED
}

/** What came from whom, where there is room for it; else who the most came from. */
function sendersOf(senders: readonly Flow[], state: PageState): string[] {
  const most = senders.slice(0, MAX_SENDERS)
  const nameOf = ({ from }: Flow): string => state.names[from] ?? ''
  if (isFew(state)) {
    return most.map((flow) => `${nameOf(flow)} ${rateText(flow.bytesPerSecond)}`)
  }
  const more = senders.length - most.length
  return most.length === 0 ? [] : [`${most.map(nameOf).join(', ')}${more > 0 ? ` +${more}` : ''}`]
}

function sentText({ uplink, sentBytes }: PeerShown): string {
  return uplink?.configured === true
    ? `of ${formatCapacity(uplink.bytesPerSecond)}`
    : `${formatBytes(sentBytes)} in all`
}

/** A dash where nothing moves, which is seen sooner than a zero among numbers. */
function rateText(bytesPerSecond: number): string {
  return bytesPerSecond > 0 ? formatRate(bytesPerSecond, 1000) : '–'
}
