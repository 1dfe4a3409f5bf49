/** Gatherings of honest and lying peers in the simulator: who is banned, who is not, and who comes to everything. */
import { type Random, seededRandom } from '#potluck/core/random.js'
import { VirtualClock } from '../../sim/clock.js'
import { type Conduct, HONEST } from '../../sim/conduct.js'
import { Network } from '../../sim/network.js'
import { SCHEDULERS } from '../../sim/scheduler.js'
import { type SimulatedContent, SimulatedPeer } from '../../sim/simulated-peer.js'
import { LIES, type Lie, POLICIES } from './lies.ts'
import type { Torment, TormentOptions } from './torments.ts'

/** False chunks or digests that a peer may have sent: a second one is a liar's. The rule, not the code's constant. */
const FALSEHOODS_OF_A_LIAR = 2

/** The usual chunks, and such of which no more than 16 may be in flight. */
const USUAL_CHUNK_BYTE_LENGTH = 256 * 1024
const CHUNK_BYTE_LENGTHS = [USUAL_CHUNK_BYTE_LENGTH, 4 * 1024 * 1024]

/** No gathering of these takes longer, however slow its links; one that does has come to a standstill. */
const PATIENCE_MS = 1_800_000

/**
 * Asks that an honest peer may make of a liar in vain: so many for each chunk that there is, since any of them may be
 * refused once, for each that came from it, and for each minute.
 */
const ASKS_PER_CHUNK = 2
const ASKS_PER_USEFUL_CHUNK = 4
const ASKS_PER_MINUTE = 12
const FREE_ASKS = 300

/** Between two connections of one who makes ever new ones; the mesh waits for as long. */
const RECONNECT_MS = 15_000

/** After the end: what is under way arrives. */
const AFTERMATH_MS = 15_000

/** How many runs between two looks at whether to stop. */
const RUNS_AT_ONCE = 20

export const lyingPeers: Torment = {
  name: 'liars',
  what: 'gatherings of honest and lying peers, simulated',
  unit: 'gatherings',
  figure: 10_000,
  minutes: 3,
  run: tormentByLiars
}

async function tormentByLiars({ count, seed, signal, onProgress }: TormentOptions): Promise<void> {
  for (let run = 0; run < count; run++) {
    if (run % RUNS_AT_ONCE === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    }
    try {
      new Gathering(seed + run).run()
    } catch (error) {
      throw new Error(`gathering ${run}, of seed ${seed + run}`, { cause: error })
    }
    onProgress(run + 1)
  }
}

/** What one honest peer went through with one remote. */
interface Dealings {
  falsehoods: number
  banned: boolean
  asks: number
  useful: number
}

export class Gathering {
  /** Of all liars: how often an honest peer got anything false from one, and banned one. */
  falsehoods = 0
  bans = 0
  endedAtMs = 0
  readonly #random: Random
  readonly #clock = new VirtualClock()
  readonly #chunkByteLength: number
  readonly #network = new Network(this.#clock, 1)
  readonly #peers: SimulatedPeer[] = []
  readonly #lies = new Map<string, Lie>()
  readonly #honestIds: string[]
  readonly #contents: SimulatedContent[] = []
  /** By content, who has it at the start. */
  readonly #holders = new Map<string, ReadonlySet<string>>()
  readonly #dealings = new Map<string, Dealings>()
  #askId = 0

  constructor(seed: number) {
    const random = seededRandom(seed)
    this.#random = random
    this.#chunkByteLength = oneOf(CHUNK_BYTE_LENGTHS, random)
    const honestCount = 2 + below(4, random)
    const liarCount = 1 + below(4, random)
    const ids = Array.from({ length: honestCount + liarCount }, (_, index) => `peer${index}`)
    this.#honestIds = ids.slice(0, honestCount)
    for (const id of ids.slice(honestCount)) {
      this.#lies.set(id, oneOf(random() < 0.5 ? LIES : POLICIES, random))
    }
    this.#makeContents(ids)
    ids.forEach((id, index) => {
      this.#network.addPeer({ uplinkBytesPerSecond: this.#rate(), downlinkBytesPerSecond: this.#rate() })
      this.#peers.push(this.#peer(id, index))
    })
    this.#connectAll()
  }

