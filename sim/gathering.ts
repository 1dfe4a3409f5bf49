/**
 * Gatherings of honest and lying peers, some of which join late or restart: they check who is banned, who is not, and
 * whether the honest get everything. The engine is the peers' own.
 */
import { type Random, seededRandom } from '#potluck/core/random.js'
import { VirtualClock } from './clock.ts'
import { type Conduct, HONEST } from './conduct.ts'
import { LIES, type Lie, POLICIES } from './lies.ts'
import { Network } from './network.ts'
import { SCHEDULERS } from './scheduler.ts'
import { type SimulatedContent, SimulatedPeer } from './simulated-peer.ts'

/**
 * How many corrupt chunks or digests a peer may send: the second one is a liar's. This is the rule, and not the code's
 * constant.
 */
const FALSEHOODS_OF_A_LIAR = 2

/** The usual chunk length, and one that allows at most 16 chunks in flight. */
const USUAL_CHUNK_BYTE_LENGTH = 256 * 1024
const CHUNK_BYTE_LENGTHS = [USUAL_CHUNK_BYTE_LENGTH, 4 * 1024 * 1024]

/** No gathering of these takes longer, however slow its links; one that does is stalled. */
const PATIENCE_MS = 1_800_000

/**
 * How many asks to a liar an honest peer may waste: some for each chunk that exists, since any of them may be refused
 * once, for each chunk that arrived from it, and for each minute.
 */
const ASKS_PER_CHUNK = 2
const ASKS_PER_USEFUL_CHUNK = 4
const ASKS_PER_MINUTE = 12
const FREE_ASKS = 300

/** The pause between two connections of a peer that always reconnects; the mesh waits as long. */
const RECONNECT_MS = 15_000

/**
 * This share of the honest peers joins late, and this share is restarted, at a time up to this long after the start.
 */
const LATE_PART = 0.2
const RESTARTED_PART = 0.2
const TROUBLES_WITHIN_MS = 20_000

/** From the end of a process to the first connection of the next one. */
const RESTART_MS = 2000

/** After the end, messages in flight arrive. */
const AFTERMATH_MS = 15_000

/** The experience of one honest peer with one remote. */
interface Dealings {
  falsehoods: number
  banned: boolean
  asks: number
  useful: number
}

