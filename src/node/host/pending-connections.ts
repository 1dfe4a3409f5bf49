/**
 * Connections that others open, until they have shown who they are. There is room for so many; whoever comes then takes
 * the place of the one that has waited longest, so that those who say nothing do not keep out those who do.
 */
import type { MultiaddrConnection } from '@libp2p/interface'

/** As many as libp2p lets come in a second from one address; a handshake takes a fraction of that. */
export const MAX_PENDING_CONNECTIONS = 256

export class PendingConnections {
  /** By the address at the other end, which no two have at a time; the oldest first. */
  readonly #pending = new Map<string, MultiaddrConnection>()

  add(connection: MultiaddrConnection): void {
    const address = connection.remoteAddr.toString()
    for (const oldest of this.#pending.values()) {
      if (this.#pending.size < MAX_PENDING_CONNECTIONS) {
        break
      }
      this.remove(oldest)
      oldest.abort(new Error('too many connections wait for their handshake'))
    }
    this.#pending.set(address, connection)
    connection.addEventListener('close', () => this.remove(connection))
  }

  /** It has shown who it is, or is over. */
  remove({ remoteAddr }: Pick<MultiaddrConnection, 'remoteAddr'>): void {
    this.#pending.delete(remoteAddr.toString())
  }
}
