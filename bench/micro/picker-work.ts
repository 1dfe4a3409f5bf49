/** The choice of the next chunk to ask for: every chunk of a swarm is picked, asked for and stored once. */

import { Bitfield } from '#potluck/core/bitfield.js'
import { DEFAULT_CHUNK_BYTE_LENGTH } from '#potluck/core/chunks.js'
import { seededRandom } from '#potluck/core/random.js'
import { Holdings } from '#potluck/engine/holdings.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import type { Work } from './rounds.ts'

/** 500 MiB, the length of the assignment's files. */
const CHUNKS_PER_FILE = 2000

/** The share of the others' files that each peer has. */
const HELD_SHARE = 0.5

const SEED = 1

export function pickerWork(): Work[] {
  return [4, 32].map((peers) => ({
    name: `pick a chunk, ${peers} peers`,
    unit: 'operations',
    round: (begin) => pickAll(peers, begin)
  }))
}

function pickAll(peers: number, begin: () => void): number {
  const remotes = Array.from({ length: peers - 1 }, (_, index) => new Holdings(`peer${index}`))
  const state = swarmOf(remotes)
  begin()
  let picks = 0
  for (let idle = 0; state.missingChunks > 0 && idle < remotes.length; ) {
    idle = 0
    for (const remote of remotes) {
      const chunk = state.pick(remote, true) ?? state.pick(remote, false)
      if (chunk === undefined) {
        idle++
      } else {
        state.request(chunk)
        state.store(chunk)
        picks++
      }
    }
  }
  return picks
}

/** Each remote brought one file and has parts of all others. */
function swarmOf(remotes: readonly Holdings[]): SwarmState {
  const random = seededRandom(SEED)
  const state = new SwarmState(random)
  const extent = {
    byteLength: CHUNKS_PER_FILE * DEFAULT_CHUNK_BYTE_LENGTH,
    chunkByteLength: DEFAULT_CHUNK_BYTE_LENGTH
  }
  for (const { id } of remotes) {
    state.addContent(id, extent, new Bitfield(CHUNKS_PER_FILE), id)
    state.open(id)
  }
  for (const remote of remotes) {
    for (const { id } of remotes) {
      state.setHoldings(remote, id, id === remote.id, partOfFile(random))
    }
  }
  return state
}

function partOfFile(random: () => number): Uint8Array {
  const held = new Bitfield(CHUNKS_PER_FILE)
  for (let chunkIndex = 0; chunkIndex < CHUNKS_PER_FILE; chunkIndex++) {
    if (random() < HELD_SHARE) {
      held.add(chunkIndex)
    }
  }
  return held.toBytes()
}
