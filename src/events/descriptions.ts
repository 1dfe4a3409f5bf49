/**
 * When each event is emitted and what its fields mean, for docs/events.md, which is generated from these sentences and the
 * schemas. Fields whose names explain themselves have no description.
 */
import type { CoordinatorEvent } from './coordinator.ts'
import type { PeerEvent } from './peer.ts'

export interface EventDescription {
  /** When it is emitted. */
  when: string
  /** By the path of a field, such as `peers[].name`. */
  fields?: Readonly<Record<string, string>>
}

/** Fields that mean the same wherever they are. */
export const FIELDS: Readonly<Record<string, string>> = {
  address: 'a multiaddr',
  byteLength: 'in bytes',
  chunkIndex: 'counted from 0',
  file: '`<origin>/<path>`, as in a collection',
  from: 'the name of the peer that sends',
  md5: 'in hexadecimal',
  message: 'a sentence for people',
  multiaddrs: 'addresses, without those that only this process knows',
  origin: 'the name of the peer that brought the file',
  remote: 'the name of the other peer',
  root: 'the SHA-256 over all chunk digests of the content, which names it'
}

const RESULTS = {
  results: 'the table of times, one entry for each peer',
  'results[].registeredAtMs': 'by the swarm clock',
  'results[].completedAtMs': 'by the swarm clock; absent while the peer lacks something',
  leftOut: 'members without whose files the swarm started; absent if there are none'
}

const BOUND = {
  boundMs: 'the least time that the links allow',
  term: 'which part of the bound is the largest',
  boundPeer: 'the peer whose link that is, if it is a single peer’s',
  basis: 'whether capacities were configured or measured'
}

const TRANSFERS = (path: string): Record<string, string> => ({
  [`${path}.flows`]: 'chunk bytes received, by sender',
  [`${path}.chunks`]: 'received and stored',
  [`${path}.chunkTimes`]: 'how many of them took how long, in classes that grow by a constant factor',
  [`${path}.duplicates`]: 'how many of these chunks were here already',
  [`${path}.failures`]: 'chunks that were asked for and did not arrive',
  [`${path}.stalls`]: 'connections that were ended because they carried nothing',
  [`${path}.disconnections`]: 'connections with peers that ended'
})

const WITH_DECLINED = { declinedFiles: 'files of others that it does without; absent if there are none' }

const SHARED = {
  serving: {
    when: 'After the start, if it serves pages or metrics over HTTP.',
    fields: { insteadOf: 'the usual address, which was in use' }
  },
  warning: { when: 'Something needs attention; the run goes on.' },
  error: { when: 'The run ends with this error.', fields: { code: 'an error code, see below' } },
  stopped: { when: 'The last event of a role.' }
} satisfies Record<string, EventDescription>

