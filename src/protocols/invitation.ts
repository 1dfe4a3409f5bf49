/**
 * An invitation: one word that says where a coordinator is, who it is, and the key that it accepts instead of the
 * swarm's secret. It is made to survive chats and terminals: it has no characters that these treat specially, and
 * characters that they insert between and around its letters do no harm. Pure; its input may come from anyone.
 *
 * The word is `potluck1` (1 is the version) and, in base32, small letters without padding:
 *
 *     2 bytes     length of all the bytes, these two included; most significant first, as are all numbers
 *     1 + 0 / 32  length of the key, the key; none: the coordinator asks for none
 *     1 + n       length of the PeerId's multihash, the multihash
 *     1           number of addresses
 *     1 + n each  length of a multiaddr, the multiaddr
 *     4           CRC-32 (IEEE 802.3) of all before, against typing errors; anyone can make invitations of their own
 */
import { crc32 } from 'node:zlib'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { toString as encode } from 'uint8arrays/to-string'
import { exposedAddresses } from '../core/exposure.ts'
import { inTurn } from '../core/in-turn.ts'

export interface Invitation {
  /** Where the coordinator listens, each with its PeerId. */
  addresses: string[]
  peerId: string
  /** The key that coordinator and peer prove to each other that they have; undefined: the coordinator asks for none. */
  key: Uint8Array | undefined
}

export const INVITATION_KEY_BYTE_LENGTH = 32

/** More than the useful addresses of a machine; a peer tries all at once. */
export const MAX_INVITED_ADDRESSES = 8

/** A multiaddr with a long domain name. With it the whole invitation has at most 900 characters, usually 160. */
const MAX_ADDRESSES_BYTE_LENGTH = 400

/** Longer than the longest one after any chat or terminal. */
export const MAX_INVITATION_TEXT_LENGTH = 16 * 1024

const PREFIX = 'potluck1'
const LENGTH_BYTE_LENGTH = 2
const CHECKSUM_BYTE_LENGTH = 4

/** This many letters of base32 are whole bytes, five of them. */
const WHOLE_LETTERS = 8

/** The length, no key, no PeerId and no address, the checksum: fewer bytes are no invitation. */
const MIN_BYTE_LENGTH = LENGTH_BYTE_LENGTH + 3 + CHECKSUM_BYTE_LENGTH
const MAX_BYTE_LENGTH =
  MIN_BYTE_LENGTH + INVITATION_KEY_BYTE_LENGTH + 255 + MAX_ADDRESSES_BYTE_LENGTH + MAX_INVITED_ADDRESSES

export type InvitationProblem = 'absent' | 'cut-off' | 'mistyped' | 'version'

/** Why a text is no invitation, in a sentence that does not show the text: it may be most of a good one. */
export class InvitationError extends Error {
  readonly problem: InvitationProblem

  constructor(problem: InvitationProblem) {
    super(SENTENCES[problem])
    this.name = 'InvitationError'
    this.problem = problem
  }
}

const SENTENCES: Readonly<Record<InvitationProblem, string>> = {
  absent: `there is no invitation: it is a word that begins with "${PREFIX}"; copy the one that the coordinator printed`,
  'cut-off': 'this invitation is cut off; copy it whole, from the first letter to the last',
  mistyped: 'a character of this invitation is wrong or missing; copy it again instead of typing it',
  version: 'this invitation is of another version of Potluck; install the same release on all machines'
}

/** @throws Error when an address is not valid, or does not fit */
export function writeInvitation({ addresses, peerId, key }: Invitation): string {
  const told = addresses.map((address) => bare(multiaddr(address)).bytes)
  const hash = peerIdFromString(peerId).toMultihash().bytes
  const counted = (part: Uint8Array): Uint8Array[] => [Uint8Array.of(part.byteLength), part]
  const body = concat([
    ...counted(key ?? new Uint8Array()),
    ...counted(hash),
    Uint8Array.of(told.length),
    ...told.flatMap(counted)
  ])
  const byteLength = LENGTH_BYTE_LENGTH + body.byteLength + CHECKSUM_BYTE_LENGTH
  if (told.length > MAX_INVITED_ADDRESSES || byteLength > MAX_BYTE_LENGTH) {
    throw new Error(`an invitation with ${told.length} addresses and ${byteLength} bytes is too long`)
  }
  const checked = concat([numberOf(byteLength, LENGTH_BYTE_LENGTH), body])
  return PREFIX + encode(concat([checked, numberOf(crc32(checked), CHECKSUM_BYTE_LENGTH)]), 'base32')
}

/**
 * Reads the first invitation in a text, even from a whole command, broken into lines, or in quotes.
 *
 * @throws InvitationError
 */
export function readInvitation(text: string): Invitation {
  const letters = text
    .slice(0, MAX_INVITATION_TEXT_LENGTH)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
  const start = letters.indexOf(PREFIX)
  if (start < 0) {
    throw new InvitationError(problemWithoutPrefix(letters))
  }
  const bytes = bytesOf(letters.slice(start + PREFIX.length))
  try {
    return open(bytes)
  } catch {
    // The checksum was right, so someone made it like this on purpose; details of the fault would not help.
    throw new InvitationError('mistyped')
  }
}

