/**
 * The mesh: keeps a connection with each other member of the roster for as long as the run lasts.
 *
 * Of two peers the one with the smaller PeerId dials first; the other one dials too when nothing came for a moment,
 * so that a peer that cannot be dialled still gets its connection. One connection a pair is used; a second one that
 * both made at once stays idle.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, Libp2p } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Member } from '../protocols/coordination/index.ts'
import { messageOf } from '../protocols/errors.ts'
import { Backoff } from './backoff.ts'

/** How long the peer with the larger PeerId leaves the dialling to the other one. */
const DIAL_TURN_MS = 1500

const FIRST_REDIAL_MS = 250
const MAX_REDIAL_MS = 10_000

/** Of all addresses of a peer together: TCP, Noise and Yamux on a path with seconds of delay. */
const DIAL_TIMEOUT_MS = 20_000

/** The host tells of a connection's beginning and end by events of its own; until they are through, nothing is done. */
const SETTLE_MS = 5

/** Longer than two dials of a pair can lie apart that crossed each other. */
const RETURN_AFTER_MS = DIAL_TIMEOUT_MS

export interface MeshListener {
  /** The connection to use with the member; called again when another one takes its place. */
  onConnected(member: Member, connection: Connection): void
  onDisconnected(member: Member): void
  onDialFailed(member: Member, message: string, retryInMs: number): void
}

export interface MeshComponents {
  host: Libp2p
  listener: MeshListener
  random(): number
}

interface Link {
  member: Member
  connection: Connection | undefined
}

export class Mesh {
  readonly #components: MeshComponents
  readonly #links = new Map<string, Link>()
  readonly #stopping = new AbortController()

  constructor(components: MeshComponents) {
    this.#components = components
    const { host } = components
    const { signal } = this.#stopping
    host.addEventListener('connection:open', ({ detail }) => this.#onOpen(detail), { signal })
    host.addEventListener('connection:close', ({ detail }) => this.#onClose(detail), { signal })
  }

  /** Whether a connection with the member is in use. */
  isConnected(peerId: string): boolean {
    return this.#links.get(peerId)?.connection !== undefined
  }

  /** Takes the roster: links to new members are made, addresses of known ones brought up to date. */
  setMembers(members: Member[]): void {
    for (const member of members) {
      const link = this.#links.get(member.peerId)
      if (link !== undefined) {
        link.member = member
      } else if (member.peerId !== this.#components.host.peerId.toString()) {
        this.#add(member)
      }
    }
  }

  /** Ends all dialling. Connections are closed with the host. */
  stop(): void {
    this.#stopping.abort()
  }

  #add(member: Member): void {
    const link: Link = { member, connection: undefined }
    this.#links.set(member.peerId, link)
    for (const connection of this.#components.host.getConnections()) {
      this.#onOpen(connection)
    }
    this.#keep(link).catch(() => {
      // Only the abort at the mesh's end gets here.
    })
  }

  async #keep(link: Link): Promise<void> {
    const { host, listener, random } = this.#components
    const { signal } = this.#stopping
    const backoff = new Backoff({ firstMs: FIRST_REDIAL_MS, limitMs: MAX_REDIAL_MS, random })
    const dialsFirst = host.peerId.toString() < link.member.peerId
    while (!signal.aborted) {
      if (link.connection !== undefined) {
        await closed(link.connection, signal)
        backoff.reset()
        await sleep(SETTLE_MS, undefined, { signal })
        continue
      }
      if (!dialsFirst) {
        await sleep(DIAL_TURN_MS, undefined, { signal })
      }
      if (link.connection !== undefined) {
        continue
      }
      try {
        await host.dial(addressesOf(link.member), {
          signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
        })
      } catch (error) {
        const retryInMs = backoff.nextMs()
        if (!signal.aborted) {
          listener.onDialFailed(link.member, messageOf(error), retryInMs)
        }
        await sleep(retryInMs, undefined, { signal })
      }
      await sleep(SETTLE_MS, undefined, { signal })
    }
  }

  #onOpen(connection: Connection): void {
    const link = this.#links.get(connection.remotePeer.toString())
    if (link === undefined || connection.status !== 'open') {
      return
    }
    const { connection: current } = link
    if (current !== undefined && isReturn(connection, current)) {
      this.#onClose(current)
      return
    }
    if (link.connection === undefined) {
      link.connection = connection
      this.#components.listener.onConnected(link.member, connection)
    }
  }

  #onClose(connection: Connection): void {
    const link = this.#links.get(connection.remotePeer.toString())
    if (link === undefined || link.connection?.id !== connection.id) {
      return
    }
    link.connection = undefined
    this.#components.listener.onDisconnected(link.member)
    // Both sides start anew together: what was told on the other connection of the pair would not be told again.
    for (const other of this.#components.host.getConnections(connection.remotePeer)) {
      other.abort(new Error('the pair of peers starts anew'))
    }
  }
}

/**
 * Whether the peer made a connection because the one in use is dead at its end: it would have used that otherwise.
 * Two that were made at about the same time are both alive.
 */
function isReturn(made: Connection, inUse: Connection): boolean {
  return made.direction === 'inbound' && made.timeline.open - inUse.timeline.open > RETURN_AFTER_MS
}

/** The member's addresses, each with its PeerId, so that Noise checks who answers. Those that are none are left out. */
function addressesOf({ peerId, multiaddrs }: Member): Multiaddr[] {
  return multiaddrs.flatMap((text) => {
    try {
      const bare = text.replace(/\/p2p\/[^/]+$/, '')
      return [multiaddr(`${bare}/p2p/${peerId}`)]
    } catch {
      return []
    }
  })
}

function closed(connection: Connection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (connection.status !== 'open') {
      resolve()
      return
    }
    const onAbort = (): void => reject(signal.reason)
    connection.addEventListener(
      'close',
      () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      },
      { once: true }
    )
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
