/** The ways in which a peer of a simulated gathering lies. */
import type { Random } from '#potluck/node/exchange/swarm-state.js'
import type { Answer, Conduct } from '#potluck/simulator/conduct.js'

export interface Lie {
  /** What is said of whoever does it. */
  name: string
  /** It tells everybody that it holds everything. */
  claimsAll: boolean
  /** It tells of its uplink this many times what it is. */
  estimateFactor: number
  /** Each liar has its own. */
  conduct(random: Random): Conduct
}

/** How often one who lies now and then does. */
const NOW_AND_THEN = 0.3

function always(chunk: Answer, digests: Answer): () => Conduct {
  return () => ({ chunk: () => chunk, digests: () => digests })
}

function lie(name: string, conduct: (random: Random) => Conduct, traits: Partial<Lie> = {}): Lie {
  return { name, claimsAll: true, estimateFactor: 1, conduct, ...traits }
}

/** Each getter is told the truth or a lie, all the time. */
function onlyToSome(random: Random): Conduct {
  const lies = new Map<string, Answer>()
  const answer = (getter: string): Answer => {
    const chosen = lies.get(getter) ?? (random() < 0.5 ? 'false' : 'true')
    lies.set(getter, chosen)
    return chosen
  }
  return { chunk: answer, digests: answer }
}

function nowAndThen(chances: readonly Answer[]): (random: Random) => Conduct {
  return (random) => {
    const answer = (): Answer =>
      random() < NOW_AND_THEN ? (chances[Math.floor(random() * chances.length)] ?? 'false') : 'true'
    return { chunk: answer, digests: answer }
  }
}

/** As many times true as it takes to be trusted, then false. */
function turncoat(random: Random): Conduct {
  let honest = Math.floor(random() * 8)
  return { chunk: () => (honest-- > 0 ? 'true' : 'false'), digests: () => 'true' }
}

/** One false answer to each getter, and no second. */
function once(): Conduct {
  const told = new Set<string>()
  const answer = (getter: string): Answer => {
    const first = !told.has(getter)
    told.add(getter)
    return first ? 'false' : 'true'
  }
  return { chunk: answer, digests: () => 'true' }
}

export const LIES: readonly Lie[] = [
  lie('sends false chunks', always('false', 'true')),
  lie('sends false chunks of what it brings', always('false', 'true'), { claimsAll: false }),
  lie('sends false chunks, and says that its uplink is fast', always('false', 'true'), {
    estimateFactor: 100
  }),
  lie('sends false digests', always('true', 'false')),
  lie('sends nothing true', always('false', 'false')),
  lie('lies now and then', nowAndThen(['false'])),
  lie('lies or is silent now and then', nowAndThen(['false', 'none'])),
  lie('lies to some', onlyToSome),
  lie('lies once to each', once),
  lie('lies once it is trusted', turncoat),
  lie('sends no chunks', always('none', 'true')),
  lie('sends nothing at all', always('none', 'none')),
  lie('passes nothing on', always('none', 'none'), { claimsAll: false, estimateFactor: 100 })
]
