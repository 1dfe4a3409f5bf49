/** What a peer knows of the exchange, and which chunk it picks, against a naive model. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { seededRandom } from '#potluck/core/random.js'
import { MAX_CANDIDATES, WINDOW_CHUNKS } from '#potluck/engine/constants.js'
import { Holdings } from '#potluck/engine/holdings.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { fc } from '../fixtures/properties.js'

const CHUNK_BYTES = 1024
const PEERS = ['a', 'b', 'c']

interface ModelContent {
  root: string
  chunks: number[]
  origin: string | undefined
  open: boolean
  declined: boolean
}

/** The same by sets and by looking at everything. */
class Model {
  readonly contents: ModelContent[] = []
  readonly held = new Set<number>()
  readonly requested = new Set<number>()
  /** By peer and root, what it told of. */
  readonly told = new Map(PEERS.map((peer) => [peer, new Map<string, Set<number>>()]))
  /** By peer, the roots of what it told it does without. */
  readonly declined = new Map(PEERS.map((peer) => [peer, new Set<string>()]))
  /** What is tested: what the state keeps of each. */
  readonly remotes = new Map(PEERS.map((peer) => [peer, new Holdings(peer)]))
  chunkCount = 0

  remote(peer: string): Holdings {
    return this.remotes.get(peer) ?? assert.fail()
  }

  add(chunkCount: number, origin: string | undefined, held: Bitfield): ModelContent {
    const chunks = Array.from({ length: chunkCount }, (_, index) => this.chunkCount + index)
    const content = {
      root: `content ${this.contents.length}`,
      chunks,
      origin,
      open: held.complete,
      declined: false
    }
    for (const index of held.held()) {
      this.held.add(this.chunkCount + index)
    }
    this.chunkCount += chunkCount
    this.contents.push(content)
    return content
  }

  contentOf(chunk: number): ModelContent {
    return this.contents.find(({ chunks }) => chunks.includes(chunk)) ?? assert.fail()
  }

  toldOf(peer: string, { root }: ModelContent): Set<number> {
    const told = this.told.get(peer) ?? assert.fail()
    const chunks = told.get(root) ?? new Set()
    told.set(root, chunks)
    return chunks
  }

  holdings(peer: string): Set<number> {
    return new Set([...(this.told.get(peer)?.values() ?? [])].flatMap((chunks) => [...chunks]))
  }

  declinedOf(peer: string): Set<string> {
    return this.declined.get(peer) ?? assert.fail()
  }

  isWanted({ open, declined }: ModelContent, chunk: number): boolean {
    return open && !declined && !this.held.has(chunk) && !this.requested.has(chunk)
  }

  wanted(): Set<number> {
    return new Set(
      this.contents.flatMap((content) => content.chunks.filter((chunk) => this.isWanted(content, chunk)))
    )
  }

  copies(): Map<number, number> {
    const copies = new Map<number, number>()
    for (const peer of PEERS) {
      for (const content of this.contents) {
        for (const chunk of peer === content.origin ? [] : this.toldIfAny(peer, content)) {
          copies.set(chunk, (copies.get(chunk) ?? 0) + 1)
        }
      }
    }
    return copies
  }

  toldIfAny(peer: string, { root }: ModelContent): ReadonlySet<number> {
    return this.told.get(peer)?.get(root) ?? new Set()
  }

  /** What may be picked: within the windows, and at all. */
  candidates(
    peer: string,
    own: boolean,
    fits: (chunk: number) => boolean
  ): { near: number[]; all: number[] } {
    const near: number[] = []
    const all: number[] = []
    for (const content of this.contents.filter(({ origin }) => (origin === peer) === own)) {
      const wanted = content.chunks.filter((chunk) => this.isWanted(content, chunk))
      const end = (wanted[0] ?? 0) + WINDOW_CHUNKS
      const told = this.toldIfAny(peer, content)
      const could = wanted.filter((chunk) => told.has(chunk) && fits(chunk))
      near.push(...could.filter((chunk) => chunk < end))
      all.push(...could)
    }
    return { near, all }
  }
}

/** A run of chunks, over the end of contents, so that few steps make whole contents. */
interface Run {
  chunk: number
  count: number
}

type Step =
  | { kind: 'add'; chunkCount: number; origin: string | undefined; held: Run }
  | { kind: 'holdings'; peer: string; content: number; complete: boolean; declined: boolean; run: Run }
  | { kind: 'have' | 'drop'; peer: string; run: Run }
  | { kind: 'gone'; peer: string }
  | { kind: 'open'; content: number }
  | { kind: 'decline' | 'want'; content: number }
  | { kind: 'request' | 'release' | 'store' | 'lose'; run: Run }
  | { kind: 'pick'; peer: string; own: boolean; every: number }

