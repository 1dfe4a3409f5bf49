/** What the page knows from the coordinator's messages. Pure. */
import { type Curves, sumOf } from '../../view/curves.ts'
import type { FileShown, LogLine, PeerShown, Snapshot, Update } from '../messages.ts'

/** The chunks of a content that a peer has. */
export interface ChunkMap {
  share: number
  /** Hexadecimal digits; a single one stands for all if they are equal. */
  cells: string
}

export interface Flow {
  from: number
  to: number
  bytesPerSecond: number
}

/** No news follow these phases. */
export const ENDED: ReadonlySet<Update['phase']> = new Set(['complete', 'incomplete', 'stopped', 'failed'])

/** The oldest lines beyond this are dropped. */
const MAX_LINES = 500

/** Beyond this, each two points of the curves become one. */
const MAX_POINTS = 480

/** How much a peer has of all that it lacked, from 0 to 1. */
export function shareOf({ complete, fetchedBytes, wantedBytes }: PeerShown): number {
  return complete ? 1 : wantedBytes > 0 ? Math.min(1, fetchedBytes / wantedBytes) : 0
}

const NOTHING: ChunkMap = { share: 0, cells: '0' }

/** Content without bytes is never missing. */
const WHOLE: ChunkMap = { share: 1, cells: 'f' }

export class PageState {
  readonly coordinator: string
  readonly names: readonly string[]
  readonly morePeers: number
  readonly files: readonly FileShown[]
  readonly moreFiles: number
  /** The latest news: fields that are not lists of changes have their current values. */
  news: Update
  readonly peers: PeerShown[] = []
  readonly curves: Curves
  lines: LogLine[] = []
  readonly #maps = new Map<string, ChunkMap>()
  readonly #empty: ReadonlySet<number>

  constructor(snapshot: Snapshot) {
    this.coordinator = snapshot.coordinator
    this.names = snapshot.peers
    this.morePeers = snapshot.morePeers
    this.files = snapshot.files
    this.moreFiles = snapshot.moreFiles
    this.curves = snapshot.curves
    this.#empty = new Set(
      snapshot.files.filter(({ byteLength }) => byteLength === 0).map(({ content }) => content)
    )
    this.news = snapshot.news
    this.#take(snapshot.news)
  }

  take(news: Update): void {
    this.news = news
    this.#take(news)
    if (news.phase === 'exchanging') {
      this.#extendCurves()
    }
  }

  mapOf(peer: number, content: number): ChunkMap {
    return this.#maps.get(`${peer}/${content}`) ?? (this.#empty.has(content) ? WHOLE : NOTHING)
  }

  /** How much a peer receives from each source, the most first. */
  flowsTo(to: number): Flow[] {
    return (this.peers[to]?.flows ?? []).map(([from, bytesPerSecond]) => ({ from, to, bytesPerSecond }))
  }

  /** All of them, the largest first. */
  flows(): Flow[] {
    return this.names
      .flatMap((_, peer) => this.flowsTo(peer))
      .sort((a, b) => b.bytesPerSecond - a.bytesPerSecond)
  }

  /** The curves' sum at each of their times. */
  get sumOfReceiving(): number[] {
    return sumOf(this.curves.receiving)
  }

  /** Whether there is a curve for each peer, and not only one for all together. */
  get hasCurves(): boolean {
    return this.curves.receiving.length === this.names.length
  }

  #take({ peers, maps, lines }: Update): void {
    for (const peer of peers) {
      this.peers[peer.peer] = peer
    }
    for (const [peer, content, share, cells] of maps) {
      this.#maps.set(`${peer}/${content}`, { share, cells })
    }
    // A snapshot that arrived between two news repeats some of them.
    const last = this.lines.at(-1)?.number ?? 0
    this.lines.push(...lines.filter(({ number }) => number > last))
    this.lines = this.lines.slice(-MAX_LINES)
  }

  #extendCurves(): void {
    const { atMs, receiving, sending } = this.curves
    const all = this.hasCurves
      ? this.peers.map((peer) => [peer.receivingBytesPerSecond, peer.sendingBytesPerSecond] as const)
      : [[this.news.totals.receivingBytesPerSecond, this.news.totals.receivingBytesPerSecond] as const]
    if (this.news.atMs <= (atMs.at(-1) ?? Number.NEGATIVE_INFINITY)) {
      return
    }
    atMs.push(this.news.atMs)
    for (const [index, [received, sent]] of all.entries()) {
      receiving[index]?.push(received)
      sending[index]?.push(sent)
    }
    if (atMs.length > MAX_POINTS) {
      for (const curve of [atMs, ...receiving, ...sending]) {
        halve(curve)
      }
    }
  }
}

/** Each two points become their mean; an odd last one stays. */
function halve(curve: number[]): void {
  const half = Math.ceil(curve.length / 2)
  for (let index = 0; index < half; index++) {
    const first = curve[2 * index] ?? 0
    curve[index] = (first + (curve[2 * index + 1] ?? first)) / 2
  }
  curve.length = half
}
