/** A swarm of one of the BitTorrent systems: a torrent for each peer's file, a tracker, and the peers. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Child, ProgramCall } from '#potluck/local-run/children.js'
import type { NamedPlace } from '#potluck/local-run/verify.js'
import type { Crew } from '../machine/crew.ts'
import { type TorrentPeerInit, type TorrentPeerReport, torrentPeerReportSchema } from './torrent-peer.ts'

const TRACKER = fileURLToPath(new URL('./tracker.js', import.meta.url))
const MAKER = fileURLToPath(new URL('./torrent-maker.js', import.meta.url))

/** A peer, and its address in the network. */
export interface TorrentPlace extends NamedPlace {
  /** The address that it listens on. */
  address: string
  /** The address at which others reach it. */
  publicAddress: string
  /** The port for controlling it, if the system has one. */
  controlPort: number
}

export interface TorrentSwarmInit {
  crew: Crew
  /** The program that runs a peer. */
  program: ProgramCall
  /** Whether connections must be encrypted (RC4); otherwise none is. */
  encrypted: boolean
  places: readonly TorrentPlace[]
  /** The port of all peers, each on its own address. */
  peerPort: number
  tracker: { at: string; address: string; port: number }
  /** The folder for the torrents. */
  folder: string
  /**
   * Called when a process exists; `control` if it only starts and polls a peer's program, which is a process of its
   * own.
   */
  onProcess(processId: number, role: 'peer' | 'tracker' | 'maker' | 'control'): void
  /** How many bytes all peers together have, including their own files. */
  onProgress(heldBytes: number): void
}

type Progress = Extract<TorrentPeerReport, { status: 'progress' }>

/** The reports of one peer so far. */
class TorrentPeer {
  readonly place: TorrentPlace
  child: Child | undefined
  addingAtMs: number | undefined
  completeAtMs: number | undefined
  progress: Progress | undefined

  constructor(place: TorrentPlace) {
    this.place = place
  }
}

export class TorrentSwarm {
  readonly #init: TorrentSwarmInit
  readonly #peers: TorrentPeer[]
  /** Checked after each report; those that hold are removed. */
  #waiting: Array<{ holds(): boolean; resolve(): void }> = []

  constructor(init: TorrentSwarmInit) {
    this.#init = init
    this.#peers = init.places.map((place) => new TorrentPeer(place))
  }

  /** When the first peer was about to add its torrents. */
  get addingAtMs(): number {
    return Math.min(...this.#peers.map((peer) => peer.addingAtMs ?? Number.POSITIVE_INFINITY))
  }

  /** When each peer had everything, in the order of the places. */
  get completeAtMs(): number[] {
    return this.#peers.map((peer) => peer.completeAtMs ?? Number.POSITIVE_INFINITY)
  }

  /** The last report of each peer. */
  get progress(): Array<Progress | undefined> {
    return this.#peers.map(({ progress }) => progress)
  }

  /** Makes the torrents, all at once, and resolves when they, the tracker and the peers are there. */
  async start(): Promise<void> {
    await mkdir(this.#init.folder, { recursive: true })
    await Promise.all([
      this.#startTracker(),
      ...this.#peers.map((peer) => this.#makeTorrent(peer.place)),
      ...this.#peers.map((peer) => this.#startPeer(peer))
    ])
  }

  /** All peers add the torrents, at once. */
  add(): void {
    for (const { child } of this.#peers) {
      if (child?.processId !== undefined) {
        process.kill(child.processId, 'SIGUSR2')
      }
    }
  }

  /** Resolves when the peer with this index, from 0, has everything. */
  completed(index: number): Promise<void> {
    return this.#when(() => this.#peers[index]?.completeAtMs !== undefined)
  }

  /** Resolves when each peer has reported its progress once more. */
  toldAgain(): Promise<void> {
    for (const peer of this.#peers) {
      peer.progress = undefined
    }
    return this.#when(() => this.#peers.every(({ progress }) => progress !== undefined))
  }

  async #makeTorrent({ name, source, sourceName }: NamedPlace): Promise<void> {
    const { crew, tracker, onProcess } = this.#init
    const announce = `http://${tracker.address}:${tracker.port}/announce`
    await crew.finish({
      at: name,
      call: [process.execPath, MAKER, source, sourceName, announce, this.#torrentOf(name)],
      onStart: (processId) => onProcess(processId, 'maker')
    })
  }

  /** Resolves when it listens. */
  #startTracker(): Promise<void> {
    const { crew, places, tracker, peerPort, onProcess } = this.#init
    const peers = places.map(({ publicAddress }) => publicAddress)
    return new Promise((resolve) => {
      crew.start({
        at: tracker.at,
        call: [process.execPath, TRACKER, tracker.address, String(tracker.port), String(peerPort), ...peers],
        onStart: (processId) => onProcess(processId, 'tracker'),
        onOutput: () => resolve()
      })
    })
  }

  /** Resolves when it waits for its signal. */
  async #startPeer(peer: TorrentPeer): Promise<void> {
    const { crew, program, encrypted, places, peerPort, onProcess } = this.#init
    const { name, share, collection, address, controlPort } = peer.place
    const init: TorrentPeerInit = { address, port: peerPort, controlPort, encrypted, torrents: [] }
    for (const origin of places) {
      const own = origin.name === name
      const folder = own ? share : join(collection, origin.name)
      await mkdir(folder, { recursive: true })
      init.torrents.push({ torrent: this.#torrentOf(origin.name), folder, own })
    }
    await new Promise<void>((resolve) => {
      peer.child = crew.start({
        at: name,
        call: [...program, JSON.stringify(init)],
        onOutput: (line) => {
          const report = torrentPeerReportSchema.parse(JSON.parse(line))
          if (report.status !== 'ready') {
            this.#take(peer, report)
            return
          }
          onProcess(report.processId, 'peer')
          const started = peer.child?.processId
          if (started !== undefined && started !== report.processId) {
            onProcess(started, 'control')
          }
          resolve()
        }
      })
    })
  }

  #torrentOf(name: string): string {
    return join(this.#init.folder, `${name}.torrent`)
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
}
