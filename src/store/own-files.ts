/**
 * Which files Potluck wrote for itself or keeps private, recognised by their first bytes, because an earlier run may
 * have given them other names in other places; and what a peer says of them. Pure; the bytes may be of any file.
 */
import { printable } from '../core/names.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { PeerEvent } from '../events/peer.ts'

/** With `secret` and `identity` anyone can enter a swarm or pose as a peer: a share that contains one is refused. */
export type OwnFile = 'secret' | 'identity' | 'invitation' | 'state' | 'log' | 'report' | 'output'

/** A log's first event has about a hundred bytes, an invitation up to 900 letters; nothing here needs more. */
export const HEAD_BYTE_LENGTH = 8192

/** The longest key that `keys/private-file.ts` reads, and more than an invitation has in a chat. */
const MAX_WORD_BYTE_LENGTH = 4096

/** An Ed25519 key as a libp2p protobuf: its type, then 64 bytes. */
const IDENTITY_START = [0x08, 0x01, 0x12, 0x40]
const IDENTITY_BYTE_LENGTH = IDENTITY_START.length + 64

/** A secret at the start of a line, or as the value of a variable or a setting; quotes do not matter. */
const SECRET = /(?:^|[=:])[^\w\n]*potluck-secret-[\w-]{43}(?![\w-])/m

/**
 * As in `protocols/invitation.ts`, letters and digits count; that file is not used because its libraries take long to
 * load.
 */
const INVITATION_LETTERS = /^(?:(?:export)?potluckinvitation)?potluck1([a-z2-7]{8,})$/
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

