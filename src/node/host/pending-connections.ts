/**
 * Connections that others open, until they have identified themselves. Their number is limited; a further one replaces
 * the one that has waited longest, so that silent nodes do not keep out others.
 */
import type { MultiaddrConnection } from '@libp2p/interface'

/** As many as libp2p accepts per second from one address; a handshake takes a fraction of that. */
export const MAX_PENDING_CONNECTIONS = 256

export class PendingConnections {
  /** By the address at the other end, which is unique at any time; the oldest first. */
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

  /** It has identified itself, or has ended. */
  remove({ remoteAddr }: Pick<MultiaddrConnection, 'remoteAddr'>): void {
    this.#pending.delete(remoteAddr.toString())
  }
}
