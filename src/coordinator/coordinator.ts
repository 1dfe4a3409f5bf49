/**
 * The coordinator: admits peers, publishes the roster and the catalog, keeps the swarm clock, and says when the swarm
 * is done. File bytes pass through it only as its relay, between peers that cannot reach each other, and only if
 * configured. This file assembles, starts and stops it; `swarm-run.ts` handles what happens in its swarm.
 */
import type { Libp2p } from '@libp2p/interface'
import type { CoordinatorConfig } from '../config/coordinator.ts'
import { PotluckError } from '../core/errors.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { SwarmOutcome } from '../events/peer.ts'
import type { EventStream, Onlooker } from '../events/stream.ts'
import type { AdmissionRefusal, AdmissionService } from '../protocols/admission/index.ts'
import { CoordinationService, PROGRESS_INTERVAL_MS } from '../protocols/coordination/index.ts'
import { addressesToInvite, writeInvitation } from '../protocols/invitation.ts'
import { RelayService } from '../protocols/relay/index.ts'
import { UplinkTestService } from '../protocols/uplink-test/index.ts'
import { CoordinatorEvents } from './coordinator-events.ts'
import { Keeper, type Keeping } from './keeper.ts'
import { RefusedNodes } from './swarm/refused-nodes.ts'
import { Roster } from './swarm/roster.ts'
import { type Clocks, SwarmClock } from './swarm-clock.ts'
import { SwarmRun } from './swarm-run.ts'

export interface CoordinatorComponents extends Clocks {
  /** Not started; the coordinator starts and stops it. */
  host: Libp2p
  admission: AdmissionService
  /** Whether everyone who can reach it may take part, as its configuration says. */
  isOpen: boolean
  /** Manifests are signed for this, so that those of another swarm are useless in this one. */
  swarmId: Uint8Array<ArrayBuffer>
  /** The key that invited peers prove that they have; undefined: none. */
  invitationKey: Uint8Array | undefined
  keeping?: Keeping | undefined
  /** Started before it listens, and stopped last. */
  onlooker?: Onlooker<CoordinatorEvent> | undefined
}

