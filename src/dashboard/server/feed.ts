/**
 * The messages to the dashboard's page, from the coordinator's events: a snapshot for a new listener, and from then on
 * what has changed. Pure: it has no clock, and computes nothing until it is asked. Everything is bounded: in any swarm,
 * a snapshot has less than 1 MB, and news less than 200 KB.
 */

import { printable } from '../../core/names.ts'
import { countOf, formatBytes, named } from '../../core/units.ts'
import type { CatalogEntry, ContentHeld, CoordinatorEvent } from '../../events/coordinator.ts'
import { type Curves, curvesOf, sumOf } from '../../view/curves.ts'
import { coordinatorScreenText } from '../../view/screen-text.ts'
import { largest, type SwarmPeer, SwarmPicture, type SwarmTotals } from '../../view/swarm-picture.ts'
import { leftOutText, wantsText } from '../../view/text.ts'
import { formatDuration, formatPercent, formatSeconds } from '../../view/units.ts'
import { exchangeText, waitingForLists, waitingForPeople } from '../../view/waiting.ts'
import type { FileShown, LogLine, LogSubject, MapShown, PeerShown, Snapshot, Update } from '../messages.ts'

/** The most peers with a row; the others are in the totals. */
const MAX_PEERS = 256

/** The most maps: peers times files, for 64 of each. */
const MAX_MAPS = 4096

/** The most maps in one message; the others follow, so that each is at most some seconds late. */
const MAX_MAPS_AT_ONCE = 1024

/** The most pairs of peers with a flow: all pairs of 64 peers, and the largest flows of more. */
const MAX_FLOWS = 4096

/** The most peers with curves of their own, which are many numbers; of more peers only the sum is sent. */
const MAX_CURVES = 64

const MAX_STALLS = 20

/** The most log lines for a page that is opened late. */
const MAX_LINES = 200

/** Events with a line in the page's log. */
const SUBJECTS: Partial<Record<CoordinatorEvent['event'], LogSubject>> = {
  started: 'swarm',
  'carried-on': 'swarm',
  serving: 'swarm',
  warning: 'trouble',
  registered: 'peers',
  'expected-peers': 'swarm',
  'started-early': 'swarm',
  refused: 'trouble',
  roster: 'swarm',
  'manifests-published': 'peers',
  catalog: 'swarm',
  choice: 'peers',
  observed: 'peers',
  'file-complete': 'files',
  'peer-complete': 'peers',
  'peer-short': 'trouble',
  'peer-lost': 'trouble',
  bound: 'swarm',
  'swarm-complete': 'swarm',
  'swarm-incomplete': 'trouble',
  error: 'trouble',
  stopped: 'swarm'
}

/** The peers and files; while they stay the same, indices keep their meaning. */
interface Cast {
  /** To detect changes. */
  key: string
  entries: readonly CatalogEntry[]
  peers: ReadonlyMap<string, number>
  files: FileShown[]
  /** By root. */
  contents: ReadonlyMap<string, { content: number; byteLength: number }>
}

export type FeedNews = { event: 'snapshot'; data: Snapshot } | { event: 'news'; data: Update }

export class DashboardFeed {
  readonly picture = new SwarmPicture()
  readonly #lines: LogLine[] = []
  #lastLine = 0
  /** What all listeners have received. */
  #cast: Cast | undefined
  #toldLine = 0
  readonly #toldPeers = new Map<number, string>()
  /** Maps that have changed since they were sent, by peer and content. */
  readonly #changedMaps = new Map<string, MapShown>()

