/** A real swarm in this process with its dashboard, for pictures of it; a large one made of light peers. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Coordinator, createCoordinator, createPeer, type Peer } from '#potluck/index.js'
import { createLightPeer, LIGHT_TRANSPORTS } from './light-peer.ts'

/** More would keep each other's threads and sockets from going on. */
const MAX_WHOLE_PEERS = 8

const JOIN_TIMEOUT_MS = 300_000

export interface PicturedPeer {
  name: string
  /** Byte lengths by path. */
  files: Readonly<Record<string, number>>
}

export class PicturedSwarm {
  /** Of the dashboard. */
  url = ''
  readonly #folder: string
  #coordinator: Coordinator | undefined
  readonly #peers = new Map<string, Peer>()

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Starts the coordinator of so many peers, and ends all of it when `use` has ended. */
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
      await Promise.all([...swarm.#peers.values()].map((peer) => peer.stop()))
      await swarm.#coordinator?.stop()
      await rm(swarm.#folder, { recursive: true, force: true })
    }
  }

  /** Makes the peers' files, and starts them all. */
  async join(peers: readonly PicturedPeer[]): Promise<void> {
    for (const { name, files } of peers) {
      const shared = join(this.#folder, 'shared', name)
      for (const [path, byteLength] of Object.entries(files)) {
        await mkdir(dirname(join(shared, path)), { recursive: true })
        await writeFile(join(shared, path), uniqueBytes(byteLength, name + path))
      }
      const isLight = peers.length > MAX_WHOLE_PEERS
      const peer = await (isLight ? createLightPeer : createPeer)({
        name,
        ...(isLight && { listen: [`/memory/${name}`] }),
        coordinator: this.#coordinator?.multiaddrs[0] ?? '',
        share: [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))].map((top) =>
          join(shared, top)
        ),
        collection: join(this.#folder, 'collections', name),
        joinTimeoutMs: JOIN_TIMEOUT_MS
      })
      this.#peers.set(name, peer)
      // One after the other: dozens of stores that begin at once keep one another from answering in time.
      await peer.start()
    }
  }

  /** Ends one of them. */
  async leave(name: string): Promise<void> {
    await this.#peers.get(name)?.stop()
  }

  async #start(peers: number, chunkByteLength: number): Promise<void> {
    const settings = { expectedPeers: peers, chunkByteLength, dashboard: '127.0.0.1:0' }
    const coordinator =
      peers > MAX_WHOLE_PEERS
        ? await createCoordinator(
            { ...settings, listen: ['/memory/coordinator'] },
            { transports: LIGHT_TRANSPORTS }
          )
        : await createCoordinator(settings)
    this.#coordinator = coordinator
    coordinator.events.listen((event) => {
      if (event.event === 'serving') {
        this.url = event.url
      }
    })
    await coordinator.start()
  }
}

/** Other bytes for each name: equal files would not be sent. */
function uniqueBytes(byteLength: number, name: string): Buffer {
  const bytes = Buffer.alloc(byteLength)
  const head = Buffer.from(`${name}\n`)
  for (let offset = 0; offset < byteLength; offset += 4096) {
    head.copy(bytes, offset)
    bytes.writeUInt32LE(offset, Math.min(offset + head.byteLength, Math.max(0, byteLength - 4)))
  }
  return bytes
}
