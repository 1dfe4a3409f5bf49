/**
 * Connections to other peers, as a service of the host: dials all addresses of a peer at once, and accepts relayed
 * connections only from the coordinator's relay.
 */
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CircuitRelayTransportComponents, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { Connection, StreamHandler, StreamHandlerOptions, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { messageOf } from '../../core/errors.ts'
import { Limit } from '../../core/limit.ts'
import { STOP_PROTOCOL } from '../../protocols/relay/index.ts'

/** The head start of the first address over the second, of that one over the third, and so on. */
const STAGGER_MS = 100

/** Dials under way at one time, of all peers together: sockets, of which a process has 1,024 in most places. */
const MAX_PARALLEL_DIALS = 256

/** Addresses whose failure is reported, of one peer: a line of the log. */
const MAX_REASONS = 3

/** What opens a connection to one address: libp2p's transport manager. */
export interface Transports {
  dial(address: Multiaddr, options: { signal: AbortSignal }): Promise<Connection>
}

export class Reach {
  readonly #limit = new Limit(MAX_PARALLEL_DIALS)
  #transports: Transports | undefined
  /** The PeerId of the node whose relay may bring connections; undefined while there is none. */
  relay: string | undefined

  /** Takes what the host provides once it is made. */
  connectTo(transports: Transports): this {
    this.#transports = transports
    return this
  }

  /**
   * A connection to whichever address answers first. libp2p's own dial tries one address after the other, and one that
   * swallows packets delays the next ones by seconds.
   *
   * @throws Error that says why none did
   */
  async dial(addresses: readonly Multiaddr[], signal: AbortSignal): Promise<Connection> {
    const decided = new AbortController()
    const either = AbortSignal.any([signal, decided.signal])
    // Each of the addresses listens to it: Node takes more than ten listeners for a leak.
    setMaxListeners(0, either)
    const tries = addresses.map((address, index) => this.#try(address, index * STAGGER_MS, either))
    try {
      const first = await Promise.any(tries)
      for (const other of tries) {
        void other.then((made) => endUnless(made === first, made)).catch(() => undefined)
      }
      return first
    } catch (error) {
      throw new Error(summaryOf(error), { cause: error })
    } finally {
      decided.abort(new Error('another address was faster'))
    }
  }

  async #try(address: Multiaddr, delayMs: number, signal: AbortSignal): Promise<Connection> {
    try {
      await sleep(delayMs, undefined, { signal })
      return await this.#limit.run(async () => {
        signal.throwIfAborted()
        if (this.#transports === undefined) {
          throw new Error('the host is not made yet')
        }
        const transports = this.#transports
        return await detached(signal, (own) => transports.dial(address, { signal: own }))
      })
    } catch (error) {
      const reason = signal.aborted ? 'no answer in time' : codeOf(error)
      throw new Error(`${address.toString().replace(/\/p2p\/[^/]+$/, '')}: ${reason}`, { cause: error })
    }
  }

  /** libp2p's relay transport, closed to all but the relay. */
  relayTransport(components: CircuitRelayTransportComponents): Transport {
    const { registrar } = components
    const handle = (
      protocol: string,
      handler: StreamHandler,
      options?: StreamHandlerOptions
    ): Promise<void> =>
      registrar.handle(protocol, protocol === STOP_PROTOCOL ? this.#guarded(handler) : handler, options)
    const guarded = new Proxy(registrar, {
      get: (target, key) => (key === 'handle' ? handle : Reflect.get(target, key))
    })
    return circuitRelayTransport()(
      new Proxy(components, {
        get: (target, key) => (key === 'registrar' ? guarded : Reflect.get(target, key))
      })
    )
  }

  /** libp2p would believe any node that says it is a relay, and keep a listener for each time it says so. */
  #guarded(handler: StreamHandler): StreamHandler {
    return (stream, connection) => {
      if (connection.remotePeer.toString() !== this.relay) {
        stream.abort(new Error('not the relay of this swarm'))
        return
      }
      return handler(stream, connection)
    }
  }
}

/**
 * Node ends a socket when the signal that it was opened with aborts, however late: this one never aborts afterwards.
 */
async function detached<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController()
  const onAbort = (): void => own.abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    return await work(own.signal)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function endUnless(wanted: boolean, connection: Connection): void {
  if (!wanted) {
    connection.abort(new Error('another address was faster'))
  }
}

/** The system's code if there is one, such as ECONNREFUSED. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : messageOf(error)
}

function summaryOf(error: unknown): string {
  const reasons = error instanceof AggregateError ? error.errors.map(messageOf) : [messageOf(error)]
  const more = reasons.length - MAX_REASONS
  return reasons.slice(0, MAX_REASONS).join('; ') + (more > 0 ? `; and ${more} more` : '')
}