export class Coordinator {
  readonly #config: CoordinatorConfig
  readonly #components: CoordinatorComponents
  readonly #coordination: CoordinationService
  readonly #uplinkTests: UplinkTestService
  readonly #relay: RelayService | undefined
  readonly #clock: SwarmClock
  readonly #events: CoordinatorEvents
  readonly #keeper: Keeper | undefined
  readonly #run: SwarmRun
  readonly #refusals = new RefusedNodes()
  readonly #stopping = new AbortController()
  #listened = false
  #starting: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(config: CoordinatorConfig, components: CoordinatorComponents) {
    const { host, swarmId, keeping } = components
    // Before anyone has joined, nothing is running whose time its clock could tell.
    const carriedOn = keeping?.carriedOn?.members.length === 0 ? undefined : keeping?.carriedOn
    const clock = new SwarmClock(components, carriedOn?.clockZeroUnixMs)
    const events = new CoordinatorEvents(config.name, clock)
    const roster = new Roster(config, carriedOn?.members, carriedOn?.catalogAtMs)
    const isMember = (peerId: string): boolean => roster.has(peerId)
    const unixSeconds = (): number => Date.now() / 1000
    const relay = config.relay ? new RelayService({ host, isMember, unixSeconds }) : undefined
    const keeper = keeping && new Keeper({ ...keeping, config, clock, roster, swarmId, events })
    const stopping = this.#stopping.signal
    this.#config = config
    this.#components = components
    this.#coordination = new CoordinationService({ host })
    this.#uplinkTests = new UplinkTestService(host)
    this.#relay = relay
    this.#clock = clock
    this.#events = events
    this.#keeper = keeper
    const refusals = this.#refusals
    this.#run = new SwarmRun(config, { clock, events, refusals, roster, swarmId, keeper, relay, stopping })
  }

  get events(): EventStream<CoordinatorEvent> {
    return this.#events
  }

  /** Where peers reach it, with its PeerId. */
  get multiaddrs(): string[] {
    return this.#components.host.getMultiaddrs().map(String)
  }

  get isOpen(): boolean {
    return this.#components.isOpen
  }

  /** What lets others join: show it only to them. Available once it listens. */
  get invitation(): string {
    const { host, invitationKey: key } = this.#components
    const addresses = addressesToInvite(this.#config.announce, this.multiaddrs)
    return writeInvitation({ addresses, peerId: host.peerId.toString(), key })
  }

  /** The swarm clock: ms since this coordinator started. */
  get atMs(): number {
    return this.#clock.atMs
  }

  /** Listens. @throws PotluckError LISTEN_FAILED, or INTERRUPTED when it is stopped meanwhile */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { host, admission, onlooker, isOpen } = this.#components
    const news = (await onlooker?.start(this.#events)) ?? []
    const onRefused = (refusal: AdmissionRefusal): void =>
      this.#events.tell(...this.#refusals.take({ peer: refusal.peerId, ...refusal }, this.#clock.atMs))
    await admission.start({ host, onRefused })
    await this.#coordination.start((session) => void this.#run.attend(session))
    await this.#uplinkTests.start()
    await this.#relay?.start()
    await this.#keeper?.saveFirst()
    await host.start()
    this.#listened = true
    if (this.#stopping.signal.aborted) {
      throw new PotluckError('INTERRUPTED', 'the coordinator was stopped while it started')
    }
    this.#timer = setInterval(() => this.#run.tick(), PROGRESS_INTERVAL_MS)
    const { expectedPeers, chunkByteLength } = this.#config
    this.#events.tell({
      event: 'started',
      peerId: host.peerId.toString(),
      multiaddrs: this.multiaddrs,
      expectedPeers,
      chunkByteLength,
      clockZeroUnixMs: this.#clock.zeroUnixMs
    })
    this.#events.tell(...news)
    const { carriedOnFrom, note } = this.#keeper ?? {}
    if (carriedOnFrom !== undefined) {
      this.#run.carryOn(carriedOnFrom)
    }
    if (note !== undefined) {
      this.#events.warn(note)
    }
    if (isOpen) {
      this.#events.warn(
        'there is no secret: anyone who can reach these addresses can join and receive all files'
      )
    }
  }

  /**
   * Starts the swarm with the peers that are here, without those that are still expected.
   *
   * @throws PotluckError REFUSED when it has started already, or fewer than two peers are here
   */
  startNow(): void {
    this.#run.startNow()
  }

  /**
   * Waits for this many peers from now on, instead of `expectedPeers`; if they are here already, the swarm starts.
   *
   * @throws PotluckError CONFIGURATION when that is not a possible number of peers, REFUSED when the swarm has started
   */
  setExpectedPeers(count: number): void {
    this.#run.setExpectedPeers(count)
  }

  /** How the swarm ended. Rejects with PotluckError INTERRUPTED when it was stopped before. */
  completed(): Promise<SwarmOutcome> {
    return this.#run.completed
  }

  /** Says goodbye to the peers and leaves nothing open. */
  stop(reason = 'the coordinator was stopped'): Promise<void> {
    this.#stopped ??= this.#stop(reason).finally(() => this.#components.onlooker?.stop())
    return this.#stopped
  }

  async #stop(reason: string): Promise<void> {
    this.#stopping.abort(new PotluckError('INTERRUPTED', reason))
    await this.#starting?.catch(() => undefined)
    clearInterval(this.#timer)
    await this.#components.admission.stop()
    await this.#coordination.stop()
    await this.#uplinkTests.stop()
    await this.#relay?.stop()
    await this.#run.stop(reason)
    await this.#components.host.stop()
    await this.#keeper?.close()
    // One that could not even listen has nothing to continue.
    if (!this.#listened && this.#keeper?.carriedOnFrom === undefined) {
      await this.#keeper?.remove()
    }
    this.#events.tell({ event: 'stopped', reason })
  }
}
