/** A gathering with one of the BitTorrent systems: a torrent for each peer's file, added by all peers at once. */
import type { ProgramCall } from '#potluck/local-run/children.js'
import { Crew } from '../machine/crew.ts'
import { ARIA2_CALL, LIBTORRENT_CALL } from '../torrents/programs.ts'
import { TorrentSwarm } from '../torrents/torrent-swarm.ts'
import type { Gathering, GatheringInit } from './gathering.ts'
import { COORDINATOR } from './hosts.ts'

/** Free: each process has a namespace of its own. */
const PEER_PORT = 6881
const TRACKER_PORT = 6969
const CONTROL_PORT = 6800

export async function gatherWithLibtorrent(init: GatheringInit): Promise<Gathering> {
  return await gatherWith(LIBTORRENT_CALL, init)
}

export async function gatherWithAria2(init: GatheringInit): Promise<Gathering> {
  return await gatherWith(ARIA2_CALL, init)
}

async function gatherWith(program: ProgramCall, init: GatheringInit): Promise<Gathering> {
  const { network, places, logs, meter, signal, onProgress } = init
  const crew = new Crew(network)
  const swarm = new TorrentSwarm({
    crew,
    program,
    encrypted: false,
    places: places.map((place) => {
      const { address, publicAddress } = network.host(place.name)
      return { ...place, address, publicAddress, controlPort: CONTROL_PORT }
    }),
    peerPort: PEER_PORT,
    tracker: { at: COORDINATOR, address: network.host(COORDINATOR).address, port: TRACKER_PORT },
    folder: logs,
    onProcess: (processId, role) => {
      if (role === 'peer' || role === 'tracker') {
        meter.watch(processId)
      }
    },
    onProgress
  })
  try {
    await crew.until(swarm.start(), signal)
    meter.begin()
    swarm.add()
    await crew.until(Promise.all(places.map((_, index) => swarm.completed(index))), signal)
    meter.end()
    // One more report from each, so that it includes everything sent until then.
    await crew.until(swarm.toldAgain(), signal)
    return gatheringOf(swarm, init)
  } finally {
    await crew.end()
  }
}

function gatheringOf({ addingAtMs, completeAtMs, progress }: TorrentSwarm, init: GatheringInit): Gathering {
  const lastAtMs = Math.max(...completeAtMs)
  const duplicates = progress.map((report) => report?.duplicateBytes)
  const known = duplicates.filter((bytes) => bytes !== undefined)
  const duplicateBytes =
    known.length === duplicates.length ? { duplicateBytes: known.reduce((sum, bytes) => sum + bytes, 0) } : {}
  return {
    makespanMs: lastAtMs - addingAtMs,
    finishSpreadMs: lastAtMs - Math.min(...completeAtMs),
    ownSentBytes: new Map(init.places.map(({ name }, index) => [name, progress[index]?.ownSentBytes ?? 0])),
    ...duplicateBytes
  }
}
