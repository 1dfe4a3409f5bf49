/** The BitTorrent systems: torrents are made, each peer adds all of them, and each complete peer runs md5sum. */
import type { ProgramCall } from '#potluck/local-run/children.js'
import { Crew, THIS_MACHINE } from '../machine/crew.ts'
import { freePort, loopbackAddress } from '../machine/ports.ts'
import { type TorrentPlace, TorrentSwarm } from '../torrents/torrent-swarm.ts'
import type { Job, JobInit, JobNotes } from './job.ts'
import { md5sum, receivedPaths } from './md5sum.ts'

const TRACKER = 'tracker'
const TRACKER_ADDRESS = '127.0.0.1'

export interface TorrentSystem {
  /** What runs a peer. */
  program: ProgramCall
  encrypted: boolean
}

export class TorrentJob implements Job {
  readonly #init: JobInit
  readonly #system: TorrentSystem
  readonly #crew = new Crew(THIS_MACHINE)
  #swarm: TorrentSwarm | undefined

  constructor(init: JobInit, system: TorrentSystem) {
    this.#init = init
    this.#system = system
  }

  async prepare(): Promise<void> {
    this.#swarm = await this.#makeSwarm()
  }

  async run(): Promise<JobNotes> {
    const { places, signal } = this.#init
    const swarm = this.#swarm ?? (await this.#makeSwarm())
    await this.#crew.until(swarm.start(), signal)
    swarm.add()
    const finished = places.map(async (place, index) => {
      await swarm.completed(index)
      const paths = receivedPaths(place, places)
      await Promise.all(paths.map((path) => md5sum(this.#crew, place.name, path)))
    })
    await this.#crew.until(Promise.all(finished), signal)
    return {}
  }

  async end(): Promise<void> {
    await this.#crew.end()
  }

  async #makeSwarm(): Promise<TorrentSwarm> {
    const { logs, meter } = this.#init
    const places: TorrentPlace[] = []
    for (const place of this.#init.places) {
      const address = loopbackAddress(place.number)
      places.push({ ...place, address, publicAddress: address, controlPort: await freePort() })
    }
    return new TorrentSwarm({
      crew: this.#crew,
      ...this.#system,
      places,
      peerPort: await freePort(),
      tracker: { at: TRACKER, address: TRACKER_ADDRESS, port: await freePort() },
      folder: logs,
      onProcess: (processId, role) => {
        // The tracker and the torrent maker are programs of the benchmark: they work for the system, but their memory
        // would hide the system's own.
        if (role !== 'peer') {
          meter.leaveOut(processId, role === 'control' ? 'all' : 'memory')
        }
      },
      onProgress: () => undefined
    })
  }
}