  note(event: CoordinatorEvent): void {
    this.picture.note(event)
    const about = SUBJECTS[event.event]
    if (about !== undefined) {
      this.#lastLine++
      this.#lines.push({
        number: this.#lastLine,
        atMs: Math.round(event.atMs),
        about,
        text: coordinatorScreenText(event)
      })
      this.#lines.splice(0, this.#lines.length - MAX_LINES)
    }
    if (event.event === 'activity') {
      for (const { name, contents } of event.peers) {
        for (const content of contents) {
          this.#noteMap(name, content)
        }
      }
    }
  }

  /** There are no listeners any more, so changes need not be kept. */
  forget(): void {
    this.#cast = undefined
    this.#changedMaps.clear()
  }

  /** The snapshot at a time of the swarm clock, for a new listener. */
  snapshot(atMs: number): Snapshot {
    const peers = this.picture.peers(atMs)
    const cast = castOf(peers, this.picture.mapped, this.#cast)
    return this.#cast === undefined ? this.#anew(peers, cast, atMs) : this.#snapshotOf(peers, cast, atMs)
  }

  /** The next message for listeners that received the last one: news, or a snapshot if peers or files have changed. */
  next(atMs: number): FeedNews {
    const peers = this.picture.peers(atMs)
    const cast = castOf(peers, this.picture.mapped, this.#cast)
    if (cast === this.#cast) {
      return { event: 'news', data: this.#newsOf(peers, cast, atMs) }
    }
    return { event: 'snapshot', data: this.#anew(peers, cast, atMs) }
  }

  #noteMap(name: string, content: ContentHeld): void {
    const peer = this.#cast?.peers.get(name)
    const known = this.#cast?.contents.get(content.root)
    if (peer !== undefined && known !== undefined) {
      this.#changedMaps.set(`${peer}/${known.content}`, mapShown(peer, known, content))
    }
  }

  #anew(peers: readonly SwarmPeer[], cast: Cast, atMs: number): Snapshot {
    this.#cast = cast
    this.#toldLine = this.#lastLine
    this.#toldPeers.clear()
    this.#changedMaps.clear()
    return this.#snapshotOf(peers, cast, atMs)
  }

  #snapshotOf(peers: readonly SwarmPeer[], cast: Cast, atMs: number): Snapshot {
    const shown = peers.slice(0, MAX_PEERS)
    return {
      coordinator: printable(this.picture.coordinator),
      peers: shown.map(({ name }) => printable(name)),
      morePeers: peers.length - shown.length,
      files: cast.files,
      moreFiles: this.picture.files.length - cast.files.length,
      curves: shown.length > MAX_CURVES ? curveOfAll(peers) : curvesOf(shown),
      news: {
        ...this.#stateOf(peers, atMs),
        peers: shown.map((peer, index) => peerShown(peer, index, cast)),
        maps: allMaps(shown, this.picture.mapped, cast),
        lines: this.#lines
      }
    }
  }

  #newsOf(peers: readonly SwarmPeer[], cast: Cast, atMs: number): Update {
    const shown = peers.slice(0, MAX_PEERS)
    const lines = this.#lines.filter(({ number }) => number > this.#toldLine)
    this.#toldLine = this.#lastLine
    return {
      ...this.#stateOf(peers, atMs),
      peers: shown.map((peer, index) => peerShown(peer, index, cast)).filter((peer) => this.#isNew(peer)),
      maps: this.#takeMaps(),
      lines
    }
  }

  /** Whether it differs from what was sent last. */
  #isNew(shown: PeerShown): boolean {
    const text = JSON.stringify(shown)
    const isNew = this.#toldPeers.get(shown.peer) !== text
    this.#toldPeers.set(shown.peer, text)
    return isNew
  }

  /** The first changed maps. */
  #takeMaps(): MapShown[] {
    const taken = [...this.#changedMaps].slice(0, MAX_MAPS_AT_ONCE)
    for (const [key] of taken) {
      this.#changedMaps.delete(key)
    }
    return taken.map(([, map]) => map)
  }

  #stateOf(peers: readonly SwarmPeer[], atMs: number): Omit<Update, 'peers' | 'maps' | 'lines'> {
    const { phase, expectedPeers, outcome, catalogAtMs } = this.picture
    const totals = this.picture.totals(atMs)
    const stalls = this.picture.stalls(atMs)
    const firstAtMs = Math.min(...peers.map(({ registeredAtMs }) => registeredAtMs))
    const exchangedMs = catalogAtMs === undefined ? undefined : this.picture.exchangedMs(atMs)
    const untilMs = catalogAtMs ?? atMs
    const waitedMs = peers.length === 0 ? undefined : Math.max(0, untilMs - firstAtMs)
    return {
      atMs: Math.round(atMs),
      phase,
      headline: headlineText(this.picture, totals, peers),
      expectedPeers,
      totals: {
        ...totals,
        completePeers: peers.filter(({ complete }) => complete).length,
        elapsedMs: outcome?.exchangeMs ?? outcome?.makespanMs ?? exchangedMs,
        waitedMs
      },
      stalls: stalls
        .slice(0, MAX_STALLS)
        .map(({ peer, text }) => ({ peer: printable(peer), text: printable(text) })),
      moreStalls: Math.max(0, stalls.length - MAX_STALLS)
    }
  }
}

