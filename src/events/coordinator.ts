/** What the coordinator tells of the swarm. */
import type { ErrorCode } from '../protocols/errors.ts'
import type { FileComplete, PeerProgress, PeerResult, RosterMember } from './peer.ts'
import type { EventBase } from './stream.ts'

export type CoordinatorEvent =
  | Event<'started', { peerId: string; multiaddrs: string[]; expectedPeers: number; chunkByteLength: number }>
  | Event<
      'registered',
      { peerId: string; multiaddrs: string[]; joined: number; expectedPeers: number; rejoined: boolean }
    >
  | Event<'refused', { peerId: string; code: string; message: string }>
  | Event<'roster', { members: RosterMember[] }>
  | Event<'manifests-published', { files: number; byteLength: number }>
  | Event<'catalog', { files: number; byteLength: number }>
  | Event<'progress', { peers: SwarmProgress[] }>
  | Event<'file-complete', Omit<FileComplete, 'local'>>
  | Event<'peer-complete', { elapsedMs: number; receivedBytes: number; sentBytes: number }>
  | Event<'peer-lost', { message: string }>
  | Event<'swarm-complete', { makespanMs: number; results: PeerResult[] }>
  | Event<'swarm-incomplete', { reason: string; results: PeerResult[] }>
  | Event<'error', { code: ErrorCode; message: string }>
  | Event<'stopped', { reason: string }>

export interface SwarmProgress extends PeerProgress {
  name: string
  connected: boolean
  complete: boolean
}

type Event<Name extends string, Detail> = EventBase & { event: Name } & Detail
