/**
 * Listening on several addresses. Most machines have both IPv4 and IPv6, and some have only one: an address that stands
 * for a whole family may be missing, as long as another one works. Every other failure is an error.
 *
 * libp2p by itself overlooks every failure of IPv6, even a port in use, and tolerates none of IPv4.
 */
import type { Listener, Transport } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { listenAdvice } from '../../config/listen-advice.ts'
import { codeOf, messageOf, PotluckError } from '../../core/errors.ts'

/** The errors of a machine that lacks the family, or has it switched off. */
const FAMILY_MISSING: ReadonlySet<unknown> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])

/** Each stands for a whole family, and works on every machine that has the family. */
const OF_ALL_MACHINES = /^\/ip(4\/(0\.0\.0\.0|127\.0\.0\.1)|6\/::1?)\//

interface Failure {
  address: string
  error: unknown
}

export class Listening {
  readonly #done = new Set<string>()
  readonly #failures: Failure[] = []

  /** The same transport; from now on the results of its listeners are recorded. */
  watch(transport: Transport): Transport {
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (options) => this.#watched(createListener(options))
    return transport
  }

  #watched(listener: Listener): Listener {
    const listen = listener.listen.bind(listener)
    listener.listen = async (address: Multiaddr) => {
      try {
        await listen(address)
        this.#done.add(address.toString())
      } catch (error) {
        this.#failures.push({ address: address.toString(), error })
        throw error
      }
    }
    return listener
  }

  /**
   * To be called once libp2p has tried all addresses; another start counts from zero.
   *
   * @param listen the addresses, as configured
   * @returns undefined when it listens on everything that this machine can have
   */
  problem(listen: readonly string[]): PotluckError | undefined {
    const failures = this.#failures.splice(0)
    const tried = new Set([...this.#done, ...failures.map(({ address }) => address)])
    const isListening = this.#done.size > 0
    this.#done.clear()
    const unknown = listen.find((address) => !tried.has(multiaddr(address).toString()))
    if (unknown !== undefined) {
      return listenError({ address: unknown, error: new Error('it is no TCP address') }, listen)
    }
    const failed = failures.find(
      ({ address, error }) =>
        !(isListening && OF_ALL_MACHINES.test(address) && FAMILY_MISSING.has(codeOf(error)))
    )
    return failed === undefined ? undefined : listenError(failed, listen)
  }
}

/** libp2p reports every address with a stack trace; a person needs the system's text for one. */
export function listenError({ address, error }: Failure, listen: readonly string[]): PotluckError {
  const reason = messageOf(error).split('\n')[0] ?? ''
  const port = /\/tcp\/(\d+)/.exec(address || (listen[0] ?? ''))?.[1] ?? '9000'
  const advice = listenAdvice(codeOf(error), {
    name: '--listen',
    everywhere: port,
    announce: '--announce'
  })
  return new PotluckError('LISTEN_FAILED', `cannot listen on ${address} (${reason}); ${advice}`, {
    cause: error
  })
}