const peer = fc.constantFrom(...PEERS)
const content = fc.nat(4)
const run = fc.record({
  chunk: fc.nat(400),
  count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 * WINDOW_CHUNKS }))
})
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    // Three times the window, one of them or none.
    chunkCount: fc.oneof(fc.nat(3 * WINDOW_CHUNKS), fc.nat(2)),
    origin: fc.constantFrom(...PEERS, 'self', undefined),
    held: run
  }),
  fc.record({
    kind: fc.constant('holdings' as const),
    peer,
    content,
    complete: fc.boolean(),
    declined: fc.boolean(),
    run
  }),
  fc.record({ kind: fc.constantFrom('have' as const, 'drop' as const), peer, run }),
  fc.record({ kind: fc.constant('gone' as const), peer }),
  fc.record({ kind: fc.constant('open' as const), content }),
  fc.record({ kind: fc.constantFrom('decline' as const, 'want' as const), content }),
  fc.record({
    kind: fc.constantFrom('request' as const, 'release' as const, 'store' as const, 'lose' as const),
    run
  }),
  fc.record({
    kind: fc.constant('pick' as const),
    peer,
    own: fc.boolean(),
    every: fc.integer({ min: 1, max: 3 })
  })
)

function apply(state: SwarmState, model: Model, action: Step): void {
  switch (action.kind) {
    case 'add':
      addContent(state, model, action)
      break
    case 'holdings':
      tellHoldings(state, model, action)
      break
    case 'gone':
      state.forget(model.remote(action.peer))
      model.told.get(action.peer)?.clear()
      model.declinedOf(action.peer).clear()
      break
    case 'decline':
    case 'want':
      choose(state, model, action)
      break
    case 'open': {
      const opened = model.contents[action.content]
      state.open(opened?.root ?? 'unknown')
      if (opened !== undefined && !opened.declined) {
        opened.open = true
      }
      break
    }
    case 'pick':
      pick(state, model, action)
      break
    default:
      for (let chunk = action.run.chunk; chunk < action.run.chunk + action.run.count; chunk++) {
        if (chunk < model.chunkCount) {
          applyToChunk(state, model, action, chunk)
        }
      }
  }
}

/** A complete content is not declined, because nothing of it is missing. */
function choose(
  state: SwarmState,
  model: Model,
  { kind, content: index }: Extract<Step, { kind: 'decline' | 'want' }>
): void {
  const chosen = model.contents[index]
  if (chosen === undefined) {
    return
  }
  if (kind === 'want') {
    state.want(chosen.root)
    chosen.declined = false
  } else {
    state.decline(chosen.root)
    chosen.declined ||= chosen.chunks.some((chunk) => !model.held.has(chunk))
  }
}

function addContent(
  state: SwarmState,
  model: Model,
  { chunkCount, origin, held: { chunk, count } }: Extract<Step, { kind: 'add' }>
): void {
  const held = new Bitfield(chunkCount)
  for (let index = chunk; index < Math.min(chunkCount, chunk + count); index++) {
    held.add(index)
  }
  const { root } = model.add(chunkCount, origin, held)
  // The last chunk is one byte.
  const byteLength = chunkCount === 0 ? 0 : (chunkCount - 1) * CHUNK_BYTES + 1
  state.addContent(root, { byteLength, chunkByteLength: CHUNK_BYTES }, held, origin)
}

function tellHoldings(
  state: SwarmState,
  model: Model,
  { peer: remote, content: index, complete, declined, run }: Extract<Step, { kind: 'holdings' }>
): void {
  const { chunk, count } = run
  const known = model.contents[index]
  const claimed = new Bitfield(known?.chunks.length ?? 8)
  for (let at = chunk; at < Math.min(claimed.length, chunk + count); at++) {
    claimed.add(at)
  }
  const isShort = declined && !complete && claimed.count === 0 && claimed.length > 0
  const bytes = isShort ? new Uint8Array() : claimed.toBytes()
  const told = state.setHoldings(model.remote(remote), known?.root ?? 'unknown', complete, bytes, declined)
  const holds = known !== undefined && model.toldIfAny(remote, known).size > 0
  if (known === undefined || (isShort && holds)) {
    assert.equal(told, undefined)
    return
  }
  const chunks = model.toldOf(remote, known)
  chunks.clear()
  model.declinedOf(remote)[declined ? 'add' : 'delete'](known.root)
  for (const [at, each] of known.chunks.entries()) {
    if (complete || claimed.has(at)) {
      chunks.add(each)
    }
  }
  assert.equal(told, chunks.size)
}

