/**
 * A dry run: looks at what the members of a swarm have published so far, says what a run would bring, and leaves. It takes
 * no place in the swarm, publishes nothing, and changes nothing on the disk.
 */
import type { PeerConfig } from '../config/peer.ts'
import { messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import type { PeerEvent, PreviewedPeer } from '../events/peer.ts'
import { EventStream, type Unstamped } from '../events/stream.ts'
import type { SwarmSecret } from '../protocols/admission/index.ts'
import type { Arrivals } from '../protocols/coordination/index.ts'
import { extentOf, type Manifest } from '../protocols/manifest/index.ts'
import type { LookAhead } from '../store/look-ahead.ts'
import { Catalog } from './catalog.ts'
import { choiceOf } from './choice.ts'
import type { Host } from './host/host.ts'
import { CoordinatorLink } from './link/coordinator-link.ts'

export interface DryRunComponents {
  /** Not started; the dry run starts and stops it. */
  host: Host
  /** The swarm's; undefined: it has none. */
  secret: SwarmSecret | undefined
  /** The coordinator's addresses, as an invitation has them, with whose key the secret is then one. */
  invitedTo?: readonly string[] | undefined
  lookAhead: LookAhead
  /** Milliseconds on any steady clock. */
  now(): number
  /** From 0 up to and not including 1. */
  random(): number
}

export class DryRun {
  readonly events = new EventStream<PeerEvent>()
  readonly #config: PeerConfig
  readonly #components: DryRunComponents
  readonly #link: CoordinatorLink
  readonly #completed = Promise.withResolvers<{ complete: boolean }>()
  #arrivals: Arrivals = { joined: 0, expectedPeers: 0, names: [] }
  #stopped: Promise<void> | undefined

  constructor(config: PeerConfig, components: DryRunComponents) {
    this.#config = config
    this.#components = components
    const { invitedTo, secret } = components
    const { name, coordinator, joinTimeoutMs } = config
    this.#link = new CoordinatorLink(
      {
        addresses: invitedTo ?? [coordinator],
        invited: invitedTo !== undefined,
        name,
        secret,
        capacities: {},
        joinTimeoutMs,
        observer: true
      },
      {
        ...components,
        listener: {
          onUnreachable: (message, retryInMs) => {
            const address = this.#link.place
            this.#emit({ event: 'coordinator-unreachable', address, message: printable(message), retryInMs })
          },
          onConnected: (address) => this.#emit({ event: 'coordinator-connected', address }),
          onJoined: () => undefined,
          onArrivals: (arrivals) => {
            this.#arrivals = arrivals
          },
          onRoster: () => undefined,
          onCatalog: (signed) => this.#preview(signed.map(({ manifest }) => manifest)),
          onBound: () => undefined,
          onEnd: () => undefined,
          onLost: (message) =>
            this.#fail(
              new PotluckError(
                'COORDINATOR_LOST',
                `the coordinator at ${this.#link.place} was lost (${message})`
              )
            ),
          onRefused: (error) => this.#fail(error)
        }
      }
    )
    this.#completed.promise.catch(() => undefined)
  }

  /** Resolves when the coordinator shows what there is. @throws PotluckError */
  async start(): Promise<void> {
    try {
      await this.#components.host.start()
      await this.#link.join(await this.#link.connect())
    } catch (error) {
      throw this.#fail(error)
    }
  }

  /** Resolves once the preview was told. */
  completed(): Promise<{ complete: boolean }> {
    return this.#completed.promise
  }

  /** Nothing is sent that a limit could hold. */
  setLimits(): void {
    // As a peer's command calls it.
  }

  stop(reason = 'the dry run was stopped'): Promise<void> {
    this.#completed.reject(new PotluckError('INTERRUPTED', reason))
    this.#stopped ??= this.#stop(reason)
    return this.#stopped
  }

  async #stop(reason: string): Promise<void> {
    await this.#link.stop(reason)
    await this.#components.host.stop()
    this.#emit({ event: 'stopped', reason })
  }

  async #preview(manifests: Manifest[]): Promise<void> {
    const { name } = this.#config
    const { joined, expectedPeers } = this.#arrivals
    const catalog = new Catalog(choiceOf(this.#config))
    catalog.add(manifests, name)
    const origins = new Map<string, Manifest[]>(this.#arrivals.names.map((other) => [other, []]))
    for (const manifest of manifests) {
      origins.set(manifest.origin, [...(origins.get(manifest.origin) ?? []), manifest])
    }
    origins.delete(name)
    try {
      const peers: PreviewedPeer[] = []
      for (const [origin, entries] of origins) {
        peers.push(await this.#previewOf(origin, entries, catalog))
      }
      const freeBytes = await this.#components.lookAhead.freeBytes()
      const free = freeBytes === undefined ? {} : { freeBytes }
      this.#emit({ event: 'preview', joined, expectedPeers, peers, ...free })
      this.#completed.resolve({ complete: true })
    } catch (error) {
      this.#fail(error)
    }
  }

  async #previewOf(origin: string, entries: readonly Manifest[], catalog: Catalog): Promise<PreviewedPeer> {
    const wanted = entries.filter((manifest) => manifest.kind === 'file' && !catalog.declines(manifest))
    let hereBytes = 0
    let movedAside = 0
    for (const manifest of wanted) {
      const { heldBytes, isInTheWay } = await this.#components.lookAhead.find(manifest)
      hereBytes += heldBytes
      movedAside += isInTheWay ? 1 : 0
    }
    return { name: printable(origin), ...extentOf(entries), wanted: extentOf(wanted), hereBytes, movedAside }
  }

  #fail(error: unknown): PotluckError {
    const failure =
      error instanceof PotluckError ? error : new PotluckError('DISK', messageOf(error), { cause: error })
    if (this.#stopped === undefined) {
      this.#completed.reject(failure)
    }
    return failure
  }

  #emit(event: Unstamped<PeerEvent>): void {
    const atMs = this.#components.now()
    this.events.emit({
      ...event,
      atMs: this.#link.clockOffsetMs === undefined ? 0 : atMs + this.#link.clockOffsetMs,
      peer: this.#config.name
    })
  }
}