  /** Brings it to its end, and judges it. @throws Error when the promise is broken */
  run(): void {
    while (!this.#isComplete && this.#clock.nowMs < PATIENCE_MS && this.#clock.step()) {
      // Until the honest have everything that an honest one brought.
    }
    this.endedAtMs = this.#clock.nowMs
    if (!this.#isComplete) {
      throw new Error(this.#describe(`not complete after ${PATIENCE_MS / 1000} s`))
    }
    while (this.#clock.nowMs < this.endedAtMs + AFTERMATH_MS && this.#clock.step()) {
      // What is under way.
    }
    for (const [pair, { falsehoods, banned }] of this.#dealings) {
      if (banned !== falsehoods >= FALSEHOODS_OF_A_LIAR) {
        throw new Error(
          this.#describe(`${pair}: ${falsehoods} falsehoods, ${banned ? 'banned' : 'not banned'}`)
        )
      }
    }
  }

  /** Every content has one or two who bring it, any of them honest or not. */
  #makeContents(ids: readonly string[]): void {
    const random = this.#random
    for (let number = 0; number < 2 + below(4, random); number++) {
      const origin = oneOf(ids, random)
      const holders = new Set(random() < 0.5 ? [origin] : [origin, oneOf(ids, random)])
      const root = `content${number}`
      // Of several, nobody's copy is a first one.
      this.#contents.push({
        root,
        chunkCount: 1 + below(12, random),
        origin: holders.size === 1 ? origin : undefined
      })
      this.#holders.set(root, holders)
    }
  }

  #peer(id: string, index: number): SimulatedPeer {
    const lie = this.#lies.get(id)
    return new SimulatedPeer({
      id,
      index,
      clock: this.#clock,
      network: this.#network,
      random: this.#random,
      scheduler: SCHEDULERS.potluck,
      contents: this.#contents,
      chunkByteLength: this.#chunkByteLength,
      members: this.#honestIds.length + this.#lies.size - 1,
      holds: ({ root }) => lie?.claimsAll === true || this.#holders.get(root)?.has(id) === true,
      estimateFactor: lie?.estimateFactor ?? 1,
      attentionMs: 0,
      conduct: this.#conductOf(lie),
      asksDigests: true,
      watch: {
        onAsk: (peer, remote) => this.#onAsk(peer, remote),
        onUseful: (peer, remote) => {
          this.#dealingsOf(peer, remote).useful++
        },
        onFalse: (peer, remote) => this.#onFalse(peer, remote),
        onBanned: (peer, remote) => this.#onBanned(peer, remote)
      },
      onStored: () => undefined,
      nextAskId: () => this.#askId++
    })
  }

  /** From 1 to 200 Mbit/s, as often from 1 to 14 as above; of large chunks as many as of the usual ones. */
  #rate(): number {
    return (125_000 * 200 ** this.#random() * this.#chunkByteLength) / USUAL_CHUNK_BYTE_LENGTH
  }

  #conductOf(lie: Lie | undefined): Conduct {
    return lie === undefined ? HONEST : lie.conduct(this.#random)
  }

  /** All pairs but some: those of the honest can all go through the first of them. */
  #connectAll(): void {
    const random = this.#random
    const apartPart = random() < 0.5 ? 0 : 0.3
    this.#peers.forEach((peer, index) => {
      for (const other of this.#peers.slice(index + 1)) {
        if (index === 0 || random() >= apartPart) {
          this.#connect(peer, other, random() * 100)
        }
      }
    })
  }

  #connect(one: SimulatedPeer, other: SimulatedPeer, latencyMs: number): void {
    const there = this.#network.open(one.index, other.index, latencyMs)
    const back = this.#network.open(other.index, one.index, latencyMs)
    one.connect(other, there)
    other.connect(one, back)
    if ([one, other].some(({ id }) => this.#lies.get(id)?.reconnects === true)) {
      this.#clock.at(this.#clock.nowMs + RECONNECT_MS * (0.5 + this.#random() / 2), () => {
        this.#network.close(there)
        this.#network.close(back)
        this.#connect(one, other, latencyMs)
      })
    }
  }

  /** Whether the honest hold all of every content that an honest one brought. */
  get #isComplete(): boolean {
    return this.#contents.every(({ root, chunkCount }) => {
      const hasHonest = this.#honestIds.some((id) => this.#holders.get(root)?.has(id) === true)
      return !hasHonest || this.#honest.every((peer) => heldOf(peer, root, chunkCount) === chunkCount)
    })
  }

  get #honest(): SimulatedPeer[] {
    return this.#peers.filter(({ id }) => !this.#lies.has(id))
  }

  #dealingsOf(peer: string, remote: string): Dealings {
    const key = `${peer} with ${remote}`
    const dealings = this.#dealings.get(key) ?? { falsehoods: 0, banned: false, asks: 0, useful: 0 }
    this.#dealings.set(key, dealings)
    return dealings
  }

  #onAsk(peer: string, remote: string): void {
    const dealings = this.#dealingsOf(peer, remote)
    dealings.asks++
    if (this.#lies.has(peer) || !this.#lies.has(remote)) {
      return
    }
    if (dealings.banned) {
      throw new Error(this.#describe(`${peer} asks ${remote}, whom it banned`))
    }
    const chunkCount = this.#contents.reduce((sum, content) => sum + content.chunkCount, 0)
    const most =
      FREE_ASKS +
      ASKS_PER_CHUNK * chunkCount +
      ASKS_PER_USEFUL_CHUNK * dealings.useful +
      (ASKS_PER_MINUTE * this.#clock.nowMs) / 60_000
    if (dealings.asks > most) {
      throw new Error(
        this.#describe(`${peer} asks ${remote} ${dealings.asks} times, ${dealings.useful} of use`)
      )
    }
  }

  #onFalse(peer: string, remote: string): void {
    if (!this.#lies.has(remote)) {
      throw new Error(this.#describe(`${remote} is honest, and ${peer} got false bytes from it`))
    }
    if (!this.#lies.has(peer)) {
      this.falsehoods++
      this.#dealingsOf(peer, remote).falsehoods++
    }
  }

  #onBanned(peer: string, remote: string): void {
    if (!this.#lies.has(remote)) {
      throw new Error(this.#describe(`${peer} banned ${remote}, who is honest`))
    }
    if (!this.#lies.has(peer)) {
      this.bans++
      this.#dealingsOf(peer, remote).banned = true
    }
  }

  #describe(what: string): string {
    const contents = this.#contents.map(
      ({ root, chunkCount }) => `${root} of ${chunkCount}, from ${[...(this.#holders.get(root) ?? [])]}`
    )
    const liars = [...this.#lies].map(([id, { name }]) => `${id} ${name}`)
    const held = this.#honest.map((peer) => {
      const counts = this.#contents.map(({ root, chunkCount }) => heldOf(peer, root, chunkCount))
      return `${peer.id} holds ${counts}`
    })
    return [what, ...liars, ...contents, ...held].join('; ')
  }
}

function heldOf({ state }: SimulatedPeer, root: string, chunkCount: number): number {
  const first = state.chunkOf(root, 0) ?? 0
  let held = 0
  for (let chunk = first; chunk < first + chunkCount; chunk++) {
    held += state.holds(chunk) ? 1 : 0
  }
  return held
}

function below(limit: number, random: Random): number {
  return Math.floor(random() * limit)
}

function oneOf<T>(choices: readonly T[], random: Random): T {
  const choice = choices[below(choices.length, random)]
  if (choice === undefined) {
    throw new RangeError('nothing to choose from')
  }
  return choice
}