function applyToChunk(
  state: SwarmState,
  model: Model,
  action: Extract<Step, { run: Run }> & { kind: 'have' | 'drop' | 'request' | 'release' | 'store' | 'lose' },
  chunk: number
): void {
  const { held, requested } = model
  const of = model.contentOf(chunk)
  switch (action.kind) {
    case 'have':
      assert.equal(state.addHave(model.remote(action.peer), chunk), !model.toldOf(action.peer, of).has(chunk))
      model.toldOf(action.peer, of).add(chunk)
      break
    case 'drop':
      state.dropHave(model.remote(action.peer), chunk)
      model.told.get(action.peer)?.get(of.root)?.delete(chunk)
      break
    case 'request':
      state.request(chunk)
      if (!held.has(chunk)) {
        requested.add(chunk)
      }
      break
    case 'release':
      state.release(chunk)
      requested.delete(chunk)
      break
    case 'store':
      // Nothing is stored that could not be verified.
      if (of.open) {
        assert.equal(state.store(chunk), !held.has(chunk))
        held.add(chunk)
        requested.delete(chunk)
      }
      break
    case 'lose':
      state.lose(chunk)
      held.delete(chunk)
      break
  }
}

function pick(
  state: SwarmState,
  model: Model,
  { peer: remote, own, every }: Extract<Step, { kind: 'pick' }>
): void {
  const fits = (chunk: number): boolean => chunk % every === 0
  const { near, all } = model.candidates(remote, own, fits)
  const picked = state.pick(model.remote(remote), own, fits)
  assert.equal(picked === undefined, all.length === 0, 'picks whenever it could')
  if (picked === undefined) {
    return
  }
  assert.ok(all.includes(picked), `${picked} may be asked of ${remote}`)
  const copies = model.copies()
  if (near.length > 0) {
    assert.ok(near.includes(picked), 'nothing further on while there is one at hand')
    const fewest = Math.min(...near.map((chunk) => copies.get(chunk) ?? 0))
    assert.equal(copies.get(picked) ?? 0, fewest, 'of those at hand one with the fewest copies')
  }
}

function check(state: SwarmState, model: Model): void {
  const { held, requested, contents, chunkCount } = model
  const wanted = model.wanted()
  const copies = model.copies()
  const lastChunks = new Set(contents.map(({ chunks }) => chunks.at(-1)))
  assert.equal(state.chunkCount, chunkCount)
  const declined = contents.filter((each) => each.declined).flatMap(({ chunks }) => chunks)
  const without = declined.filter((chunk) => !held.has(chunk))
  assert.equal(state.missingChunks, chunkCount - held.size - without.length)
  const lengthOf = (chunk: number): number => (lastChunks.has(chunk) ? 1 : CHUNK_BYTES)
  const all = contents.flatMap(({ chunks }) => chunks).filter((chunk) => !without.includes(chunk))
  assert.equal(
    state.totalBytes,
    all.reduce((sum, chunk) => sum + lengthOf(chunk), 0)
  )
  const bytes = [...held].map(lengthOf)
  assert.equal(
    state.heldBytes,
    bytes.reduce((sum, byteLength) => sum + byteLength, 0)
  )
  for (let chunk = 0; chunk < chunkCount; chunk++) {
    assert.equal(state.copies(chunk), copies.get(chunk) ?? 0)
    assert.equal(state.holds(chunk), held.has(chunk))
    assert.equal(state.isRequested(chunk), requested.has(chunk))
  }
  for (const remote of PEERS) {
    const holdings = model.holdings(remote)
    assert.equal(model.remote(remote).wanted, [...holdings].filter((chunk) => wanted.has(chunk)).length)
    assert.equal(model.remote(remote).count, holdings.size)
    assert.equal(state.isComplete(model.remote(remote)), holdings.size === chunkCount)
    const taken = contents.filter(({ root }) => !model.declinedOf(remote).has(root))
    const lacked = taken.flatMap(({ chunks }) => chunks).filter((chunk) => !holdings.has(chunk))
    assert.equal(state.lackedBy(model.remote(remote)), lacked.length)
    assert.equal(
      state.holdsAllHere(model.remote(remote), true),
      lacked.every((chunk) => !held.has(chunk))
    )
    assert.equal(
      state.holdsAllHere(model.remote(remote)),
      [...held].every((chunk) => holdings.has(chunk))
    )
    const lacks = contents.some(
      ({ origin, open, chunks, declined }) =>
        origin === remote && open && !declined && chunks.some((chunk) => !held.has(chunk))
    )
    assert.equal(state.lacksFrom(remote), lacks)
    for (const each of state.contents()) {
      const told = model.told.get(remote)?.get(each.root)
      assert.equal(model.remote(remote).countOf(each), told?.size ?? 0)
      assert.equal(model.remote(remote).hasToldOf(each), told !== undefined)
      const takes = told !== undefined && !model.declinedOf(remote).has(each.root)
      assert.equal(model.remote(remote).takes(each), takes)
      assert.equal(each.declinedBy, PEERS.filter((peer) => model.declinedOf(peer).has(each.root)).length)
    }
  }
  const canAsk = PEERS.some((remote) => [...model.holdings(remote)].some((chunk) => wanted.has(chunk)))
  assert.equal(state.canProgress, requested.size > 0 || canAsk)
  const closed = contents.filter((each) => !each.open && !each.declined).map(({ root }) => root)
  assert.deepEqual([...state.closedContents()].map(({ root }) => root).sort(), closed.sort())
  const missing = contents
    .filter((each) => !each.declined)
    .map(({ root, chunks }) => ({
      root,
      chunkCount: chunks.filter((chunk) => !held.has(chunk)).length
    }))
  assert.deepEqual(
    [...state.missing()],
    missing.filter((each) => each.chunkCount > 0)
  )
}

