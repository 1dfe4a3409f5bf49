/**
 * How a peer gets into its swarm, and back into it when the connection to the coordinator broke: over one connection
 * after another, with ever longer waits between them, until it has joined and published on one of them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import { Backoff } from '../../core/backoff.ts'
import { messageOf, PotluckError } from '../../core/errors.ts'
import type { SendQueues } from '../sockets/send-queues.ts'
import { testUplink } from '../sockets/uplink-test.ts'
import type { CoordinatorLink } from './coordinator-link.ts'

/** Between two attempts once the connection broke: short at first, because a restart takes a second. */
const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 10_000

/** A connection that lasted this long is replaced at once when it breaks; one that broke sooner, after a wait. */
const SETTLED_MS = 10_000

export interface JoiningInit {
  link: CoordinatorLink
  sendQueues: SendQueues
  /** How long to try while the catalog is not known. */
  timeoutMs: number
  /** Whether transfers go on without the coordinator. */
  knowsCatalog(): boolean
  /** Publishes this peer's files, once it has joined. */
  publish(): Promise<void>
  onUnreachable(message: string, retryInMs: number): void
  /** Milliseconds on any steady clock. */
  now(): number
  random(): number
}

export class Joining {
  readonly #init: JoiningInit
  readonly #stopping = new AbortController()
  /** A join is under way, or the next attempt is due. */
  #isUnderWay = false
  readonly #backoff: Backoff
  #joinedAtMs = Number.NEGATIVE_INFINITY

  constructor(init: JoiningInit) {
    const { random } = init
    this.#init = init
    this.#backoff = new Backoff({ firstMs: FIRST_RETRY_MS, limitMs: MAX_RETRY_MS, random })
  }

  /**
   * Connects with the coordinator, and tests the uplink once the amount to send is known.
   *
   * @throws PotluckError COORDINATOR_UNREACHABLE, REFUSED
   */
  async connect(sharedByteLength: Promise<number>): Promise<Connection> {
    const { link, sendQueues } = this.#init
    const { signal } = this.#stopping
    const connection = await link.connect()
    await testUplink({ connection, sendQueues, sharedByteLength: await sharedByteLength, signal })
    return connection
  }

  /**
   * Joins and publishes, over the connection or else a new one; again when the connection breaks meanwhile, until the
   * time is over. Once the catalog is known transfers go on meanwhile: then it tries for as long as it takes.
   *
   * @throws PotluckError COORDINATOR_LOST, COORDINATOR_UNREACHABLE, REFUSED
   */
  async join(connection?: Connection): Promise<void> {
    const { knowsCatalog, link, now, onUnreachable, timeoutMs } = this.#init
    const { signal } = this.#stopping
    const startedAtMs = now()
    const leftMs = (): number => (knowsCatalog() ? Number.POSITIVE_INFINITY : startedAtMs + timeoutMs - now())
    let open = connection
    this.#isUnderWay = true
    try {
      while (true) {
        try {
          open = open?.status === 'open' ? open : await link.connect(leftMs())
          await this.#joinOver(open)
          this.#joinedAtMs = now()
          return
        } catch (error) {
          const retryInMs = this.#backoff.nextMs()
          if (signal.aborted || !(knowsCatalog() || brokeOff(error)) || retryInMs > leftMs()) {
            throw error
          }
          onUnreachable(messageOf(error), retryInMs)
          await sleep(retryInMs, undefined, { signal })
        }
      }
    } finally {
      this.#isUnderWay = false
    }
  }

  /** Joins again after the connection broke, unless that is under way. @throws PotluckError COORDINATOR_LOST */
  async rejoin(): Promise<void> {
    if (this.#isUnderWay) {
      return
    }
    this.#isUnderWay = true
    try {
      if (this.#init.now() - this.#joinedAtMs < SETTLED_MS) {
        await sleep(this.#backoff.nextMs(), undefined, { signal: this.#stopping.signal })
      } else {
        this.#backoff.reset()
      }
      await this.join()
    } catch (error) {
      throw this.lostError(messageOf(error))
    }
  }

  /** What ends a run that cannot go on without the coordinator. */
  lostError(message: string): PotluckError {
    const { knowsCatalog, link } = this.#init
    const when = knowsCatalog() ? '' : ' before the catalog was known'
    return new PotluckError(
      'COORDINATOR_LOST',
      `the coordinator at ${link.place} was lost${when} (${message}); start it again, then this peer`
    )
  }

  /** Stops trying. */
  stop(): void {
    this.#stopping.abort()
  }

  async #joinOver(connection: Connection): Promise<void> {
    const { link, publish } = this.#init
    await link.join(connection)
    await publish()
    if (!link.connected) {
      throw new Error('the connection was closed while it joined')
    }
  }
}

/** Whether the connection broke, which may go better the next time; a refusal does not. */
function brokeOff(error: unknown): boolean {
  return !(error instanceof PotluckError) || error.code === 'COORDINATOR_LOST'
}