export const PEER_EVENTS: Readonly<Record<PeerEvent['event'], EventDescription>> = {
  ...SHARED,
  started: { when: 'The peer listens.' },
  limits: {
    when: 'After the start if there are limits, and whenever they change. An absent limit is no limit.'
  },
  hashing: { when: 'While it reads its shares.' },
  hashed: { when: 'It has read its shares.' },
  'coordinator-unreachable': { when: 'An attempt to reach the coordinator failed.' },
  'coordinator-connected': { when: 'An attempt to reach the coordinator succeeded.' },
  registered: {
    when: 'It has a place in the swarm.',
    fields: {
      clockOffsetMs: 'the swarm clock minus its own',
      rejoined: 'whether it had this place before'
    }
  },
  arrivals: {
    when: 'Whenever a peer joins, until all are here.',
    fields: { names: 'the first peers that joined' }
  },
  'manifests-published': { when: 'The coordinator has its list of files.' },
  roster: { when: 'All members are here, or one of them has changed.' },
  catalog: {
    when: 'It knows the files of all members, and which of them it lacks.',
    fields: {
      missing: 'contents to fetch, each by one of its files',
      declined: 'files of others that it does without; absent if there are none'
    }
  },
  preview: {
    when: 'Only with `--dry-run`: what a run would fetch, from the lists of files so far.',
    fields: {
      joined: 'how many peers are here',
      'peers[].files': 'the files that it has published so far',
      'peers[].wanted': 'the part of these that this peer would fetch, or has',
      'peers[].hereBytes':
        'of these, what is here: complete files of that name and length, and parts of others',
      'peers[].movedAside': 'files of another length, or folders, that have the name of a wanted file',
      freeBytes: 'on the disk of the collection; absent if unknown'
    }
  },
  asking: {
    when: 'On a terminal, before it fetches much: a person is asked. Until the answer it fetches nothing, and serves.',
    fields: {
      missingBytes: 'what there is to fetch',
      'peers[].files': 'that it brings',
      'peers[].wanted': 'of these, what this peer fetches or has',
      'peers[].hereBytes': 'of these, what is here',
      freeBytes: 'on the disk of the collection; absent if unknown'
    }
  },
  'peer-connected': { when: 'A connection with another peer is in use.' },
  'peer-disconnected': { when: 'The connection with another peer ended.' },
  'dial-failed': { when: 'The first, fourth, sixteenth … attempt in a row to reach a peer failed.' },
  'out-of-reach': {
    when: 'Once, if it has no connection with some peers after a while.',
    fields: {
      alone: 'whether these are all other peers',
      relayed: 'whether the coordinator relays'
    }
  },
  'peer-stalled': { when: 'A connected peer sends nothing that it was asked for.' },
  'peer-banned': { when: 'A peer sent corrupt data too often, and is no longer used as a source.' },
  availability: { when: 'Another peer announces which chunks it has.' },
  digests: { when: 'The chunk digests of a content are here and match its root.' },
  'digests-failed': { when: 'A peer did not send the chunk digests of a content, or sent corrupt ones.' },
  'chunk-requested': { when: 'It asks a peer for a chunk.' },
  'chunk-stored': {
    when: 'A chunk is verified and stored.',
    fields: { elapsedMs: 'from its request to its place on disk', again: 'it was here already' }
  },
  'chunk-failed': { when: 'A request for a chunk failed.' },
  'chunk-sent': {
    when: 'A chunk was sent to a peer.',
    fields: {
      to: 'the name of the receiving peer',
      elapsedMs: "from the request's arrival until its last byte was passed on"
    }
  },
  'chunk-unreadable': {
    when: 'A chunk that another peer asks for cannot be read here.',
    fields: { to: 'the name of the peer that asks; absent in logs of earlier releases' }
  },
  'moved-aside': {
    when: 'Something was in the place of a received file, and is kept under another name.',
    fields: { path: 'where it was, in the collection', movedTo: 'where it is now' }
  },
  'disk-full': { when: 'The disk is full. Receiving pauses, serving goes on.' },
  'file-complete': {
    when: 'All of a file is here and verified.',
    fields: {
      elapsedMs: "since this peer's registration",
      local: 'whether no byte of it was received over the network in this run',
      checkedAtMs:
        'when an earlier run read and hashed it, in milliseconds since 1970; absent if this run did'
    }
  },
  'file-failed': { when: 'It gives a file up, and goes on with all others.' },
  'file-lost': { when: 'Another program changed or removed a complete file. It is fetched again.' },
  progress: { when: 'Once per second while it changes.' },
  'peer-complete': {
    when: 'It has every file that it wants, and goes on serving.',
    fields: {
      ...WITH_DECLINED,
      checkedEarlier: 'how many files only an earlier run checked; absent if there are none'
    }
  },
  'peer-short': {
    when: 'It has everything that it can get, and goes on serving.',
    fields: { files: 'how many it ends without' }
  },
  bound: { when: 'The lower bound is known, or has changed notably.', fields: BOUND },
  'coordinator-lost': {
    when: 'The connection to the coordinator broke or was closed.',
    fields: { reset: 'whether it broke without a goodbye' }
  },
  'swarm-complete': {
    when: 'All peers have everything.',
    fields: {
      ...RESULTS,
      ...BOUND,
      makespanMs: 'from the first registration to the last completed file',
      exchangeMs: 'the part of it from the complete catalog on; absent in logs of earlier releases',
      alone: 'it saw this for itself, without a coordinator, and knows only its own times',
      efficiency: 'the bound divided by `exchangeMs`; absent if no capacity is known'
    }
  },
  'swarm-incomplete': { when: 'The swarm ended, and something is missing.', fields: RESULTS }
}