describe('swarm state', () => {
  it('knows after any steps what a naive model knows, and picks what that may', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.nat(), (steps, seed) => {
        const state = new SwarmState(seededRandom(seed))
        const model = new Model()
        for (const action of steps) {
          apply(state, model, action)
          check(state, model)
        }
      }),
      { numRuns: 150 }
    )
  })

  it('finds the one chunk that fits among more contents than it weighs', () => {
    const contentCount = 2 * MAX_CANDIDATES
    fc.assert(
      fc.property(fc.nat(contentCount - 1), fc.nat(), (only, seed) => {
        const state = new SwarmState(seededRandom(seed))
        const ann = new Holdings('ann')
        for (let index = 0; index < contentCount; index++) {
          const extent = { byteLength: CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
          state.addContent(`content ${index}`, extent, new Bitfield(1), undefined)
          state.open(`content ${index}`)
          state.addHave(ann, index)
        }
        assert.equal(
          state.pick(ann, false, (chunk) => chunk === only),
          only
        )
        assert.notEqual(state.pick(ann, false), undefined)
        assert.equal(state.pick(ann, true), undefined)
      }),
      { numRuns: 10 }
    )
  })

  it('knows each chunk by its content and by its number', () => {
    const counts = fc.array(fc.nat(5), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: CHUNK_BYTES }), (chunkCounts, lastByteLength) => {
        const state = new SwarmState(seededRandom(1))
        let next = 0
        for (const [index, chunkCount] of chunkCounts.entries()) {
          const byteLength = chunkCount === 0 ? 0 : (chunkCount - 1) * CHUNK_BYTES + lastByteLength
          const root = `content ${index}`
          state.addContent(root, { byteLength, chunkByteLength: CHUNK_BYTES }, new Bitfield(chunkCount), root)
          for (let chunkIndex = 0; chunkIndex < chunkCount; chunkIndex++) {
            const isLast = chunkIndex === chunkCount - 1
            assert.equal(state.chunkOf(root, chunkIndex), next)
            assert.deepEqual(state.refOf(next), {
              root,
              chunkIndex,
              byteLength: isLast ? lastByteLength : CHUNK_BYTES
            })
            assert.equal(state.originOf(next), root)
            next++
          }
          assert.equal(state.chunkOf(root, chunkCount), undefined)
          assert.equal(state.chunkOf(root, -1), undefined)
        }
        assert.equal(state.chunkOf('unknown', 0), undefined)
        assert.throws(() => state.refOf(next), RangeError)
        assert.throws(() => state.refOf(-1), RangeError)
      })
    )
  })

  it('fault 31: takes no claim that cannot be one', () => {
    const state = new SwarmState(seededRandom(1))
    const ann = new Holdings('ann')
    const extent = { byteLength: 9 * CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
    state.addContent('x', extent, new Bitfield(9), undefined)
    assert.equal(state.setHoldings(ann, 'x', false, new Uint8Array(1)), undefined)
    assert.equal(state.setHoldings(ann, 'x', false, new Uint8Array(3)), undefined)
    // The bits past the ninth belong to no chunk.
    assert.equal(state.setHoldings(ann, 'x', false, Uint8Array.of(0, 0x40)), undefined)
    assert.equal(ann.count, 0)
    assert.equal(state.setHoldings(ann, 'x', false, Uint8Array.of(0, 0x80)), 1)
    assert.equal(state.setHoldings(ann, 'x', true, new Uint8Array()), 9)
  })
})
