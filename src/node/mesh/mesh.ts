/**
 * The mesh: keeps a connection with each other member of the roster for as long as the run lasts; in a large swarm with
 * this peer's neighbours, and with every other member that connects.
 *
 * Of two peers one dials first: the one that announced no address beyond its own network, if the other did; otherwise
 * the one with the smaller PeerId. The other one dials too when no connection arrived for a moment, so that a peer that
 * cannot be dialled still gets its connection. If neither gets through, the pair does without, or uses the
 * coordinator's relay until a direct connection works.
 */
import { setMaxListeners } from 'node:events'
import { networkInterfaces } from 'node:os'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_FULL_MESH_PEERS, neighboursOf } from '../../engine/neighbours.ts'
import type { Member } from '../../protocols/coordination/index.ts'
import { addressesToTry, isToldAfar, type NetworkInterface } from './addresses.ts'
import { Pair, type PairListener } from './pair.ts'
import type { Reach } from './reach.ts'

/**
 * If fewer neighbours can be reached, others are dialled as well: the graph of reachable peers has to stay connected.
 */
const FEW_CONNECTED = 8

/** How long a set of members is tried before more are. */
const SUBSTITUTE_AFTER_MS = 10_000

export interface MeshInit {
  host: Libp2p<{ reach: Reach }>
  listener: PairListener<Connection>
  /** Milliseconds on any steady clock. */
  now(): number
  random(): number
}

export class Mesh {
  readonly #init: MeshInit
  readonly #pairs = new Map<string, Pair<Connection>>()
  /** The function that ends each of them. */
  readonly #endings = new Map<string, AbortController>()
  readonly #stopping = new AbortController()
  /** The address of this peer's own connection with the coordinator, while that relays. */
  #relay: Multiaddr | undefined
  #triedSinceMs = 0
  /** As in the roster. */
  #ownMultiaddrs: readonly string[] = []

  constructor(init: MeshInit) {
    this.#init = init
    const { host } = init
    const { signal } = this.#stopping
    host.addEventListener('connection:open', ({ detail }) => this.#pairOf(detail)?.add(detail), { signal })
    host.addEventListener('connection:close', ({ detail }) => this.#pairOf(detail)?.remove(detail), {
      signal
    })
  }

  /** Whether a connection with the member is in use. */
  isConnected(peerId: string): boolean {
    return this.#pairs.get(peerId)?.connected === true
  }

  /** Whether there ever was a connection with the member. */
  hasMet(peerId: string): boolean {
    return this.#pairs.get(peerId)?.met === true
  }

  /** Members that are dialled, and that there never was a connection with. */
  get apart(): Member[] {
    return [...this.#pairs.values()].filter(({ met, dials }) => dials && !met).map(({ member }) => member)
  }

  /** Whether connections may go through the coordinator. */
  get relays(): boolean {
    return this.#relay !== undefined
  }

  /**
   * Takes the roster: makes links to new members, updates addresses of known ones, and ends connections with removed
   * members.
   */
  setMembers(members: Member[]): void {
    const { host, now } = this.#init
    const own = host.peerId.toString()
    const current = new Set(members.map(({ peerId }) => peerId))
    for (const peerId of [...this.#pairs.keys()]) {
      if (!current.has(peerId)) {
        this.#remove(peerId)
      }
    }
    let grew = false
    this.#ownMultiaddrs = members.find(({ peerId }) => peerId === own)?.multiaddrs ?? []
    for (const member of members) {
      const pair = this.#pairs.get(member.peerId)
      if (pair !== undefined) {
        pair.update(member)
      } else if (member.peerId !== own) {
        this.#add(member)
        grew = true
      }
    }
    if (grew) {
      this.#triedSinceMs = now()
      for (const peerId of neighboursOf([own, ...this.#pairs.keys()], own)) {
        this.#pairs.get(peerId)?.dial()
      }
    }
  }

  /** To be called regularly: dials more members of a large swarm if few neighbours can be reached. */
  tick(): void {
    const { now, random } = this.#init
    const pairs = [...this.#pairs.values()]
    const connected = pairs.filter((pair) => pair.connected).length
    const others = pairs.filter(({ dials }) => !dials)
    const isFull = pairs.length - others.length >= 2 * MAX_FULL_MESH_PEERS
    if (connected >= FEW_CONNECTED || isFull || now() - this.#triedSinceMs < SUBSTITUTE_AFTER_MS) {
      return
    }
    this.#triedSinceMs = now()
    for (let count = 0; count < FEW_CONNECTED && others.length > 0; count++) {
      const [other] = others.splice(Math.floor(random() * others.length), 1)
      other?.dial()
    }
  }

  /** Connections may pass through the node at the end of this connection from now on; or, without one, no more. */
  useRelay(address: Multiaddr | undefined): void {
    this.#relay = address
    this.#init.host.services.reach.relay = address
      ?.getComponents()
      .findLast(({ name }) => name === 'p2p')?.value
    for (const pair of this.#pairs.values()) {
      pair.relayChanged()
    }
  }

  /** Ends all dialling. Connections are closed with the host. */
  stop(): void {
    this.#stopping.abort()
    for (const ending of this.#endings.values()) {
      ending.abort()
    }
  }

  #add(member: Member): void {
    const { host, listener, now, random } = this.#init
    const ending = new AbortController()
    // All of the pair's steps listen to it: Node takes more than ten listeners for a leak.
    setMaxListeners(0, ending.signal)
    const isFirst = host.peerId.toString() < member.peerId
    const pair = new Pair<Connection>({
      member,
      isFirst,
      dialsFirst: (current) => {
        const toldAfar = isToldAfar(current.multiaddrs)
        return toldAfar === isToldAfar(this.#ownMultiaddrs) ? isFirst : toldAfar
      },
      listener,
      dial: (addresses, signal) => host.services.reach.dial(addresses, signal),
      directAddresses: (current) =>
        addressesToTry(current, { interfaces: interfaces(), listening: host.getMultiaddrs() }),
      relayAddresses: ({ peerId }) =>
        this.#relay === undefined ? [] : [this.#relay.encapsulate(`/p2p-circuit/p2p/${peerId}`)],
      now,
      random,
      signal: ending.signal
    })
    this.#endings.set(member.peerId, ending)
    this.#pairs.set(member.peerId, pair)
    for (const connection of host.getConnections()) {
      if (connection.remotePeer.toString() === member.peerId) {
        pair.add(connection)
      }
    }
  }

  #remove(peerId: string): void {
    const pair = this.#pairs.get(peerId)
    this.#pairs.delete(peerId)
    this.#endings.get(peerId)?.abort()
    this.#endings.delete(peerId)
    for (const connection of this.#init.host.getConnections()) {
      if (connection.remotePeer.toString() === peerId) {
        connection.abort(new Error('it is no longer in the roster'))
      }
    }
    if (pair?.connected === true) {
      this.#init.listener.onDisconnected(pair.member)
    }
  }

  #pairOf({ remotePeer }: Connection): Pair<Connection> | undefined {
    return this.#pairs.get(remotePeer.toString())
  }
}

function interfaces(): NetworkInterface[] {
  return Object.values(networkInterfaces()).flatMap((found) => found ?? [])
}