const STATE_START = /^\{"version":\d+,"clockZeroUnixMs":[-\d]/

const REPORT_DATA_START = '{"format":"potluck-report",'
const REPORT_PAGE_START =
  /^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-[\s\S]*<title>[^<]* Potluck<\/title>/

/** `view/log.ts` uses 13 columns for the clock and 23 for the event. */
const TEXT_LOG_LINE = /^(?=.{13} ms {2}(?:.{23} {2}|[a-z-]+$)) *-?\d+\.\d{3} ms {2}([a-z-]+)(?: {2}|$)/

/** On a machine with a hundred addresses, the first event is longer than the head. */
const LOG_START = /^\{(?:"peer":"(?:[^"\\]|\\.)*",)?"event":"started","peerId":"\w+","multiaddrs":\[/

/** The start of a peer's or coordinator's output, in a file that it was redirected to; it contains an invitation. */
const OUTPUT_START =
  /^(?: *[\d.]+ \w{1,3} {2}|.{1,64}: )(?:listen\w* on (?:\/(?:ip[46]|dns\w*)\/|.*12D3KooW\w{44})|not listening for connections\n)/

/**
 * @param head the first bytes of the file: all of them, or `HEAD_BYTE_LENGTH`
 * @param byteLength the length of the whole file
 * @returns undefined when it is no such file
 */
export function ownFileIn(head: Uint8Array, byteLength: number): OwnFile | undefined {
  if (byteLength === IDENTITY_BYTE_LENGTH && IDENTITY_START.every((byte, index) => head[index] === byte)) {
    return 'identity'
  }
  const text = textOf(head)
  if (byteLength <= MAX_WORD_BYTE_LENGTH) {
    if (text.includes('potluck-secret-') && SECRET.test(text)) {
      return 'secret'
    }
    if (isInvitation(text)) {
      return 'invitation'
    }
  }
  if (STATE_START.test(text)) {
    return 'state'
  }
  if (text.startsWith(REPORT_DATA_START) || REPORT_PAGE_START.test(text)) {
    return 'report'
  }
  if (OUTPUT_START.test(text)) {
    return 'output'
  }
  return isLog(text) ? 'log' : undefined
}

/** All patterns are ASCII. Windows PowerShell redirects as UTF-16. */
function textOf(head: Uint8Array): string {
  const isUtf16 = head[0] === 0xff && head[1] === 0xfe
  return Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString(isUtf16 ? 'utf16le' : 'latin1')
}

/** Whether it is one invitation and nothing else, whatever a chat has inserted between its letters. */
function isInvitation(text: string): boolean {
  if (!/^[^a-z0-9]*(?:p|export)/i.test(text)) {
    return false
  }
  const letters = text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const [, word = ''] = INVITATION_LETTERS.exec(letters) ?? []
  return word !== '' && word.length === Math.ceil((byteLengthIn(word) * 8) / 5)
}

/** The number in the first two bytes of base32 text: how many bytes there are. */
function byteLengthIn(word: string): number {
  const bits = [...word.slice(0, 4)].reduce((value, letter) => value * 32 + BASE32.indexOf(letter), 0)
  return bits >>> 4
}

/** Whether it begins with an event, as a log does from the moment that it has a name. */
function isLog(text: string): boolean {
  const [line = ''] = text.split('\n', 1)
  const event = line.startsWith('{') ? eventIn(line) : TEXT_LOG_LINE.exec(line)?.[1]
  return LOG_START.test(line) || (event !== undefined && Object.hasOwn(EVENTS, event))
}

/** The name of an event that is written as JSON, with the time and the name of a peer or coordinator. */
function eventIn(line: string): string | undefined {
  const value = line.includes('"atMs":') ? parsed(line) : undefined
  if (
    typeof value !== 'object' ||
    value === null ||
    !('event' in value && 'atMs' in value && 'peer' in value)
  ) {
    return undefined
  }
  const { event, atMs, peer } = value
  return typeof event === 'string' && typeof atMs === 'number' && typeof peer === 'string' ? event : undefined
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The compiler requires every existing event here. */
const EVENTS: Record<PeerEvent['event'] | CoordinatorEvent['event'], true> = {
  activity: true,
  arrivals: true,
  availability: true,
  bound: true,
  capacities: true,
  'carried-on': true,
  catalog: true,
  asking: true,
  choice: true,
  observed: true,
  preview: true,
  'chunk-failed': true,
  'chunk-requested': true,
  'chunk-sent': true,
  'chunk-stored': true,
  'chunk-unreadable': true,
  'coordinator-connected': true,
  'coordinator-lost': true,
  'coordinator-unreachable': true,
  'dial-failed': true,
  digests: true,
  'digests-failed': true,
  'disk-full': true,
  error: true,
  'expected-peers': true,
  'file-complete': true,
  'file-failed': true,
  'file-lost': true,
  hashed: true,
  hashing: true,
  limits: true,
  'manifests-published': true,
  'moved-aside': true,
  'out-of-reach': true,
  'peer-banned': true,
  'peer-complete': true,
  'peer-connected': true,
  'peer-disconnected': true,
  'peer-lost': true,
  'peer-short': true,
  'peer-stalled': true,
  progress: true,
  refused: true,
  registered: true,
  relayed: true,
  roster: true,
  serving: true,
  started: true,
  'started-early': true,
  stopped: true,
  'swarm-complete': true,
  'swarm-incomplete': true,
  transfers: true,
  warning: true
}

/** Names in the warning; the log has room for 300 characters of a message. */
const MAX_NAMED = 3
const MAX_NAME_LENGTH = 56

const WHAT_IT_IS: Readonly<Record<OwnFile, string>> = {
  secret: 'the secret of a swarm',
  identity: 'the private key of a peer or a coordinator',
  invitation: 'an invitation to a swarm',
  state: 'the unfinished swarm of a coordinator, with its keys',
  log: 'an event log of Potluck',
  report: 'a report of Potluck',
  output: 'the output of a peer or a coordinator'
}

/** Whether a share that contains it is refused altogether. */
export function isKey(own: OwnFile): boolean {
  return own === 'secret' || own === 'identity'
}

/** Why a file is not shared, for a message that begins with its path. */
export function ownFileRefusal(own: OwnFile): string {
  const advice = isKey(own)
    ? 'everyone in the swarm would receive it. Move it to a folder that is not shared, or share other paths.'
    : 'Potluck shares none of its own files. Leave it out, or put it into an archive and share that.'
  return `holds ${WHAT_IT_IS[own]}: ${advice}`
}

/** One line for all files that were left out. @param paths as the others would have seen them, at least one */
export function leftOutWarning(paths: readonly string[]): string {
  return `Potluck does not share its own files and left these out: ${somePaths(paths)}. To share a log or a report, put it into an archive.`
}

/** The first few of many paths, and the number of the rest. */
export function somePaths(paths: readonly string[]): string {
  const named = paths.slice(0, MAX_NAMED).map(shortened)
  const more = paths.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

/** Its end says more than its beginning. */
function shortened(path: string): string {
  const characters = [...printable(path)]
  return characters.length > MAX_NAME_LENGTH
    ? `…${characters.slice(1 - MAX_NAME_LENGTH).join('')}`
    : characters.join('')
}
