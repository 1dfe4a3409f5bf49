/** What the page knows, as it was told. Pure. */
import { type Curves, sumOf } from '../../view/curves.ts'
import type { FileShown, LogLine, PeerShown, Snapshot, Update } from '../messages.ts'

/** What a peer holds of a content. */
export interface ChunkMap {
  share: number
  /** Hexadecimal digits; one may stand for as many that are equal. */
  cells: string
}

export interface Flow {
  from: number
  to: number
  bytesPerSecond: number
}

/** Phases after which nothing comes. */
export const ENDED: ReadonlySet<Update['phase']> = new Set(['complete', 'incomplete', 'stopped', 'failed'])

/** Beyond it the oldest lines go. */
const MAX_LINES = 500

/** Beyond it two points of the curves become one. */
const MAX_POINTS = 480

/** How much a peer has of all that it lacked, from 0 to 1. */
export function shareOf({ complete, fetchedBytes, wantedBytes }: PeerShown): number {
  return complete ? 1 : wantedBytes > 0 ? Math.min(1, fetchedBytes / wantedBytes) : 0
}

const NOTHING: ChunkMap = { share: 0, cells: '0' }

/** Of what has no bytes nothing can be lacking. */
const WHOLE: ChunkMap = { share: 1, cells: 'f' }

export class PageState {
  readonly coordinator: string
  readonly names: readonly string[]
  readonly morePeers: number
  readonly files: readonly FileShown[]
  readonly moreFiles: number
  /** The latest news: what is not a list of changes in it is as it is now. */
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

  /** What a peer receives, the most first. */
  flowsTo(to: number): Flow[] {
    return (this.peers[to]?.flows ?? []).map(([from, bytesPerSecond]) => ({ from, to, bytesPerSecond }))
  }

  /** All of them, the strongest first. */
  flows(): Flow[] {
    return this.names
      .flatMap((_, peer) => this.flowsTo(peer))
      .sort((a, b) => b.bytesPerSecond - a.bytesPerSecond)
  }

  /** The curves' sum at each of their times. */
  get sumOfReceiving(): number[] {
    return sumOf(this.curves.receiving)
  }

  /** Whether there is a curve of each peer, and not of all together only. */
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
    // Of a snapshot that came between two news some are told twice.
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

/** Each two points become their mean; the last one stays by itself where there is an odd one. */
function halve(curve: number[]): void {
  const half = Math.ceil(curve.length / 2)
  for (let index = 0; index < half; index++) {
    const first = curve[2 * index] ?? 0
    curve[index] = (first + (curve[2 * index + 1] ?? first)) / 2
  }
  curve.length = half
}
