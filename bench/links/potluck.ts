/** A gathering with this project's own processes: a coordinator, and a peer at each place. */
import { join } from 'node:path'
import * as z from 'zod'
import { PotluckError } from '#potluck/core/errors.js'
import type { CoordinatorEvent } from '#potluck/events/coordinator.js'
import type { PeerResult } from '#potluck/events/peer.js'
import { roleCall } from '#potluck/local-run/children.js'
import { parseCoordinatorEvent } from '#potluck/local-run/processes.js'
import type { NamedPlace } from '#potluck/local-run/verify.js'
import { PACKAGE_FOLDER } from '#potluck/package.js'
import { Crew } from '../machine/crew.ts'
import type { Gathering, GatheringInit } from './gathering.ts'
import { COORDINATOR } from './hosts.ts'

/** The port of each role. Free: each has a namespace of its own, or other programs there use other ports. */
export const PORT = 9000

export async function gatherWithPotluck(init: GatheringInit): Promise<Gathering> {
  const swarm = new Swarm(init)
  try {
    return await swarm.run()
  } finally {
    await swarm.end()
  }
}

/** The fields of a peer's events that this reads; many events have neither a file nor a length. */
const peerEventSchema = z.object({
  event: z.string(),
  atMs: z.number(),
  file: z.string().default(''),
  byteLength: z.number().default(0)
})

type Outcome = Extract<CoordinatorEvent, { event: 'swarm-complete' }>

class Swarm {
  readonly #init: GatheringInit
  readonly #crew: Crew
  readonly #ownSentBytes = new Map<string, number>()
  readonly #storedBytes = new Map<string, number>()
  #registered = false
  #outcome: Outcome | undefined

  constructor(init: GatheringInit) {
    this.#init = init
    this.#crew = new Crew(init.network)
  }

  /**
   * Stops the coordinator while the peers start and hash their files. Then it admits all of them at once: a run would
   * otherwise also measure how far apart four processes start on this one machine.
   */
  async run(): Promise<Gathering> {
    const { places, signal } = this.#init
    const coordinatorId = await this.#crew.until(this.#startCoordinator(), signal)
    process.kill(coordinatorId, 'SIGSTOP')
    const hashed = places.map((place) => this.#startPeer(place))
    await this.#crew.until(Promise.all(hashed), signal)
    process.kill(coordinatorId, 'SIGCONT')
    await this.#crew.ended(signal)
    const outcome = this.#outcome
    if (outcome === undefined) {
      throw new PotluckError('INCOMPLETE', 'The coordinator ended without saying that the swarm is complete.')
    }
    return this.#gathering(outcome)
  }

  async end(): Promise<void> {
    await this.#crew.end()
  }

  /** Resolves with its process's id when it listens. */
  #startCoordinator(): Promise<number> {
    const { network, places, logs } = this.#init
    const config = join(PACKAGE_FOLDER, 'config', 'coordinator.json')
    const listen = ['--listen', `/ip4/${network.host(COORDINATOR).address}/tcp/${PORT}`]
    const peers = ['--peers', String(places.length), '--open', '--dashboard', 'off']
    return new Promise((resolve) => {
      const child = this.#crew.start({
        at: COORDINATOR,
        call: roleCall('coordinator', ['--config', config, ...listen, ...peers, '--logs', logs, '--json']),
        onOutput: (line) => {
          const event = parseCoordinatorEvent(line)
          if (event?.event === 'started' && child.processId !== undefined) {
            resolve(child.processId)
          } else if (event !== undefined) {
            this.#takeFromCoordinator(event)
          }
        }
      })
      this.#watch(child.processId)
    })
  }

  /** Resolves when it has hashed its file. */
  #startPeer({ name, source, collection }: NamedPlace): Promise<void> {
    const { network, logs } = this.#init
    const { address, announced } = network.host(name)
    const argv = [
      ...['--name', name, '--share', source, '--into', collection, '--logs', logs, '--json'],
      ...['--coordinator', `/ip4/${network.host(COORDINATOR).address}/tcp/${PORT}`],
      ...['--listen', `/ip4/${address}/tcp/${PORT}`, '--open'],
      ...(announced === undefined ? [] : ['--announce', announced])
    ]
    return new Promise((resolve) => {
      const child = this.#crew.start({
        at: name,
        call: roleCall('peer', argv),
        onOutput: (line) => {
          const { event, atMs, file, byteLength } = peerEventSchema.parse(JSON.parse(line))
          if (event === 'hashed') {
            resolve()
          } else if (event === 'chunk-stored') {
            const storedBytes = (this.#storedBytes.get(name) ?? 0) + byteLength
            this.#storedBytes.set(name, storedBytes)
            this.#init.onStored?.(name, { atMs, byteLength: storedBytes })
          } else if (event === 'chunk-sent' && file.startsWith(`${name}/`)) {
            this.#ownSentBytes.set(name, (this.#ownSentBytes.get(name) ?? 0) + byteLength)
          }
        }
      })
      this.#watch(child.processId)
    })
  }

  #watch(processId: number | undefined): void {
    if (processId !== undefined) {
      this.#init.meter.watch(processId)
    }
  }

  #takeFromCoordinator(event: CoordinatorEvent): void {
    if (event.event === 'registered' && !this.#registered) {
      this.#registered = true
      this.#init.meter.begin()
    } else if (event.event === 'progress') {
      this.#init.onProgress(event.peers.reduce((sum, { heldBytes }) => sum + heldBytes, 0))
    } else if (event.event === 'swarm-complete') {
      this.#init.meter.end()
      this.#outcome = event
    }
  }

  #gathering({ makespanMs, results }: Outcome): Gathering {
    const { places, byteLength } = this.#init
    const neededBytes = places.length * (places.length - 1) * byteLength
    const receivedBytes = results.reduce((sum, result) => sum + result.receivedBytes, 0)
    return {
      makespanMs,
      finishSpreadMs: spreadOf(results),
      ownSentBytes: this.#ownSentBytes,
      duplicateBytes: receivedBytes - neededBytes
    }
  }
}

function spreadOf(results: readonly PeerResult[]): number {
  const completedAtMs = results.map((result) => result.completedAtMs ?? 0)
  return Math.max(...completedAtMs) - Math.min(...completedAtMs)
}
