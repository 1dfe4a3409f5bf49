/**
 * The provider's half of the scheduler by itself: which chunks it sends to which peers, and its estimate of the uplink.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import {
  DELIVERY_TIMEOUT_MS,
  FIRST_LEAVING_CHUNKS,
  LEAD_PATIENCE_MS,
  MAX_SMALL_PER_CHUNK
} from '#potluck/engine/constants.js'
import { Remote } from '#potluck/engine/remote.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { type ChunkUpload, type Reply, Uploads } from '#potluck/engine/uploads.js'
import { remotesByName } from '../fixtures/remotes.js'

const CHUNK_BYTES = 1024

const OWN_CHUNKS = 100

/** Of a content that all others lack as well, and that ann brought. */
const OTHER_CHUNKS = 10_000

/** A peer that holds both contents, and getters that hold nothing. */
function provider(getters: readonly string[], uplinkBytesPerSecond?: number) {
  const state = new SwarmState(() => 0)
  const remote = remotesByName()
  const uploads = new Uploads({ state, self: 'self', chunkByteLength: CHUNK_BYTES })
  uploads.limit(undefined, uplinkBytesPerSecond)
  const contents = [
    { root: 'own', origin: 'self', chunkCount: OWN_CHUNKS },
    { root: 'other', origin: 'ann', chunkCount: OTHER_CHUNKS }
  ]
  for (const { root, origin, chunkCount } of contents) {
    const extent = { byteLength: chunkCount * CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
    state.addContent(root, extent, Bitfield.full(chunkCount), origin)
    for (const getter of getters) {
      state.setHoldings(remote(getter).holdings, root, false, new Bitfield(chunkCount).toBytes())
    }
  }
  for (const getter of getters) {
    uploads.add(remote(getter))
  }
  uploads.refresh()
  return { state, uploads, remote }
}

function drain(uploads: Uploads, nowMs: number): Reply[] {
  const replies: Reply[] = []
  for (let reply = uploads.next(nowMs); reply !== undefined; reply = uploads.next(nowMs)) {
    replies.push(reply)
  }
  return replies
}

const status = { uplinkBytesPerSecond: 100_000, freshChunks: 0, takesRequests: true }

describe('uploads', () => {
  it('begin with a few chunks where nothing is known of the uplink', () => {
    const getters = Array.from({ length: 2 * FIRST_LEAVING_CHUNKS }, (_, index) => `getter${index}`)
    const leaving = (uplinkBytesPerSecond?: number): number => {
      const { uploads, remote } = provider(getters, uplinkBytesPerSecond)
      for (const [id, getter] of getters.entries()) {
        uploads.ask(remote(getter), id, undefined, 0)
      }
      return drain(uploads, 0).length
    }
    assert.equal(leaving(), FIRST_LEAVING_CHUNKS)
    assert.equal(leaving(1_000_000), getters.length)
  })

  it('fault 57: let many tiny chunks leave in the place of one, and no more large ones than before', () => {
    const leaving = (byteLength: number): number => {
      const state = new SwarmState(() => 0)
      const ann = new Remote('ann')
      const chunkByteLength = 256 * CHUNK_BYTES
      const uploads = new Uploads({ state, self: 'self', chunkByteLength })
      uploads.limit(undefined, 1e9)
      for (let number = 0; number < 100; number++) {
        state.addContent(`own${number}`, { byteLength, chunkByteLength }, Bitfield.full(1), 'self')
        state.setHoldings(ann.holdings, `own${number}`, false, new Bitfield(1).toBytes())
      }
      uploads.add(ann)
      uploads.refresh()
      for (let ask = 0; ask < 100; ask++) {
        uploads.ask(ann, ask, undefined, 0)
      }
      let replies = drain(uploads, 0)
      const { length } = replies
      let sent = 0
      for (let nowMs = 1; replies.length > 0; nowMs++) {
        for (const reply of replies) {
          if ('chunk' in reply) {
            uploads.onTaken(reply, nowMs)
            sent++
          }
        }
        replies = drain(uploads, nowMs)
      }
      assert.equal(sent, 100, 'the others leave when these have')
      return length
    }
    assert.ok(leaving(CHUNK_BYTES) >= MAX_SMALL_PER_CHUNK, 'tiny ones')
    assert.ok(leaving(256 * CHUNK_BYTES) <= 2, 'whole chunks')
  })

  it('fault 57: look only at the contents that a getter told of', (test) => {
    const ann = new Remote('ann')
    const state = new SwarmState(() => 0)
    const uploads = new Uploads({ state, self: 'self', chunkByteLength: CHUNK_BYTES })
    uploads.limit(undefined, 1)
    const contentCount = 1000
    for (let number = 0; number < contentCount; number++) {
      const extent = { byteLength: CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
      state.addContent(`own${number}`, extent, Bitfield.full(1), 'self')
    }
    uploads.add(ann)
    uploads.refresh()
    const looks = test.mock.method(state, 'copies').mock
    for (const content of [...state.contents()]) {
      state.setHoldings(ann.holdings, content.root, true, new Uint8Array())
      uploads.onHoldings([content])
    }
    assert.equal(uploads.status().freshChunks, 0)
    assert.ok(looks.callCount() <= 10 * contentCount, `${looks.callCount()} looks`)
  })

  it('serve requests beside first copies, and behind them, when there is time', () => {
    const { uploads, remote } = provider(['ann', 'bob'], 100_000)
    for (const getter of ['ann', 'bob']) {
      uploads.setStatus(remote(getter), { ...status, copiesOwed: 0 })
    }
    uploads.ask(remote('ann'), 1, OWN_CHUNKS, 0)
    uploads.ask(remote('bob'), 2, undefined, 1)
    assert.deepEqual(
      drain(uploads, 2).map((reply) => reply.id),
      [2, 1]
    )
    assert.equal(uploads.status().takesRequests, true)
  })

  it('give those that owe enough no more first copies, unless nobody passes any on', () => {
    const { state, uploads, remote } = provider(['ann', 'bob', 'cid'], 100_000)
    for (const getter of ['ann', 'bob', 'cid']) {
      uploads.setStatus(remote(getter), { ...status, copiesOwed: 0 })
      uploads.ask(remote(getter), 1, undefined, 0)
    }
    const [first] = drain(uploads, 0)
    assert.ok(first !== undefined && 'chunk' in first)
    const passedOnTo = remote(first.getter.id === 'ann' ? 'bob' : 'ann')
    state.addHave(passedOnTo.holdings, first.chunk)
    uploads.onHave(passedOnTo, first.chunk, 0)
    for (const getter of ['ann', 'bob', 'cid']) {
      uploads.setStatus(remote(getter), { ...status, copiesOwed: 1000 })
      uploads.ask(remote(getter), 2, undefined, 0)
    }
    uploads.onTaken(first, 1)
    assert.deepEqual(drain(uploads, LEAD_PATIENCE_MS), [])
    assert.equal(drain(uploads, LEAD_PATIENCE_MS + 1)[0]?.getter, first.getter)
  })

  it('give those that owe enough a few more while nobody asks, if they will have spread them soon', () => {
    const { state, uploads, remote } = provider(['ann', 'bob', 'cid'], 100_000)
    const owe = (copiesOwed: number, uplinkBytesPerSecond: number): void => {
      for (const getter of ['ann', 'bob', 'cid']) {
        uploads.setStatus(remote(getter), { ...status, uplinkBytesPerSecond, copiesOwed })
      }
    }
    owe(0, 100_000)
    uploads.ask(remote('ann'), 1, undefined, 0)
    const [first] = drain(uploads, 0)
    assert.ok(first !== undefined && 'chunk' in first)
    uploads.onTaken(first, 1)
    // It is passed on, so nobody is stuck.
    state.addHave(remote('bob').holdings, first.chunk)
    uploads.onHave(remote('bob'), first.chunk, 1)
    uploads.ask(remote('ann'), 2, undefined, 1)
    owe(60, 500)
    assert.deepEqual(drain(uploads, 1), [], 'they would take long')
    owe(1000, 100_000)
    assert.deepEqual(drain(uploads, 1), [], 'they owe too much')
    owe(60, 100_000)
    uploads.ask(remote('bob'), 3, OWN_CHUNKS, 1)
    assert.deepEqual(
      drain(uploads, 1).map(({ id }) => id),
      [3, 2],
      'a request goes first'
    )
  })

  it('give those that owe more than they make soon no first copies either', () => {
    const { uploads, remote } = provider(['ann', 'bob'], 100_000)
    const nextFor = (annsUplink: number): number | undefined => {
      uploads.setStatus(remote('ann'), { ...status, uplinkBytesPerSecond: annsUplink, copiesOwed: 20 })
      uploads.setStatus(remote('bob'), { ...status, copiesOwed: 1000 })
      uploads.ask(remote('ann'), 1, undefined, 0)
      uploads.ask(remote('bob'), 2, OWN_CHUNKS, 0)
      const [reply] = drain(uploads, 0)
      assert.ok(reply !== undefined && 'chunk' in reply)
      uploads.onTaken(reply, 0)
      return reply.id
    }
    assert.equal(nextFor(100), 2)
    assert.equal(nextFor(100_000), 1)
  })

  it('give those that miss much a first copy however much they owe, before a request of others', () => {
    const { state, uploads, remote } = provider(['ann', 'bob'], 100_000)
    for (const getter of ['ann', 'bob']) {
      uploads.setStatus(remote(getter), { ...status, copiesOwed: 1000 })
    }
    const ids = (): number[] => {
      uploads.ask(remote('ann'), 1, undefined, 0)
      uploads.ask(remote('bob'), 2, OWN_CHUNKS + OTHER_CHUNKS - 1, 0)
      return drain(uploads, 0).map((reply) => {
        assert.ok('chunk' in reply)
        uploads.onTaken(reply, 0)
        return reply.id
      })
    }
    assert.equal(ids()[0], 2)
    for (let chunk = OWN_CHUNKS; chunk < OWN_CHUNKS + OTHER_CHUNKS / 10; chunk++) {
      state.addHave(remote('bob').holdings, chunk)
    }
    assert.equal(ids()[0], 1)
  })

  it('let getters owe more where their own uplink may come to bind', () => {
    const grantsFirst = (uplinkBytesPerSecond: number): boolean => {
      const { uploads, remote } = provider(['ann', 'bob'], uplinkBytesPerSecond)
      uploads.setStatus(remote('ann'), { ...status, copiesOwed: 60 })
      uploads.setStatus(remote('bob'), { ...status, copiesOwed: 1000 })
      uploads.ask(remote('ann'), 1, undefined, 0)
      uploads.ask(remote('bob'), 2, OWN_CHUNKS, 0)
      return drain(uploads, 0)[0]?.id === 1
    }
    // All copies take 103 s at 201,500 bytes per second, and first copies two thirds of that at 1,500 of them.
    assert.equal(grantsFirst(100_000), false)
    assert.equal(grantsFirst(1_500), true)
  })

  it('give first copies to the best alone while the uplink has enough to do', () => {
    const { uploads, remote } = provider(['ann', 'bob'], 10_000)
    uploads.setStatus(remote('ann'), { ...status, uplinkBytesPerSecond: 1_000_000, copiesOwed: 0 })
    uploads.setStatus(remote('bob'), { ...status, copiesOwed: 0 })
    for (let ask = 1; ask <= 3; ask++) {
      uploads.ask(remote('ann'), ask, undefined, 0)
      uploads.ask(remote('bob'), ask + 10, undefined, 0)
    }
    const first = drain(uploads, 0)
    assert.deepEqual(new Set(first.map(({ getter }) => getter.id)), new Set(['ann']))
    for (const reply of first) {
      assert.ok('chunk' in reply)
      uploads.onTaken(reply, 10)
    }
    assert.equal(drain(uploads, 10)[0]?.getter.id, 'ann')
  })

  it('keep first copies until all have told what they carry, but not for long', () => {
    const firstTo = (untilMs: number, told: readonly string[]): string | undefined => {
      const { uploads, remote } = provider(['ann', 'bob'], 100_000)
      uploads.awaitGetters(2, untilMs)
      for (const getter of told) {
        uploads.setStatus(remote(getter), { ...status, copiesOwed: 0 })
        uploads.ask(remote(getter), 1, undefined, 0)
      }
      return drain(uploads, 50)[0]?.getter.id
    }
    assert.equal(firstTo(100, ['ann']), undefined)
    assert.equal(firstTo(50, ['ann']), 'ann')
    assert.equal(firstTo(100, ['ann', 'bob']), 'ann')
  })

  it('believe what was seen at the sockets, before anything has left', () => {
    const { uploads } = provider(['ann'])
    assert.equal(uploads.status().uplinkBytesPerSecond, undefined)
    uploads.onUplinkSeen(5_000_000)
    assert.equal(uploads.status().uplinkBytesPerSecond, 5_000_000)
  })

  it('tell no more than the limit, and begin anew with what is said when that is raised', () => {
    const { uploads } = provider(['ann'], 100_000)
    const told = (): number | undefined => uploads.status().uplinkBytesPerSecond
    uploads.onUplinkSeen(5_000_000)
    uploads.limit(50_000, 50_000)
    assert.equal(told(), 50_000)
    uploads.onUplinkSeen(0)
    assert.equal(told(), 50_000)
    uploads.limit(80_000, 80_000)
    assert.equal(told(), 80_000)
    uploads.limit(undefined, 200_000)
    assert.equal(told(), 200_000)
  })

  it('take a first copy for lost long after it has left, not while it is leaving', () => {
    const { uploads, remote } = provider(['ann', 'bob'], 1)
    for (const getter of ['ann', 'bob']) {
      uploads.setStatus(remote(getter), { ...status, copiesOwed: 0 })
    }
    uploads.ask(remote('ann'), 1, undefined, 0)
    const [first] = drain(uploads, 0)
    assert.ok(first !== undefined && 'chunk' in first)
    const fresh = (): number => uploads.status().freshChunks
    uploads.expire(10 * DELIVERY_TIMEOUT_MS)
    assert.equal(fresh(), OWN_CHUNKS - 1)
    uploads.onTaken(first, 10 * DELIVERY_TIMEOUT_MS)
    uploads.expire(11 * DELIVERY_TIMEOUT_MS)
    assert.equal(fresh(), OWN_CHUNKS - 1)
    uploads.expire(11 * DELIVERY_TIMEOUT_MS + 1)
    assert.equal(fresh(), OWN_CHUNKS)
  })

  it('keep their estimate while getters come by as much from others, and no longer', () => {
    /** Takes ten times as much for 10 s as for 30 s after; the getter comes by so many chunks a step meanwhile. */
    const estimateAfter = (laterGain: number): number => {
      const { state, uploads, remote } = provider(['ann'], 100_000)
      uploads.setStatus(remote('ann'), { ...status, copiesOwed: 0 })
      let told = 0
      for (let step = 0; step < 400; step++) {
        const nowMs = 100 * step
        const taken = step < 100 ? 10 : 1
        for (let turn = 0; turn < taken; turn++) {
          const atMs = nowMs + (100 * turn) / taken
          uploads.ask(remote('ann'), step * 10 + turn, OWN_CHUNKS + ((step * 10 + turn) % OTHER_CHUNKS), atMs)
          const reply = drain(uploads, atMs).find((one): one is ChunkUpload => 'chunk' in one)
          assert.ok(reply !== undefined)
          uploads.expire(atMs)
          uploads.onTaken(reply, atMs + 100 / taken)
        }
        for (const end = told + (step < 100 ? 10 : laterGain); told < end; told++) {
          state.addHave(remote('ann').holdings, OWN_CHUNKS + told)
          uploads.onHave(remote('ann'), OWN_CHUNKS + told, nowMs)
        }
      }
      return (uploads.status().uplinkBytesPerSecond ?? 0) / CHUNK_BYTES
    }
    assert.ok(Math.abs(estimateAfter(10) - 100) < 10)
    assert.ok(Math.abs(estimateAfter(1) - 10) < 3)
  })
})

describe('uploads beside a getter that never tells what it got', () => {
  /** Both open slots all the time, or ask for a chunk; ann tells at once what she got. @returns what each was sent */
  function serve(
    seconds: number,
    oddUplink: number,
    ask: (uploads: Uploads, getter: Remote, nowMs: number) => void
  ) {
    const { state, uploads, remote } = provider(['odd', 'ann'], 10 * CHUNK_BYTES)
    const sent: Record<string, number> = { odd: 0, ann: 0 }
    uploads.setStatus(remote('odd'), { ...status, uplinkBytesPerSecond: oddUplink, copiesOwed: 0 })
    uploads.setStatus(remote('ann'), { ...status, copiesOwed: 0 })
    for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 100) {
      for (const getter of ['odd', 'ann']) {
        ask(uploads, remote(getter), nowMs)
      }
      const reply = uploads.next(nowMs)
      if (reply !== undefined && 'chunk' in reply) {
        sent[reply.getter.id] = (sent[reply.getter.id] ?? 0) + 1
        uploads.onTaken(reply, nowMs + 90)
        if (reply.getter.id === 'ann' && state.addHave(remote('ann').holdings, reply.chunk)) {
          uploads.onHave(remote('ann'), reply.chunk, nowMs + 99)
        }
      }
      if (nowMs % 1000 === 0) {
        uploads.expire(nowMs)
      }
    }
    return sent
  }

  it('fault 51: give it few first copies once the first were not told of', () => {
    let id = 0
    const { odd = 0 } = serve(300, 1e12, (uploads, getter, nowMs) =>
      uploads.ask(getter, id++, undefined, nowMs)
    )
    assert.ok(odd <= OWN_CHUNKS + 20, `${odd} first copies, of ${OWN_CHUNKS} chunks`)
  })

  it('fault 51: serve one that asks for the same chunk for ever not before one that tells', () => {
    let id = 0
    const { odd = 0, ann = 0 } = serve(60, 100_000, (uploads, getter, nowMs) => {
      uploads.ask(getter, id++, OWN_CHUNKS + (getter.id === 'odd' ? 0 : id), nowMs)
    })
    assert.ok(ann > 100 && ann >= 0.4 * (ann + odd), `${ann} to ann, ${odd} to odd`)
  })
})
