/** A gathering by one of the systems beside ours: a torrent for each peer's file, added by all peers at once. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PACKAGE_FOLDER } from '#potluck/cli/package.js'
import type { Child, ProgramCall } from '#potluck/swarm/children.js'
import type { NamedPlace } from '#potluck/swarm/verify.js'
import { Crew } from './crew.ts'
import type { Gathering, GatheringInit } from './gathering.ts'
import { COORDINATOR } from './network-plan.ts'
import { torrentOf } from './torrent.ts'
import { type TorrentPeerInit, type TorrentPeerReport, torrentPeerReportSchema } from './torrent-peer.ts'

/** Free: each process is alone in its namespace. */
const PEER_PORT = 6881
const TRACKER_PORT = 6969

const TRACKER = fileURLToPath(new URL('./tracker.js', import.meta.url))
const ARIA2_PEER = fileURLToPath(new URL('./aria2-peer.js', import.meta.url))

/** Not compiled, so it lies where it was written. */
const LIBTORRENT_PEER = join(PACKAGE_FOLDER, 'bench', 'links', 'libtorrent_peer.py')

/** Debian's own, for which python3-libtorrent is made; another may stand before it in the path. */
export const PYTHON = '/usr/bin/python3'

/** What runs a peer; what it is to do follows as one more argument. It ends when this process ends in whatever way. */
const LIBTORRENT: ProgramCall = ['setpriv', '--pdeathsig', 'KILL', PYTHON, LIBTORRENT_PEER]
const ARIA2: ProgramCall = [process.execPath, ARIA2_PEER]

export async function gatherWithLibtorrent(init: GatheringInit): Promise<Gathering> {
  return await gatherWith(LIBTORRENT, init)
}

export async function gatherWithAria2(init: GatheringInit): Promise<Gathering> {
  return await gatherWith(ARIA2, init)
}

async function gatherWith(program: ProgramCall, init: GatheringInit): Promise<Gathering> {
  const gathering = new TorrentGathering(program, init)
  try {
    return await gathering.run()
  } finally {
    await gathering.end()
  }
}

/** What one peer has told so far. */
class TorrentPeer {
  readonly place: NamedPlace
  child: Child | undefined
  addingAtMs: number | undefined
  completeAtMs: number | undefined
  progress: Extract<TorrentPeerReport, { status: 'progress' }> | undefined

  constructor(place: NamedPlace) {
    this.place = place
  }
}

class TorrentGathering {
  readonly #program: ProgramCall
  readonly #init: GatheringInit
  readonly #crew: Crew
  readonly #peers: TorrentPeer[]
  /** Looked at after each report; those that hold are taken off. */
  #waiting: Array<{ holds(): boolean; resolve(): void }> = []

  constructor(program: ProgramCall, init: GatheringInit) {
    this.#program = program
    this.#init = init
    this.#crew = new Crew(init.network)
    this.#peers = init.places.map((place) => new TorrentPeer(place))
  }

  async run(): Promise<Gathering> {
    const { meter, signal } = this.#init
    const torrents = await this.#makeTorrents()
    await this.#crew.until(this.#startTracker(), signal)
    await this.#crew.until(Promise.all(this.#peers.map((peer) => this.#startPeer(peer, torrents))), signal)
    meter.begin()
    for (const { child } of this.#peers) {
      if (child?.processId !== undefined) {
        process.kill(child.processId, 'SIGUSR2')
      }
    }
    await this.#crew.until(
      this.#when(() => this.#peers.every(({ completeAtMs }) => completeAtMs !== undefined)),
      signal
    )
    meter.end()
    // One more report of each, so that all that was sent until then is in it.
    for (const peer of this.#peers) {
      peer.progress = undefined
    }
    await this.#crew.until(
      this.#when(() => this.#peers.every(({ progress }) => progress !== undefined)),
      signal
    )
    return this.#gathering()
  }

  async end(): Promise<void> {
    await this.#crew.end()
  }

  /** Paths of the torrents, in the order of the peers. */
  async #makeTorrents(): Promise<string[]> {
    const { network, logs } = this.#init
    const announce = `http://${network.host(COORDINATOR).address}:${TRACKER_PORT}/announce`
    await mkdir(logs, { recursive: true })
    return await Promise.all(
      this.#peers.map(async ({ place }) => {
        const path = join(logs, `${place.name}.torrent`)
        await writeFile(path, await torrentOf(place.source, place.sourceName, announce))
        return path
      })
    )
  }

  /** Resolves when it listens. */
  #startTracker(): Promise<void> {
    const { network, places, meter } = this.#init
    const { address } = network.host(COORDINATOR)
    const peers = places.map(({ name }) => network.host(name).publicAddress)
    return new Promise((resolve) => {
      const { processId } = this.#crew.start({
        at: COORDINATOR,
        call: [process.execPath, TRACKER, address, String(TRACKER_PORT), String(PEER_PORT), ...peers],
        onOutput: () => resolve()
      })
      if (processId !== undefined) {
        meter.watch(processId)
      }
    })
  }

  /** Resolves when it waits for its signal. */
  async #startPeer(peer: TorrentPeer, torrents: readonly string[]): Promise<void> {
    const { network, places, meter } = this.#init
    const { name, share, collection } = peer.place
    const init: TorrentPeerInit = { address: network.host(name).address, port: PEER_PORT, torrents: [] }
    for (const [index, origin] of places.entries()) {
      const own = origin.name === name
      const folder = own ? share : join(collection, origin.name)
      await mkdir(folder, { recursive: true })
      init.torrents.push({ torrent: torrents[index] ?? '', folder, own })
    }
    await new Promise<void>((resolve) => {
      peer.child = this.#crew.start({
        at: name,
        call: [...this.#program, JSON.stringify(init)],
        onOutput: (line) => {
          const report = torrentPeerReportSchema.parse(JSON.parse(line))
          if (report.status === 'ready') {
            meter.watch(report.processId)
            resolve()
          } else {
            this.#take(peer, report)
          }
        }
      })
    })
  }

  #take(peer: TorrentPeer, report: Exclude<TorrentPeerReport, { status: 'ready' }>): void {
    if (report.status === 'adding') {
      peer.addingAtMs = report.atMs
    } else if (report.status === 'complete') {
      peer.completeAtMs = report.atMs
    } else {
      peer.progress = report
      this.#init.onProgress(this.#peers.reduce((sum, { progress }) => sum + (progress?.heldBytes ?? 0), 0))
    }
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      const over = holds()
      if (over) {
        resolve()
      }
      return !over
    })
  }

  #when(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ holds, resolve })
    })
  }

  #gathering(): Gathering {
    const addingAtMs = Math.min(...this.#peers.map((peer) => peer.addingAtMs ?? Number.POSITIVE_INFINITY))
    const completeAtMs = this.#peers.map((peer) => peer.completeAtMs ?? Number.POSITIVE_INFINITY)
    const lastAtMs = Math.max(...completeAtMs)
    const duplicates = this.#peers.map(({ progress }) => progress?.duplicateBytes)
    const told = duplicates.filter((bytes) => bytes !== undefined)
    const duplicateBytes =
      told.length === duplicates.length ? { duplicateBytes: told.reduce((sum, bytes) => sum + bytes, 0) } : {}
    return {
      makespanMs: lastAtMs - addingAtMs,
      finishSpreadMs: lastAtMs - Math.min(...completeAtMs),
      ownSentBytes: new Map(
        this.#peers.map(({ place, progress }) => [place.name, progress?.ownSentBytes ?? 0])
      ),
      ...duplicateBytes
    }
  }
}
