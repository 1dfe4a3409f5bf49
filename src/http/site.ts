/**
 * What a role shows over HTTP, from its start to its stop. It listens to the role's events; the role depends on nothing
 * of it.
 */

import { type HttpAddress, writeHttpAddress } from '../config/http-address.ts'
import { isLoopback } from '../core/exposure.ts'
import type { EventBase, EventStream, Listener, Unstamped } from '../events/stream.ts'
import type { Metrics } from './metrics.ts'
import { type Route, WebServer, type WebServerInit } from './server.ts'

/** The properties of every role's events that a site uses. */
export type SiteEvent = EventBase &
  ({ event: 'serving'; url: string; insteadOf?: string } | { event: 'warning'; message: string })

export interface SiteInit<E extends EventBase> extends Omit<WebServerInit, 'routes'> {
  /** Shown at `/metrics`. */
  metrics: Metrics
  /** The other pages, made at the start. */
  routes(): Promise<ReadonlyArray<[path: string, route: Route]>>
  /** Each receives every event of the role. */
  listeners: ReadonlyArray<Listener<E>>
  /** The path to show people. */
  path: string
  /** A description for the warning if others can reach it. */
  shows: string
}

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** An `Onlooker` of a role with such events. */
export class Site<E extends EventBase> {
  readonly #init: SiteInit<E>
  #server: WebServer | undefined
  #unlisten: Array<() => void> = []

  constructor(init: SiteInit<E>) {
    this.#init = init
  }

  /** Adds libp2p's own metrics to those of the role, for the `metrics` of libp2p. */
  get ofLibp2p(): Metrics['ofLibp2p'] {
    return this.#init.metrics.ofLibp2p
  }

  async start(events: EventStream<E>): Promise<Unstamped<SiteEvent>[]> {
    const { listeners, address, metrics } = this.#init
    this.#unlisten = listeners.map((listener) => events.listen(listener))
    const routes = new Map([...(await this.#init.routes()), ['/metrics', metrics.route]])
    const server = new WebServer({ ...this.#init, routes })
    this.#server = server
    return this.#told(await server.start(), address)
  }

  async stop(): Promise<void> {
    for (const unlisten of this.#unlisten) {
      unlisten()
    }
    await this.#server?.stop()
  }

  #told(served: HttpAddress, wanted: HttpAddress): Unstamped<SiteEvent>[] {
    const { path, shows, setting } = this.#init
    const insteadOf = wanted.port === 0 || served.port === wanted.port ? undefined : writeHttpAddress(wanted)
    const shown = { ...served, host: ANY_ADDRESS.has(served.host) ? loopbackOf(served.host) : served.host }
    const url = `http://${writeHttpAddress(shown)}${path}`
    const serving = { event: 'serving' as const, url, ...(insteadOf !== undefined && { insteadOf }) }
    if (isLoopback(served.host)) {
      return [serving]
    }
    const message = `anyone who can reach ${writeHttpAddress(served)} sees ${shows}, without a password; ${setting} 127.0.0.1:${served.port} limits it to this machine`
    return [serving, { event: 'warning', message }]
  }
}

function loopbackOf(host: string): string {
  return host.includes(':') ? '::1' : '127.0.0.1'
}
