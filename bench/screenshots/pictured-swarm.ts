/**
 * A real swarm over loopback with its dashboard, for pictures of it: a coordinator here, its peers in two processes.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Coordinator, createCoordinator, type PeerSettings } from '#potluck/index.js'

const PROCESSES = 2

const JOIN_TIMEOUT_MS = 300_000

export interface PicturedPeer {
  name: string
  /** Byte lengths by path. */
  files: Readonly<Record<string, number>>
}

export class PicturedSwarm {
  /** The address of the dashboard. */
  url = ''
  readonly #folder: string
  #coordinator: Coordinator | undefined
  readonly #processes: ChildProcess[] = []

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Starts the coordinator of this many peers, and ends everything when `use` has ended. */
  static async run(
    peers: number,
    chunkByteLength: number,
    use: (swarm: PicturedSwarm) => Promise<void>
  ): Promise<void> {
    const swarm = new PicturedSwarm(await mkdtemp(join(tmpdir(), 'potluck-pictures-')))
    try {
      await swarm.#start(peers, chunkByteLength)
      await use(swarm)
    } finally {
      await Promise.all(swarm.#processes.map(end))
      await swarm.#coordinator?.stop()
      await rm(swarm.#folder, { recursive: true, force: true })
    }
  }

  /** Makes the peers' files, and starts them all. */
  async join(peers: readonly PicturedPeer[]): Promise<void> {
    const settings = await Promise.all(peers.map((peer) => this.#settingsOf(peer)))
    for (let index = 0; index < PROCESSES; index++) {
      const some = settings.filter((_, place) => place % PROCESSES === index)
      const script = new URL('./light-peer.js', import.meta.url)
      this.#processes.push(fork(script, [JSON.stringify(some)], { stdio: 'inherit' }))
    }
  }

  async #settingsOf({ name, files }: PicturedPeer): Promise<PeerSettings> {
    const shared = join(this.#folder, 'shared', name)
    for (const [path, byteLength] of Object.entries(files)) {
      await mkdir(dirname(join(shared, path)), { recursive: true })
      await writeFile(join(shared, path), uniqueBytes(byteLength, name + path))
    }
    const tops = new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))
    return {
      name,
      coordinator: this.#coordinator?.multiaddrs[0] ?? '',
      share: [...tops].map((top) => join(shared, top)),
      collection: join(this.#folder, 'collections', name),
      joinTimeoutMs: JOIN_TIMEOUT_MS
    }
  }

  async #start(peers: number, chunkByteLength: number): Promise<void> {
    const coordinator = await createCoordinator({
      expectedPeers: peers,
      chunkByteLength,
      dashboard: '127.0.0.1:0'
    })
    this.#coordinator = coordinator
    coordinator.events.listen((event) => {
      if (event.event === 'serving') {
        this.url = event.url
      }
    })
    await coordinator.start()
  }
}

/** Kills it, whatever it is doing: its folder is removed. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}

/** Different bytes for each name: equal files would not be sent. */
function uniqueBytes(byteLength: number, name: string): Buffer {
  const bytes = Buffer.alloc(byteLength)
  const head = Buffer.from(`${name}\n`)
  for (let offset = 0; offset < byteLength; offset += 4096) {
    head.copy(bytes, offset)
    bytes.writeUInt32LE(offset, Math.min(offset + head.byteLength, Math.max(0, byteLength - 4)))
  }
  return bytes
}
