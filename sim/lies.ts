/** The ways in which a peer of a simulated gathering lies. */
import type { Random } from '#potluck/core/random.js'
import { type Answer, type Conduct, HONEST, type Tale, type Whim } from './conduct.ts'

export interface Lie {
  /** A description of a peer that does it. */
  name: string
  /** It announces to all that it has everything. */
  claimsAll: boolean
  /** It announces this multiple of its uplink. */
  estimateFactor: number
  /** It ends its connections regularly, and makes new ones. */
  reconnects?: boolean
  /** Each liar has its own. */
  conduct(random: Random): Conduct
}

/** How often an occasional liar lies. */
const NOW_AND_THEN = 0.3

function always(chunk: Answer, digests: Answer): () => Conduct {
  return () => ({ chunk: () => chunk, digests: () => digests })
}

function lie(name: string, conduct: (random: Random) => Conduct, traits: Partial<Lie> = {}): Lie {
  return { name, claimsAll: true, estimateFactor: 1, conduct, ...traits }
}

/** Each getter always gets the truth, or always a lie. */
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

/** True often enough to be trusted, then false. */
function turncoat(random: Random): Conduct {
  let honest = Math.floor(random() * 8)
  return { chunk: () => (honest-- > 0 ? 'true' : 'false'), digests: () => 'true' }
}

/** One false answer to each getter, and no second one. */
function once(): Conduct {
  const deceived = new Set<string>()
  const answer = (getter: string): Answer => {
    const first = !deceived.has(getter)
    deceived.add(getter)
    return first ? 'false' : 'true'
  }
  return { chunk: answer, digests: () => 'true' }
}

/** Everything that a provider can do with an ask at once. */
const WHIMS: readonly Whim['what'][] = [
  'cancelled',
  'busy',
  'none-fresh',
  'not-held',
  'unreadable',
  'stream-closed',
  'none',
  'false',
  'same'
]

/** The longest delay of an answer without the scheduler. */
const MAX_WHIM_DELAY_MS = 5000

/**
 * Anything that the protocol lets a peer send: a few kinds of answers, equally often, at once or late; always or
 * sometimes; with false announcements, or without.
 */
function asItPleases(random: Random): Conduct {
  const kinds = WHIMS.filter(() => random() < 0.3)
  const part = random() < 0.5 ? 1 : random()
  const delayMs = random() < 0.5 ? 0 : MAX_WHIM_DELAY_MS * random() ** 3
  const digests: Answer[] = (['true', 'true', 'true', 'false', 'none', 'unknown'] as const).filter(
    () => random() < 0.5
  )
  const whim = (): Whim | undefined =>
    random() < part ? { what: kinds[Math.floor(random() * kinds.length)] ?? 'cancelled', delayMs } : undefined
  const talePart = random() < 0.3 ? 0 : random()
  const isQuiet = random() < 0.3
  return {
    chunk: () => 'true',
    digests: () => digests[Math.floor(random() * digests.length)] ?? 'true',
    whim,
    tale: (chunkCount) => (random() < talePart ? anyTale(chunkCount, random) : undefined),
    isSecretive: isQuiet,
    greed: random() < 0.7 ? 0 : Math.floor(random() * 8)
  }
}

function anyTale(chunkCount: number, random: Random): Tale {
  const chunks = Array.from({ length: chunkCount }, (_, chunk) => chunk).filter(() => random() < 0.5)
  return {
    isRetraction: random() < 0.3,
    chunks,
    status: {
      uplinkBytesPerSecond: 10 ** (12 * random()),
      freshChunks: random() < 0.5 ? 0 : Math.floor(2 ** (32 * random())),
      copiesOwed: random() < 0.5 ? 0 : Math.floor(2 ** (32 * random())),
      takesRequests: random() < 0.7
    }
  }
}

/** One behaviour only, whatever it is asked for, while it keeps announcing that it would do better. */
function only(what: Whim['what'], isTelling: boolean): (random: Random) => Conduct {
  return (random) => ({
    chunk: () => 'true',
    digests: () => 'true',
    whim: () => ({ what, delayMs: 0 }),
    ...(isTelling ? { tale: (chunkCount) => promise(chunkCount, random) } : {})
  })
}

/** It has everything, and sends it. */
function promise(chunkCount: number, random: Random): Tale {
  return {
    isRetraction: random() < 0.1,
    chunks: Array.from({ length: chunkCount }, (_, chunk) => chunk),
    status: { uplinkBytesPerSecond: 1e9, freshChunks: 1, copiesOwed: 0, takesRequests: true }
  }
}

/** Accepts first copies, and does not pass them on. */
function secretive(): Conduct {
  return { chunk: () => 'none', digests: () => 'none', isSecretive: true }
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
  lie('passes nothing on', always('none', 'none'), { claimsAll: false, estimateFactor: 100 }),
  lie('tells nothing of what it gets', secretive, { claimsAll: false, estimateFactor: 100 })
]

/** Liars that send nothing corrupt: a limit on the cost bounds what they can do. */
export const POLICIES: readonly Lie[] = [
  ...WHIMS.filter((what) => what !== 'false').flatMap((what) => [
    lie(`answers ${what}`, only(what, false)),
    lie(`answers ${what}, and promises`, only(what, true))
  ]),
  lie('does as it pleases', asItPleases),
  lie('does as it pleases of what it brings', asItPleases, { claimsAll: false }),
  lie('does as it pleases, over ever new connections', asItPleases, { reconnects: true }),
  lie('cuts its connections', always('true', 'true'), { reconnects: true }),
  lie('never has enough', () => ({ ...HONEST, isSecretive: true, greed: 8 }), {
    claimsAll: false,
    estimateFactor: 100
  })
]
