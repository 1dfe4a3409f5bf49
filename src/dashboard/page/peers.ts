/** The table of peers. */
import { countOf, formatBytes } from '../../core/units.ts'
import { formatCapacity, formatPercent, formatRate } from '../../view/units.ts'
import type { PeerShown } from '../messages.ts'
import { arrange, byId, found, make, setAttributes, setText } from './dom.ts'
import type { Flow, PageState } from './state.ts'
import { MAX_COLOURED } from './theme.ts'

/** Senders that a row names. */
const MAX_SENDERS = 2

interface Row {
  element: HTMLElement
  bar: HTMLProgressElement
  percent: HTMLElement
  receives: HTMLElement
  received: HTMLElement
  sends: HTMLElement
  sent: HTMLElement
  from: HTMLElement
  state: HTMLElement
}

export class PeerTable {
  readonly #body = byId('peer-rows')
  readonly #order = found('peers-order', HTMLSelectElement)
  #rows: Row[] = []
  #state: PageState | undefined

  constructor() {
    this.#order.addEventListener('change', () => {
      if (this.#state !== undefined) {
        this.show(this.#state)
      }
    })
  }

  show(state: PageState): void {
    if (this.#state?.names !== state.names) {
      this.#rows = state.names.map((name, peer) => rowOf(name, peer, state.names.length))
    }
    this.#state = state
    setAttributes(this.#body, { 'data-few': String(state.names.length <= MAX_COLOURED) })
    for (const peer of state.peers) {
      this.#fill(peer, state)
    }
    arrange(
      this.#body,
      this.#ordered(state.peers).flatMap(({ peer }) => this.#rows[peer]?.element ?? [])
    )
    const more = byId('peers-more')
    more.hidden = state.morePeers === 0
    setText(more, `And ${countOf(state.morePeers, 'more peer')}, which the totals have in them.`)
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

  #fill(peer: PeerShown, state: PageState): void {
    const row = this.#rows[peer.peer]
    if (row === undefined) {
      return
    }
    const percent = peer.complete ? '100 %' : formatPercent(peer.heldBytes, peer.totalBytes)
    row.bar.value = 100 * shareOf(peer)
    setText(row.percent, percent)
    setText(row.receives, rateText(peer.receivingBytesPerSecond))
    setText(row.received, `${formatBytes(peer.receivedBytes)} in all`)
    setText(row.sends, rateText(peer.sendingBytesPerSecond))
    setText(row.sent, sentText(peer))
    const senders = state.flowsTo(peer.peer)
    const isFew = state.names.length <= MAX_COLOURED
    arrange(
      row.from,
      sendersOf(senders, state.names, isFew).map((text, index) => sender(row.from, index, text))
    )
    setText(row.state, peer.state)
    setAttributes(row.element, {
      'data-state': peer.complete ? 'complete' : peer.connected ? 'connected' : 'gone'
    })
  }
}

/** What came from whom, where there is room for it; else who the most came from. */
function sendersOf(senders: readonly Flow[], names: readonly string[], isFew: boolean): string[] {
  const most = senders.slice(0, MAX_SENDERS)
  const nameOf = ({ from }: Flow): string => names[from] ?? ''
  if (isFew) {
    return most.map((flow) => `${nameOf(flow)} ${rateText(flow.bytesPerSecond)}`)
  }
  const more = senders.length - most.length
  return most.length === 0 ? [] : [`${most.map(nameOf).join(', ')}${more > 0 ? ` +${more}` : ''}`]
}

function sender(cell: HTMLElement, index: number, text: string): Element {
  const element = cell.children[index] ?? make('span')
  setText(element, text)
  setAttributes(element, { title: text })
  return element
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

function shareOf({ complete, heldBytes, totalBytes }: PeerShown): number {
  return complete ? 1 : totalBytes > 0 ? Math.min(1, heldBytes / totalBytes) : 0
}

function rowOf(name: string, peer: number, peers: number): Row {
  const bar = make('progress', { max: '100', 'aria-label': `Held by ${name}` })
  const percent = make('span', { class: 'percent' })
  const receives = make('span')
  const received = make('span', { class: 'note' })
  const sends = make('span')
  const sent = make('span', { class: 'note' })
  const from = make('td', { class: 'from', role: 'cell' })
  const state = make('td', { class: 'what', role: 'cell' })
  const swatch = make('span', { class: 'swatch', 'data-peer': peers <= MAX_COLOURED ? String(peer) : '' })
  const element = make(
    'tr',
    { role: 'row' },
    make(
      'th',
      { scope: 'row', role: 'rowheader', title: name },
      swatch,
      make('span', { class: 'name' }, name)
    ),
    make('td', { class: 'held', role: 'cell' }, make('span', { class: 'bar' }, bar, percent)),
    make('td', { class: 'number receives', role: 'cell' }, receives, received),
    make('td', { class: 'number sends', role: 'cell' }, sends, sent),
    from,
    state
  )
  return { element, bar, percent, receives, received, sends, sent, from, state }
}
