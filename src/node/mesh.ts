/**
 * The mesh: keeps a connection with each other member of the roster for as long as the run lasts.
 *
 * Of two peers the one with the smaller PeerId dials first; the other one dials too when nothing came for a moment,
 * so that a peer that cannot be dialled still gets its connection. Where neither gets through, the pair does without,
 * or uses the coordinator's relay until a direct way is found.
 */
import { networkInterfaces } from 'node:os'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Member } from '../protocols/coordination/index.ts'
import { addressesToTry, type NetworkInterface } from './addresses.ts'
import { Pair, type PairListener } from './pair.ts'
import type { Reach } from './reach.ts'

export interface MeshComponents {
  host: Libp2p<{ reach: Reach }>
  listener: PairListener
  /** Milliseconds on any steady clock. */
  now(): number
  random(): number
}

export class Mesh {
  readonly #components: MeshComponents
  readonly #pairs = new Map<string, Pair>()
  readonly #stopping = new AbortController()
  /** The address of this peer's own connection with the coordinator, while that relays. */
  #relay: Multiaddr | undefined

  constructor(components: MeshComponents) {
    this.#components = components
    const { host } = components
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
    return [...this.#pairs.values()].filter(({ met }) => !met).map(({ member }) => member)
  }

  /** Whether connections may go through the coordinator. */
  get relays(): boolean {
    return this.#relay !== undefined
  }

  /** Takes the roster: links to new members are made, addresses of known ones brought up to date. */
  setMembers(members: Member[]): void {
    for (const member of members) {
      const pair = this.#pairs.get(member.peerId)
      if (pair !== undefined) {
        pair.update(member)
      } else if (member.peerId !== this.#components.host.peerId.toString()) {
        this.#add(member)
      }
    }
  }

  /** Connections may go through the node at the end of this connection from now on; or, without one, no more. */
  useRelay(address: Multiaddr | undefined): void {
    this.#relay = address
    this.#components.host.services.reach.relay = address
      ?.getComponents()
      .findLast(({ name }) => name === 'p2p')?.value
    for (const pair of this.#pairs.values()) {
      pair.relayChanged()
    }
  }

  /** Ends all dialling. Connections are closed with the host. */
  stop(): void {
    this.#stopping.abort()
  }

  #add(member: Member): void {
    const { host, listener, now, random } = this.#components
    const pair = new Pair({
      member,
      dialsFirst: host.peerId.toString() < member.peerId,
      listener,
      dial: (addresses, signal) => host.services.reach.dial(addresses, signal),
      directAddresses: (current) => addressesToTry(current, interfaces()),
      relayAddresses: ({ peerId }) =>
        this.#relay === undefined ? [] : [this.#relay.encapsulate(`/p2p-circuit/p2p/${peerId}`)],
      now,
      random,
      signal: this.#stopping.signal
    })
    this.#pairs.set(member.peerId, pair)
    for (const connection of host.getConnections()) {
      this.#pairOf(connection)?.add(connection)
    }
    pair.dial()
  }

  #pairOf({ remotePeer }: Connection): Pair | undefined {
    return this.#pairs.get(remotePeer.toString())
  }
}

function interfaces(): NetworkInterface[] {
  return Object.values(networkInterfaces()).flatMap((found) => found ?? [])
}