/** The state of a swarm in one sentence without a period: `Exchanging: 62 %, about 1 min 20 s left`. */
export function headlineText(
  picture: Pick<SwarmPicture, 'phase' | 'expectedPeers' | 'outcome'>,
  { fetchedBytes, wantedBytes, etaMs }: Pick<SwarmTotals, 'fetchedBytes' | 'wantedBytes' | 'etaMs'>,
  peers: ReadonlyArray<Pick<SwarmPeer, 'name' | 'offer'>>
): string {
  const { phase, expectedPeers, outcome } = picture
  const joined = peers.length
  switch (phase) {
    case 'starting':
      return 'Starting'
    case 'joining':
      return waitingForPeople({ joined, expectedPeers, names: peers.map(({ name }) => name) })
    case 'publishing': {
      const silent = peers.filter(({ offer }) => offer === undefined).map(({ name }) => name)
      return waitingForLists(joined, silent).replace(/\.$/, '')
    }
    case 'exchanging': {
      const left = etaMs === undefined || etaMs < 500 ? '' : `, about ${formatSeconds(etaMs)} left`
      return `Exchanging: ${formatPercent(fetchedBytes, wantedBytes)}${left}`
    }
    case 'complete': {
      const times =
        outcome?.makespanMs === undefined ? undefined : { ...outcome, makespanMs: outcome.makespanMs }
      const took = times === undefined ? '' : `, ${exchangeText(times)}`
      return `Complete: everyone has every file${took}${leftOutText(outcome ?? {})}`
    }
    case 'incomplete':
      return `Ended incomplete: ${printable(outcome?.reason ?? 'for no known reason')}${leftOutText(outcome ?? {})}`
    case 'failed':
      return 'The coordinator failed'
    case 'stopped':
      return 'The coordinator was stopped'
  }
}

/** The previous one, as long as neither peers nor files have changed. */
function castOf(peers: readonly SwarmPeer[], entries: readonly CatalogEntry[], last?: Cast): Cast {
  const shown = peers.slice(0, MAX_PEERS).map(({ name }) => name)
  const key = JSON.stringify([peers.length, shown])
  if (last?.key === key && last.entries === entries) {
    return last
  }
  const contents = new Map<string, { content: number; byteLength: number }>()
  const files = largest(entries, Math.floor(MAX_MAPS / Math.max(1, shown.length))).map((entry) => {
    const { file, root, byteLength, md5 } = entry
    const known = contents.get(root) ?? { content: contents.size, byteLength }
    contents.set(root, known)
    return { file: printable(file), byteLength, md5: printable(md5), content: known.content }
  })
  return { key, entries, peers: new Map(shown.map((name, index) => [name, index])), files, contents }
}

