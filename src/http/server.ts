/**
 * A small read-only HTTP server: `GET` and `HEAD` of the paths in its table.
 *
 * Its pages are for people on this machine or network. A page from another site that runs in their browser cannot read
 * them: there is no header for other origins, and requests under a name that is not this server's (DNS rebinding) are
 * refused.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { debuglog } from 'node:util'
import { type HttpAddress, hostOf, writeHttpAddress } from '../config/http-address.ts'
import { listenAdvice } from '../config/listen-advice.ts'
import { codeOf, messageOf, PotluckError } from '../core/errors.ts'

const debug = debuglog('potluck')

/** A browser's request has less than 1 KiB. */
const MAX_HEADER_BYTE_LENGTH = 8 * 1024

/** Enough for a few people with a few tabs, and a metrics collector. Further connections are closed at once. */
const MAX_CONNECTIONS = 128

/** From the connection, or the last reply, to the last byte of a request's headers. */
const HEADERS_TIMEOUT_MS = 5000

/** The same including a body, which no one needs here. */
const REQUEST_TIMEOUT_MS = 10_000

/** How often these two timeouts are checked. */
const CONNECTIONS_CHECK_MS = 1000

/** Between two requests on one connection. */
const KEEP_ALIVE_TIMEOUT_MS = 5000

/** A reader that accepts nothing for this long is gone. */
const SOCKET_TIMEOUT_MS = 30_000

/** At the stop, replies in progress get this long. */
const STOP_GRACE_MS = 250

/** The page loads everything from here, and no other page may frame it. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff'
}

/** A request that has passed all checks, and the reply to it. */
export interface HttpExchange {
  request: IncomingMessage
  /** With the headers of every reply; for `HEAD` it leaves the body out by itself. */
  response: ServerResponse
  /** Aborts when the server stops: a reply without an end must end then. */
  signal: AbortSignal
}

/** Answers the request. Errors are answered with 500. */
export type Route = (exchange: HttpExchange) => void | Promise<void>

export interface WebServerInit {
  address: HttpAddress
  /** Whether to use any free port of that host if the address is in use. */
  anyPort?: boolean
  /** By exact path. */
  routes: ReadonlyMap<string, Route>
  /** The setting of the address, for a person who has to choose another one. */
  setting: string
}

export class WebServer {
  readonly #init: WebServerInit
  readonly #server: Server
  readonly #stopping = new AbortController()
  #stopped: Promise<void> | undefined

  constructor(init: WebServerInit) {
    this.#init = init
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTE_LENGTH,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS
      },
      (request, response) => void this.#answer(request, response)
    )
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.timeout = SOCKET_TIMEOUT_MS
    // If the system cannot hand over a connection, for example for want of descriptors, the run goes on.
    this.#server.on('error', (error) => debug('the web server: %s', messageOf(error)))
  }

  /** The address that it listens on, with its real port. @throws PotluckError LISTEN_FAILED, INTERRUPTED */
  async start(): Promise<HttpAddress> {
    const { address, anyPort = false } = this.#init
    try {
      return await this.#listen(address)
    } catch (error) {
      if (anyPort && address.port !== 0) {
        return await this.#listen({ ...address, port: 0 })
      }
      throw error
    }
  }

  /** Ends every connection, including those without an end of their own. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #listen({ host, port }: HttpAddress): Promise<HttpAddress> {
    if (this.#stopped !== undefined) {
      throw new PotluckError('INTERRUPTED', 'the web server was stopped before it started')
    }
    try {
      this.#server.listen({ host, port })
      await once(this.#server, 'listening')
    } catch (error) {
      throw new PotluckError(
        'LISTEN_FAILED',
        `cannot serve HTTP on ${writeHttpAddress({ host, port })} (${messageOf(error)}); ${listenAdvice(codeOf(error), { name: this.#init.setting, everywhere: `0.0.0.0:${port}` })}`,
        { cause: error }
      )
    }
    const bound = this.#server.address()
    return { host, port: bound !== null && typeof bound === 'object' ? bound.port : port }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort()
    if (!this.#server.listening) {
      return
    }
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeIdleConnections()
    const grace = setTimeout(() => this.#server.closeAllConnections(), STOP_GRACE_MS)
    await closed
    clearTimeout(grace)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      response.setHeader(name, value)
    }
    const { signal } = this.#stopping
    try {
      await this.#routeOf(request)({ request, response, signal })
    } catch (error) {
      debug('%s %s: %s', request.method, request.url, error instanceof Error ? error.stack : error)
      if (response.headersSent) {
        response.destroy()
      } else {
        sendText(response, 500, 'Internal error: a bug in this program.')
      }
    }
  }

  #routeOf({ method, url = '', headers }: IncomingMessage): Route {
    if (!this.#isOurs(headers.host)) {
      return refusal(421, 'Address this server by its IP address or by the name in its setting.')
    }
    if (method !== 'GET' && method !== 'HEAD') {
      return refusal(405, 'This server shows things; it takes GET and HEAD only.', { Allow: 'GET, HEAD' })
    }
    const [path = ''] = url.split('?', 1)
    const route = this.#init.routes.get(path)
    return route ?? refusal(404, `Not found. Available: ${[...this.#init.routes.keys()].join(' ')}`)
  }

  /** A request under another name was directed here by someone else; addresses cannot be redirected. */
  #isOurs(header: string | undefined): boolean {
    const host = hostOf(header ?? '')
    return (
      host !== undefined && (isIP(host) !== 0 || host === 'localhost' || host === this.#init.address.host)
    )
  }
}

/** Replies with a text; `type` is its content type. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8'
): void {
  const body = Buffer.from(text)
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    'Content-Type': type,
    'Content-Length': body.byteLength
  })
  response.end(body)
}

/** Closes the connection afterwards: the server would otherwise wait for a body that no one reads. */
function refusal(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Route {
  return ({ response }) => {
    for (const [name, value] of Object.entries({ ...headers, Connection: 'close' })) {
      response.setHeader(name, value)
    }
    sendText(response, status, `${text}\n`)
  }
}