function problemWithoutPrefix(letters: string): InvitationProblem {
  if (/potluck[02-9]/.test(letters)) {
    return 'version'
  }
  return letters !== '' && PREFIX.startsWith(letters) ? 'cut-off' : 'absent'
}

/** The whole bytes at the start of the letters, as written. */
function bytesOf(letters: string): Uint8Array {
  const byteLength = lengthIn(letters)
  const needed = Math.ceil((byteLength * 8) / 5)
  if (letters.length < needed) {
    throw new InvitationError(/[^a-z2-7]/.test(letters) ? 'mistyped' : 'cut-off')
  }
  // Spare bits in the last letter are refused there: each invitation has only one spelling.
  const bytes = decoded(letters.slice(0, needed))
  const checked = bytes.subarray(0, -CHECKSUM_BYTE_LENGTH)
  const checksum = numberIn(bytes.subarray(-CHECKSUM_BYTE_LENGTH))
  if (crc32(checked) !== checksum) {
    throw new InvitationError('mistyped')
  }
  return bytes
}

function lengthIn(letters: string): number {
  if (letters.length < WHOLE_LETTERS) {
    throw new InvitationError('cut-off')
  }
  const byteLength = numberIn(decoded(letters.slice(0, WHOLE_LETTERS)).subarray(0, LENGTH_BYTE_LENGTH))
  if (byteLength < MIN_BYTE_LENGTH || byteLength > MAX_BYTE_LENGTH) {
    throw new InvitationError('mistyped')
  }
  return byteLength
}

function decoded(letters: string): Uint8Array {
  try {
    return fromString(letters, 'base32')
  } catch {
    throw new InvitationError('mistyped')
  }
}

function open(bytes: Uint8Array): Invitation {
  let offset = LENGTH_BYTE_LENGTH
  const end = bytes.byteLength - CHECKSUM_BYTE_LENGTH
  const take = (byteLength: number): Uint8Array => {
    if (offset + byteLength > end) {
      throw new Error('a part reaches beyond the end')
    }
    offset += byteLength
    return bytes.slice(offset - byteLength, offset)
  }
  const takeByte = (): number => take(1)[0] ?? 0
  const key = take(takeByte())
  if (key.byteLength !== 0 && key.byteLength !== INVITATION_KEY_BYTE_LENGTH) {
    throw new Error('a key of another length')
  }
  const peerId = peerIdFromString(encode(take(takeByte()), 'base58btc')).toString()
  const addresses = Array.from({ length: takeByte() }, () => addressOf(take(takeByte())))
  const isWrong = addresses.length === 0 || addresses.length > MAX_INVITED_ADDRESSES || offset !== end
  if (isWrong || !addresses.every(isDialable)) {
    throw new Error('other addresses than can be dialled')
  }
  return {
    addresses: addresses.map((address) => `${address}/p2p/${peerId}`),
    peerId,
    key: key.byteLength === 0 ? undefined : key
  }
}

/** Some address bytes do not survive the conversion to text and back: a host name may contain a "/". */
function addressOf(bytes: Uint8Array): Multiaddr {
  const address = multiaddr(multiaddr(bytes).toString())
  if (!equals(address.bytes, bytes)) {
    throw new Error('an address with another spelling')
  }
  return address
}

/**
 * The coordinator's addresses that are worth including: first those that it announces, then IPv4 and IPv6 in turn, so
 * that many of one family leave room for the other. Loopback addresses are included only if there are no others. At
 * most as many as an invitation takes.
 */
export function addressesToInvite(announced: readonly string[], listening: readonly string[]): string[] {
  const isIp6 = (address: string): boolean => address.startsWith('/ip6/')
  const ip6 = listening.filter(isIp6)
  const others = listening.filter((address) => !isIp6(address))
  const all = [...announced, ...inTurn(others, ip6)]
    .map((address) => bare(multiaddr(address)))
    .filter(isDialable)
  const texts = [...new Set(all.map(String))].filter((address) => !LINK_LOCAL.test(address))
  const exposed = exposedAddresses(texts)
  const told: string[] = []
  let byteLength = 0
  for (const address of exposed.length > 0 ? exposed : texts) {
    const more = multiaddr(address).bytes.byteLength
    if (told.length < MAX_INVITED_ADDRESSES && more < 256 && byteLength + more <= MAX_ADDRESSES_BYTE_LENGTH) {
      byteLength += more
      told.push(address)
    }
  }
  return told
}

/** Such addresses mean nothing without an interface, which differs from machine to machine. */
const LINK_LOCAL = /^\/ip6\/fe[89ab]/i

/** TCP at a host, or the memory transport of tests: nothing that opens a file or passes through others. */
function isDialable(address: Multiaddr): boolean {
  const [host, transport, ...more] = address.getComponents()
  if (host?.name === 'memory') {
    return transport === undefined
  }
  const isHost = ['ip4', 'ip6', 'dns', 'dns4', 'dns6'].includes(host?.name ?? '')
  return isHost && transport?.name === 'tcp' && transport.value !== '0' && more.length === 0
}

function bare(address: Multiaddr): Multiaddr {
  return multiaddr(address.toString().replace(/\/p2p\/.*/, ''))
}

/** As this many bytes, most significant first. */
function numberOf(value: number, byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, index) => value >>> (8 * (byteLength - 1 - index)))
}

function numberIn(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0)
}
