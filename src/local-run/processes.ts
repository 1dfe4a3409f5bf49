/** A coordinator and its peers as processes: started in order, watched together, ended together. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { unlessAborted } from '../cli/unless-aborted.ts'
import { type ErrorCode, EXIT_CODES, PotluckError } from '../core/errors.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { PACKAGE_FOLDER } from '../package.ts'
import { spoken } from '../view/text.ts'
import { type Child, type ChildEnd, type ChildInit, Children, endInWords, roleCall } from './children.ts'
import { PeakMemory } from './peak-memory.ts'
import type { NamedPlace } from './verify.ts'

/** How many peers have a configuration file of their own. */
export const CONFIGURED_PEERS = 4

/** The coordinator announces the end to the peers before it ends; a slower peer hangs. */
const PEERS_END_MS = 15_000

/** The coordinator's last output, shown when it ends without an `error` event. */
const KEPT_LINES = 20

const COORDINATOR = 'coordinator'

export interface ProcessesInit {
  places: readonly NamedPlace[]
  logs: string
  /** Options of the Node.js that runs a peer, for measurements. */
  peerNodeOptions?: readonly string[]
  /** As the coordinator's `--dashboard`; undefined for its default. */
  dashboard: string | undefined
  onEvent(event: CoordinatorEvent): void
  complain(message: string): void
}

/** The configuration file of a peer of the assignment. */
export function configFileOf(number: number): string {
  return join(PACKAGE_FOLDER, 'config', `client${number}.json`)
}

export class Processes {
  readonly #init: ProcessesInit
  readonly #children = new Children()
  readonly #memory = new PeakMemory()
  readonly #coordinatorLines: string[] = []
  #errorTold = false
  #ending = false
  #onAddress: (address: string) => void = () => undefined

  constructor(init: ProcessesInit) {
    this.#init = init
  }

  /** In bytes, by the process's name. */
  get peakMemoryBytes(): ReadonlyMap<string, number> {
    return this.#memory.bytes
  }

  /**
   * Runs the swarm to its end.
   *
   * @throws PotluckError that names the first process that failed; the signal's reason
   */
  async run(signal: AbortSignal): Promise<void> {
    const listening = new Promise<string>((resolve) => {
      this.#onAddress = resolve
    })
    const coordinator = this.#startCoordinator()
    const coordinatorEnds = this.#succeeds(coordinator)
    const address = await unlessAborted(
      Promise.race([listening, coordinatorEnds.then(() => endedEarly(COORDINATOR))]),
      signal
    )
    const peers = this.#init.places.map((place) => this.#startPeer(place, address))
    const peersEnd = Promise.all(peers.map((peer) => this.#succeeds(peer)))
    await unlessAborted(Promise.all([peersEnd, coordinatorEnds.then(() => this.#inTime(peersEnd))]), signal)
  }

  /** Ends all running processes, and resolves when they are gone. */
  async end(): Promise<void> {
    this.#ending = true
    await this.#children.endAll()
    this.#memory.stop()
  }

  #startCoordinator(): Child {
    const { places, logs, dashboard } = this.#init
    const config = ['--config', join(PACKAGE_FOLDER, 'config', 'coordinator.json')]
    const swarm = ['--listen', '/ip4/127.0.0.1/tcp/0', '--peers', String(places.length)]
    const shown = dashboard === undefined ? [] : ['--dashboard', dashboard]
    return this.#start({
      name: COORDINATOR,
      call: roleCall('coordinator', [...config, ...swarm, ...shown, '--logs', logs, '--json']),
      onOutput: (line) => this.#take(line),
      onError: (line) => {
        // With --json it prints the same for people there as its events say here.
        this.#coordinatorLines.push(line)
        this.#coordinatorLines.splice(0, this.#coordinatorLines.length - KEPT_LINES)
      }
    })
  }

  #startPeer(place: NamedPlace, address: string): Child {
    const { name, number, source, collection } = place
    const identity = number <= CONFIGURED_PEERS ? ['--config', configFileOf(number)] : ['--name', name]
    const { logs, peerNodeOptions } = this.#init
    const paths = ['--share', source, '--into', collection, '--logs', logs]
    return this.#start({
      name,
      call: roleCall('peer', [...identity, '--coordinator', address, ...paths], peerNodeOptions),
      onError: (line) => this.#complain(name, line)
    })
  }

  #start(init: ChildInit): Child {
    const child = this.#children.start(init)
    const { name, processId, ended } = child
    if (processId !== undefined) {
      this.#memory.watch(name, processId)
      void ended.then(() => this.#memory.forget(name))
    }
    return child
  }

  /** Its own sentences have the name already; those of the system do not. */
  #complain(name: string, line: string): void {
    this.#init.complain(line.startsWith(spoken(name, '')) ? line : spoken(name, line))
  }

  #take(line: string): void {
    const event = parseCoordinatorEvent(line)
    if (event === undefined) {
      return
    }
    if (event.event === 'started') {
      this.#onAddress(event.multiaddrs[0] ?? '')
    }
    this.#errorTold ||= event.event === 'error'
    this.#init.onEvent(event)
  }

  /** Resolves when the process has ended well. @throws PotluckError when it has not */
  async #succeeds(child: Child): Promise<void> {
    const end = await child.ended
    if ('exitCode' in end && end.exitCode === EXIT_CODES.ok) {
      return
    }
    if (child.name === COORDINATOR && !this.#errorTold && !this.#ending) {
      for (const line of this.#coordinatorLines) {
        this.#complain(COORDINATOR, line)
      }
    }
    const log = join(this.#init.logs, `${child.name}.log`)
    throw new PotluckError(
      errorCodeOf(end),
      `${child.name} ${endInWords(end)}, so the swarm was ended. The reason is in ${log}.`
    )
  }

  async #inTime(peersEnd: Promise<unknown>): Promise<void> {
    const timeout = new AbortController()
    const late = delay(PEERS_END_MS, undefined, { signal: timeout.signal }).then(() => {
      throw new PotluckError(
        'INCOMPLETE',
        `The coordinator has ended the swarm, but not all peers ended within ${PEERS_END_MS / 1000} s. Their logs are in ${this.#init.logs}.`
      )
    })
    late.catch(() => undefined)
    await Promise.race([peersEnd, late])
    timeout.abort()
  }
}

const frame = z.object({ event: z.string(), atMs: z.number(), peer: z.string() })

/** The process is of this same version: anything with the frame of an event is one. */
const coordinatorEvent = z.custom<CoordinatorEvent>((value) => frame.safeParse(value).success)

/** The event on a line of its standard output, or undefined if the line is none. */
export function parseCoordinatorEvent(line: string): CoordinatorEvent | undefined {
  try {
    return coordinatorEvent.parse(JSON.parse(line))
  } catch {
    // Not ours: something else in that process wrote it.
    return undefined
  }
}

function endedEarly(name: string): never {
  throw new PotluckError('INCOMPLETE', `${name} ended before it listened.`)
}

/** The exit code of the first failed part is that of the whole. */
function errorCodeOf(end: ChildEnd): ErrorCode {
  return ('exitCode' in end ? CODES.get(end.exitCode) : undefined) ?? 'INCOMPLETE'
}

const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [EXIT_CODES.usage, 'CONFIGURATION'],
  [EXIT_CODES.coordinator, 'COORDINATOR_LOST'],
  [EXIT_CODES.integrity, 'INTEGRITY'],
  [EXIT_CODES.disk, 'DISK'],
  [EXIT_CODES.interrupted, 'INTERRUPTED']
])
