/**
 * Addresses of peers: which of its own a peer announces, and which of another's are worth an attempt, in which order.
 *
 * No one knows from where others will reach a peer, so it announces all: those of its interfaces, for others in its
 * network, and those that its configuration adds, for all others. The dialler skips addresses that cannot lead
 * anywhere.
 */
import { BlockList, isIPv4 } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { MAX_ADDRESSES } from '../../config/settings.ts'
import { inTurn } from '../../core/in-turn.ts'
import { MAX_MULTIADDRS_LENGTH } from '../../protocols/coordination/index.ts'

/**
 * Of one peer at a time. Enough for a machine with many interfaces; a peer that lists useless addresses costs the
 * others no more than this many sockets per attempt.
 */
export const MAX_ADDRESSES_TRIED = 16

/** Where an address leads, in the order in which addresses are tried. */
const PLACES = ['same-machine', 'near', 'far', 'private', 'nowhere'] as const

type Place = (typeof PLACES)[number]

const LOOPBACK = networks('127.0.0.0/8', '::1/128')

/** Reserved for private networks: reachable only from within the same one. */
const PRIVATE = networks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7'
)

/** Unspecified, multicast, reserved; and link-local ones of IPv6, which mean nothing without an interface. */
const NOWHERE = networks('0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'ff00::/8', 'fe80::/10')

/** As Node returns them: `os.networkInterfaces()`. */
export interface NetworkInterface {
  address: string
  /** The address with its prefix length. */
  cidr: string | null
}

/** The machine from which addresses are judged. */
export interface LocalAddresses {
  interfaces: readonly NetworkInterface[]
  /** Where this peer itself can be reached. */
  listening: readonly Multiaddr[]
}

/**
 * The listening addresses to announce: without this peer's PeerId, as many as a roster accepts. Public and private ones
 * of both families alternate, so that many of one kind leave room for the others; loopback ones come last.
 */
export function addressesToTell(multiaddrs: readonly Multiaddr[]): string[] {
  const bare = multiaddrs.filter(isPlain).map(withoutPeerId)
  const isKind = (list: BlockList, address: Multiaddr): boolean => isIn(list, hostOf(address) ?? '')
  const loopback = bare.filter((address) => isKind(LOOPBACK, address))
  const others = bare.filter((address) => !isKind(LOOPBACK, address))
  const kinds = [false, true].flatMap((isPrivate) =>
    [false, true].map((isIp6) =>
      others.filter(
        (address) => isKind(PRIVATE, address) === isPrivate && String(address).startsWith('/ip6/') === isIp6
      )
    )
  )
  const told: string[] = []
  for (const text of new Set([...inTurn(...kinds), ...loopback].map(String))) {
    if (told.length < MAX_ADDRESSES && [...told, text].join(' ').length <= MAX_MULTIADDRS_LENGTH) {
      told.push(text)
    }
  }
  return told
}

/**
 * Which of a member's addresses to try, the likeliest first, each with its PeerId, so that Noise checks who answers.
 *
 * Loopback addresses are tried if they may mean this machine: the member has no others, or one of them is ours. An
 * address on which this peer itself listens is skipped: it belongs to another machine in another private network.
 */
export function addressesToTry(
  { peerId, multiaddrs }: { peerId: string; multiaddrs: readonly string[] },
  { interfaces, listening }: LocalAddresses
): Multiaddr[] {
  const own = new Set(interfaces.map(({ address }) => address))
  const taken = new Set(listening.map((address) => String(withoutPeerId(address))))
  const near = networks(...interfaces.flatMap(({ cidr }) => cidr ?? []))
  const parsed = multiaddrs.flatMap(parse)
  const hosts = parsed.map((address) => hostOf(address) ?? '')
  const beyond = hosts.filter((host) => !isIn(LOOPBACK, host))
  const here = beyond.length === 0 || beyond.some((host) => own.has(host))
  const placeOf = (address: Multiaddr): Place => {
    const host = hostOf(address)
    if (host === undefined) {
      return 'far'
    }
    if (isIn(NOWHERE, host)) {
      return 'nowhere'
    }
    if (isIn(LOOPBACK, host)) {
      return here ? 'same-machine' : 'nowhere'
    }
    return isIn(near, host) ? 'near' : isIn(PRIVATE, host) ? 'private' : 'far'
  }
  return parsed
    .map((address) => ({ address, rank: PLACES.indexOf(placeOf(address)) }))
    .filter(({ address, rank }) => PLACES[rank] !== 'nowhere' && !taken.has(String(address)))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_ADDRESSES_TRIED)
    .map(({ address }) => address.encapsulate(`/p2p/${peerId}`))
}

/** Whether one of the addresses may lead there from anywhere: a public one, or a name. */
export function isToldAfar(multiaddrs: readonly string[]): boolean {
  return multiaddrs.flatMap(parse).some((address) => {
    const host = hostOf(address)
    return host === undefined || ![LOOPBACK, PRIVATE, NOWHERE].some((list) => isIn(list, host))
  })
}

/** The bare address, or none when the text is not one that a peer could listen on. */
function parse(text: string): Multiaddr[] {
  try {
    const address = multiaddr(text)
    return isPlain(address) ? [withoutPeerId(address)] : []
  } catch {
    return []
  }
}

/** TCP at a host, or the memory transport of tests. Others lead to no peer: a socket file of this machine, a relay. */
function isPlain(address: Multiaddr): boolean {
  const [host, transport, ...more] = address.getComponents()
  if (host?.name === 'memory') {
    return true
  }
  const isHost = ['ip4', 'ip6', 'dns', 'dns4', 'dns6'].includes(host?.name ?? '')
  const isTcp = transport?.name === 'tcp' && transport.value !== '0'
  return isHost && isTcp && more.every(({ name }) => name === 'p2p')
}

function withoutPeerId(address: Multiaddr): Multiaddr {
  return multiaddr(String(address).replace(/\/p2p\/.*/, ''))
}

/** The IP address, or none when there is a name or no host in its place. */
function hostOf(address: Multiaddr): string | undefined {
  const [host] = address.getComponents()
  return host?.name === 'ip4' || host?.name === 'ip6' ? host.value : undefined
}

function networks(...cidrs: string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return list
}

function isIn(list: BlockList, host: string): boolean {
  return host !== '' && list.check(host, familyOf(host))
}

function familyOf(host: string): 'ipv4' | 'ipv6' {
  return isIPv4(host) ? 'ipv4' : 'ipv6'
}
