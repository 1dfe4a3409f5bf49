/** Where a role may serve pages and metrics over HTTP: `HOST:PORT`, as a person writes it. */

export interface HttpAddress {
  /** A name, or an address of version 4 or 6 without brackets. */
  host: string
  /** 0 selects a free one. */
  port: number
}

const SHAPE = /^(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/i

const MAX_PORT = 65_535

/** `127.0.0.1:9080`, `[::1]:9080`, `localhost:0`; undefined for anything else. */
export function parseHttpAddress(text: string): HttpAddress | undefined {
  const port = Number(SHAPE.exec(text)?.[1] ?? Number.NaN)
  const host = hostOf(text)
  return host !== undefined && port <= MAX_PORT ? { host, port } : undefined
}

/** The host of `HOST` or `HOST:PORT`, as in a `Host` header too, in one spelling and without brackets. */
export function hostOf(text: string): string | undefined {
  // Nothing that URL would parse as a user, a path or a query.
  if (!/^[[\]0-9a-z:.-]+$/i.test(text) || !URL.canParse(`http://${text}/`)) {
    return undefined
  }
  return new URL(`http://${text}/`).hostname.replace(/^\[(.*)\]$/, '$1')
}

/** As it is written in a URL. */
export function writeHttpAddress({ host, port }: HttpAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
