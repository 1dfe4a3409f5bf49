/** Which peers a swarm refuses, and why. Pure. */

import { MAX_PEERS } from '../../core/max-peers.ts'
import { foldName, peerNameProblem, printable } from '../../core/names.ts'
import { countOf } from '../../core/units.ts'
import {
  COORDINATION_VERSION,
  MAX_MULTIADDRS_LENGTH,
  type ReportedCapacities
} from '../../protocols/coordination/index.ts'

/** What a peer says of itself when it joins. */
export interface JoinRequest extends ReportedCapacities {
  peerId: string
  version: number
  name: string
  multiaddrs: string[]
}

/** Why a peer is refused, for machines and for people. */
export interface RosterRefusal {
  code:
    | 'VERSION'
    | 'NAME_INVALID'
    | 'NAME_TAKEN'
    | 'ADDRESSES_INVALID'
    | 'STARTED'
    | 'FULL'
    | 'ENDED'
    | 'MANIFESTS_INVALID'
    | 'SHARE_CHANGED'
    | 'LEFT_OUT'
  message: string
}

/** The state of a swarm when a peer asks to join. */
interface Swarm {
  members: ReadonlyArray<{ peerId: string; name: string }>
  /** It has started, and admits no late peers. */
  isShut: boolean
  isComplete: boolean
}

/** Why no message of that version is understood; undefined when they are. */
export function versionRefusal(version: number): RosterRefusal | undefined {
  return version === COORDINATION_VERSION
    ? undefined
    : {
        code: 'VERSION',
        message: `it speaks version ${version} of the protocol and this coordinator version ${COORDINATION_VERSION}; install the same release on both`
      }
}

/** Why a swarm refuses it; undefined when it is accepted, as a new member or as one that returns. */
export function joinRefusal(
  { peerId, version, name, multiaddrs }: JoinRequest,
  { members, isShut, isComplete }: Swarm
): RosterRefusal | undefined {
  const known = members.find((member) => member.peerId === peerId)
  const otherVersion = versionRefusal(version)
  if (otherVersion !== undefined) {
    return otherVersion
  }
  const problem = peerNameProblem(name)
  if (problem !== undefined) {
    return { code: 'NAME_INVALID', message: `its name "${printable(name)}" has ${problem}` }
  }
  if (multiaddrs.join(' ').length > MAX_MULTIADDRS_LENGTH) {
    return {
      code: 'ADDRESSES_INVALID',
      message: 'it has too many addresses; list those that others can reach with "announce"'
    }
  }
  if (isComplete && known === undefined) {
    return { code: 'ENDED', message: 'the swarm is complete; start the coordinator again for a new one' }
  }
  if (known !== undefined && known.name !== name) {
    return {
      code: 'NAME_TAKEN',
      message: `this identity is in the swarm as "${known.name}" already; start it under that name, or with another collection folder`
    }
  }
  if (known === undefined && members.some((member) => foldName(member.name) === foldName(name))) {
    return {
      code: 'NAME_TAKEN',
      message: `a peer named "${printable(name)}" is in the swarm already; choose another name (--name), or use the collection folder of its first start to return as that peer, or start a new swarm (the coordinator with --new)`
    }
  }
  if (known === undefined && isShut) {
    return {
      code: 'STARTED',
      message: `the swarm started with its ${countOf(members.length, 'peer')}, and its coordinator admits no late ones (--late no)`
    }
  }
  if (known === undefined && members.length >= MAX_PEERS) {
    return { code: 'FULL', message: `the swarm has ${MAX_PEERS} peers, which is the most` }
  }
  return undefined
}