export const COORDINATOR_EVENTS: Readonly<Record<CoordinatorEvent['event'], EventDescription>> = {
  ...SHARED,
  started: {
    when: 'The coordinator listens.',
    fields: {
      clockZeroUnixMs: 'when the swarm clock showed 0, in milliseconds since 1970, by this machine’s clock'
    }
  },
  'carried-on': {
    when: 'After the start, if it carries on an unfinished swarm.',
    fields: {
      file: 'the file that the swarm was saved in',
      peers: 'its members',
      complete: 'how many of them had everything'
    }
  },
  registered: {
    when: 'A peer has a place in the swarm.',
    fields: {
      joined: 'how many peers have one',
      rejoined: 'whether it had this place before',
      late: 'the swarm had started without it'
    }
  },
  'expected-peers': {
    when: 'Before the swarm starts, when the number of peers that it waits for has changed.',
    fields: { joined: 'how many are here' }
  },
  'started-early': {
    when: 'The swarm starts with fewer peers than expected.',
    fields: { peers: 'how many are here', why: 'someone asked for it, or `startAfterMs` is over' }
  },
  observed: { when: 'A peer looked at the lists of files so far (`--dry-run`), and took no place.' },
  refused: {
    when: 'A node was refused. `peer` is its name, or its PeerId if it gave no name.'
  },
  roster: { when: 'All members are here, or one of them has changed.' },
  'manifests-published': { when: 'A peer has published its list of files.' },
  catalog: {
    when: 'All lists are here, and the exchange begins. Again when a late peer has brought files.',
    fields: {
      files: 'how many files all lists have together',
      byteLength: 'the total bytes of these files',
      entries: 'all files, in the order of their names; with `added`, only the new ones',
      added: 'a late peer brought the entries'
    }
  },
  choice: {
    when: 'A peer does without some files of others, or wants others than before.',
    fields: {
      files: 'how many it wants',
      byteLength: 'the total bytes of these files',
      ofFiles: 'how many the others bring',
      declined: 'origins of which it does without any file',
      'declined[].files':
        'a bit for each file of the origin in the order of the catalog, as hexadecimal bytes with the most significant bit first: 1 if the peer does without it'
    }
  },
  progress: { when: 'Once per second while it changes.' },
  activity: {
    when: 'Once per second, what has changed in the peers’ reports. Not in log files.',
    fields: {
      ...TRANSFERS('peers[].transfers'),
      'peers[].contents': 'contents of which it has more, or less, than in its last report',
      'peers[].contents[].cells':
        'the content in stretches of equal length: the share of each that the peer has, from 0 to 255',
      'peers[].waiting': 'why the peer receives nothing, if it knows',
      'peers[].waiting.remotes': 'the peers whose files have no source'
    }
  },
  transfers: { when: 'At the end: the sum of each peer’s transfers.', fields: TRANSFERS('peers[]') },
  relayed: {
    when: 'Once per second while it changes, with `relay: true`.',
    fields: { relayedBytes: 'in total' }
  },
  'file-complete': {
    when: 'A peer has all of a file.',
    fields: { elapsedMs: 'since its registration' }
  },
  'peer-complete': {
    when: 'A peer has every file that it wants.',
    fields: { elapsedMs: 'since its registration', ...WITH_DECLINED }
  },
  'peer-short': {
    when: 'A peer has everything that it can get, and goes on serving.',
    fields: { files: 'how many it ends without' }
  },
  'peer-lost': { when: 'The connection to a peer ended.' },
  capacities: {
    when: 'A peer reports another capacity of its link, for example when its limits change. An absent one is unknown.'
  },
  bound: { when: 'The lower bound is known, or has changed notably.', fields: BOUND },
  'swarm-complete': {
    when: 'All peers have everything.',
    fields: {
      ...RESULTS,
      ...BOUND,
      makespanMs: 'from the first registration to the last completed file',
      exchangeMs: 'the part of it from the complete catalog on; absent in logs of earlier releases',
      relayedBytes: 'the bytes that the relay carried, which are part of what the peers sent',
      efficiency: 'the bound divided by `exchangeMs`; absent if no capacity is known'
    }
  },
  'swarm-incomplete': { when: 'The swarm ended, and something is missing.', fields: RESULTS }
}