function peerShown(peer: SwarmPeer, index: number, cast: Cast): PeerShown {
  const { wantedBytes, fetchedBytes, receivedBytes, sentBytes, connected, complete, capacities } = peer
  return {
    ...{ peer: index, wantedBytes, fetchedBytes, receivedBytes, sentBytes, connected, complete },
    receivingBytesPerSecond: shortened(peer.receivingBytesPerSecond),
    sendingBytesPerSecond: shortened(peer.sendingBytesPerSecond),
    uplink: capacities?.uplink,
    state: `${stateText(peer)}${peer.wants === undefined ? '' : `, wants ${wantsText(peer.wants)}`}`,
    flows: flowsShown(peer, cast)
  }
}

function stateText(peer: SwarmPeer): string {
  const { complete, completedAfterMs, totalBytes, heldBytes, waiting, offer } = peer
  if (complete) {
    return completedAfterMs === undefined ? 'complete' : `complete after ${formatDuration(completedAfterMs)}`
  }
  if (!peer.connected) {
    return 'not connected'
  }
  switch (waiting?.reason) {
    case 'disk-full':
      return 'disk full'
    case 'no-source':
      return `waits for ${printable(named(waiting.remotes))}`
    case 'checking':
      return 'checking'
    case 'asking':
      return 'waits for an answer at its terminal'
  }
  if (totalBytes === 0) {
    return offer === undefined
      ? 'here'
      : `offers ${countOf(offer.files, 'file')}, ${formatBytes(offer.byteLength)}`
  }
  return heldBytes >= totalBytes ? 'checking' : 'receiving'
}

function flowsShown({ rates }: SwarmPeer, { peers }: Cast): PeerShown['flows'] {
  return rates
    .flatMap(({ from, bytesPerSecond }): PeerShown['flows'] => {
      const index = peers.get(from)
      return index === undefined ? [] : [[index, shortened(bytesPerSecond)]]
    })
    .sort(([, a], [, b]) => b - a)
    .slice(0, Math.ceil(MAX_FLOWS / peers.size))
}

/** All reported maps, and those of origins, which do not report what they brought. */
function allMaps(peers: readonly SwarmPeer[], entries: readonly CatalogEntry[], cast: Cast): MapShown[] {
  const told = peers.flatMap(({ contents }, peer) =>
    [...contents.values()].flatMap((content) => {
      const known = cast.contents.get(content.root)
      return known === undefined ? [] : [mapShown(peer, known, content)]
    })
  )
  const brought = entries.flatMap(({ origin, root }): MapShown[] => {
    const peer = cast.peers.get(origin)
    const known = cast.contents.get(root)
    return peer === undefined || known === undefined || peers[peer]?.contents.has(root) === true
      ? []
      : [[peer, known.content, 1, 'f']]
  })
  return [...told, ...brought]
}

function mapShown(
  peer: number,
  { content, byteLength }: { content: number; byteLength: number },
  { heldBytes, cells }: ContentHeld
): MapShown {
  const share = byteLength === 0 ? 1 : Math.floor(Math.min(1, heldBytes / byteLength) * 1000) / 1000
  return [peer, content, share, digits(cells)]
}

/** Values from 0 to 255 in 16 steps; the first and the last mean exactly none and all. */
function digits(cells: readonly number[]): string {
  const text = cells
    .map((cell) => (cell <= 0 ? 0 : cell >= 255 ? 15 : 1 + Math.floor(((cell - 1) * 14) / 254)).toString(16))
    .join('')
  return /^(.)\1*$/.test(text) ? text.slice(0, 1) : text
}

function curveOfAll(peers: readonly SwarmPeer[]): Curves {
  const { atMs, receiving, sending } = curvesOf(peers)
  return { atMs, receiving: [sumOf(receiving)], sending: [sumOf(sending)] }
}

/** Three digits are enough for a rate, and change less often. */
function shortened(value: number): number {
  return Number(value.toPrecision(3))
}