export class Gathering {
  /** For all liars: how often an honest peer received corrupt data from one, and banned one. */
  falsehoods = 0
  bans = 0
  endedAtMs = 0
  readonly #random: Random
  readonly #clock = new VirtualClock()
  readonly #chunkByteLength: number
  readonly #network = new Network(this.#clock, 1)
  readonly #peers: SimulatedPeer[] = []
  /** When the peers that join late or were ended are here. */
  readonly #absentUntilMs = new Map<string, number>()
  readonly #lies = new Map<string, Lie>()
  readonly #honestIds: string[]
  /** The connected peers, by number, and their distance. */
  readonly #pairs: [one: number, other: number, latencyMs: number][] = []
  readonly #contents: SimulatedContent[] = []
  /** By content, who has it at the start. */
  readonly #holders = new Map<string, ReadonlySet<string>>()
  readonly #dealings = new Map<string, Dealings>()
  #askId = 0
  #late = 0
  #restarted = 0

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
      this.#peers.push(this.#peer(id, index, ({ root }) => this.#bringsAll(id, root)))
    })
    for (const id of this.#honestIds) {
      const isLate = random() < LATE_PART
      this.#late += isLate ? 1 : 0
      this.#absentUntilMs.set(id, isLate ? random() * TROUBLES_WITHIN_MS : 0)
      if (!isLate && random() < RESTARTED_PART) {
        this.#clock.at(random() * TROUBLES_WITHIN_MS, () => this.#restart(id))
      }
    }
    this.#connectAll()
  }

  /** The number of each kind; of the honest, how many joined late or were restarted so far. */
  get counts(): { honest: number; late: number; restarted: number; liars: number; contents: number } {
    return {
      honest: this.#honestIds.length,
      late: this.#late,
      restarted: this.#restarted,
      liars: this.#lies.size,
      contents: this.#contents.length
    }
  }

  /** The behaviours of the liars, by name. */
  get lies(): string[] {
    return [...this.#lies.values()].map(({ name }) => name)
  }

  /** Runs it to its end, and judges it. @throws Error when the promise is broken */
  run(): void {
    while (!this.#isComplete && this.#clock.nowMs < PATIENCE_MS && this.#clock.step()) {
      // Until the honest have everything that an honest peer brought.
    }
    this.endedAtMs = this.#clock.nowMs
    if (!this.#isComplete) {
      throw new Error(this.#describe(`not complete after ${PATIENCE_MS / 1000} s`))
    }
    while (this.#clock.nowMs < this.endedAtMs + AFTERMATH_MS && this.#clock.step()) {
      // Messages in flight.
    }
    for (const [pair, { falsehoods, banned }] of this.#dealings) {
      if (banned !== falsehoods >= FALSEHOODS_OF_A_LIAR) {
        throw new Error(
          this.#describe(`${pair}: ${falsehoods} falsehoods, ${banned ? 'banned' : 'not banned'}`)
        )
      }
    }
  }

  /** Every content has one or two peers that bring it, each honest or not. */
  #makeContents(ids: readonly string[]): void {
    const random = this.#random
    for (let number = 0; number < 2 + below(4, random); number++) {
      const origin = oneOf(ids, random)
      const holders = new Set(random() < 0.5 ? [origin] : [origin, oneOf(ids, random)])
      const root = `content${number}`
      // If several bring it, no copy is a first one.
      this.#contents.push({
        root,
        chunkCount: 1 + below(12, random),
        origin: holders.size === 1 ? origin : undefined
      })
      this.#holders.set(root, holders)
    }
  }

  #bringsAll(id: string, root: string): boolean {
    return this.#lies.get(id)?.claimsAll === true || this.#holders.get(root)?.has(id) === true
  }

  /** Its process ends, and another one continues with its disk. It has forgotten which peers lied. */
  #restart(id: string): void {
    const index = this.#peers.findIndex((peer) => peer.id === id)
    const ended = this.#peers[index]
    if (ended === undefined) {
      return
    }
    this.#restarted++
    ended.stop()
    for (const key of [...this.#dealings.keys()].filter((pair) => pair.startsWith(`${id} with `))) {
      this.#dealings.delete(key)
    }
    this.#absentUntilMs.set(id, this.#clock.nowMs + RESTART_MS)
    this.#clock.at(this.#clock.nowMs + RESTART_MS, () => {
      const { state } = ended
      const holds = ({ root }: SimulatedContent, chunkIndex: number): boolean => {
        const chunk = state.chunkOf(root, chunkIndex)
        return chunk !== undefined && state.holds(chunk)
      }
      const peer = this.#peer(id, index, holds)
      this.#peers[index] = peer
      for (const [one, other, latencyMs] of this.#pairs.filter(([...ids]) => ids.includes(index))) {
        this.#connect(one, other, latencyMs)
      }
    })
  }

  #peer(
    id: string,
    index: number,
    holds: (content: SimulatedContent, chunkIndex: number) => boolean
  ): SimulatedPeer {
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
      holds,
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

  /** From 1 to 200 Mbit/s, as often from 1 to 14 as above; large chunks as often as the usual ones. */
  #rate(): number {
    return (125_000 * 200 ** this.#random() * this.#chunkByteLength) / USUAL_CHUNK_BYTE_LENGTH
  }

  #conductOf(lie: Lie | undefined): Conduct {
    return lie === undefined ? HONEST : lie.conduct(this.#random)
  }

  /** All pairs except some: those of honest peers can all go through the first of them. */
  #connectAll(): void {
    const random = this.#random
    const apartPart = random() < 0.5 ? 0 : 0.3
    for (let one = 0; one < this.#peers.length; one++) {
      for (let other = one + 1; other < this.#peers.length; other++) {
        if (one === 0 || random() >= apartPart) {
          this.#pairs.push([one, other, random() * 100])
        }
      }
    }
    for (const pair of this.#pairs) {
      this.#connect(...pair)
    }
  }

  /** Connects the two as soon as both are here. */
  #connect(oneIndex: number, otherIndex: number, latencyMs: number): void {
    const [one, other] = [this.#peers[oneIndex], this.#peers[otherIndex]]
    if (one === undefined || other === undefined) {
      return
    }
    const hereAtMs = Math.max(...[one, other].map(({ id }) => this.#absentUntilMs.get(id) ?? 0))
    if (hereAtMs > this.#clock.nowMs) {
      this.#clock.at(hereAtMs, () => this.#connect(oneIndex, otherIndex, latencyMs))
      return
    }
    const there = this.#network.open(one.index, other.index, latencyMs)
    const back = this.#network.open(other.index, one.index, latencyMs)
    one.connect(other, there)
    other.connect(one, back)
    if ([one, other].some(({ id }) => this.#lies.get(id)?.reconnects === true)) {
      this.#clock.at(this.#clock.nowMs + RECONNECT_MS * (0.5 + this.#random() / 2), () => {
        this.#network.close(there)
        this.#network.close(back)
        this.#connect(oneIndex, otherIndex, latencyMs)
      })
    }
  }

  /** Whether the honest have every content that an honest peer brought. */
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
