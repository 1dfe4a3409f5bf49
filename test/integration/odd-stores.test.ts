/** Peers with a faulty store: corrupt chunks and digests for others, no room for received chunks. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamHandler } from '@libp2p/interface'
import { PotluckError } from '#potluck/core/errors.js'
import type { ChunkFailure, PeerEvent } from '#potluck/events/peer.js'
import type { Peer } from '#potluck/node/peer.js'
import { DIGESTS_PROTOCOL } from '#potluck/protocols/digests/index.js'
import { DigestsReply, DigestsRequest } from '#potluck/protocols/digests/pb/messages.js'
import { readMessages, sendMessage } from '#potluck/protocols/wire.js'
import { ChunkUnreadableError, DiskFullError, type Store, WriteFailedError } from '#potluck/store/store.js'
import { bytesOf } from '../fixtures/bytes.js'
import { altered, lying, type OddInit, oddPeer } from '../fixtures/odd-peer.js'
import {
  CHUNK,
  differences,
  gathered,
  type Member,
  nextEvent,
  readTree,
  TestSwarm,
  type Tree
} from '../fixtures/swarm.js'
import { within } from '../fixtures/within.js'

/** Of each file. */
const FILE_CHUNKS = 30

const TREES = {
  ann: { 'a.bin': bytesOf(FILE_CHUNKS * CHUNK, 'a') },
  ben: { 'b.bin': bytesOf(FILE_CHUNKS * CHUNK, 'b') },
  odd: {}
}

/** What odd and ann both bring. */
const COMMON: Tree = { 'common.bin': bytesOf(FILE_CHUNKS * CHUNK, 'common') }

/** Three times as long as a peer waits for one that sends nothing. */
const LIMIT_MS = 90_000

/** More than can be in flight at once to the two peers that ask. */
const MAX_CORRUPT = 4 * FILE_CHUNKS

/** How long a disk is full: less than the pause that follows from it. */
const FULL_MS = 2000

/** The store does not accept chunks while it refuses. */
function refusing(refuses: () => boolean, refusal: () => Error): (store: Store) => Store {
  return (store) =>
    altered(store, {
      writeChunk: async (root, chunkIndex, buffer, byteLength) => {
        if (refuses()) {
          throw refusal()
        }
        return await store.writeChunk(root, chunkIndex, buffer, byteLength)
      }
    })
}

/** Digests are those of something else whenever they are read for others. */
function lyingOfDigests(store: Store): Store {
  return altered(store, {
    digests: async (root, firstChunkIndex, count) => {
      const digests = await store.digests(root, firstChunkIndex, count)
      return digests?.map((byte) => byte ^ 1)
    }
  })
}

/** Chunks never come. */
function silent(store: Store): Store {
  return altered(store, { readChunk: () => new Promise(() => undefined) })
}

/** Waits for the work, or until a peer is wrongly blamed: then the test fails at once instead of never ending. */
async function unlessWronged<T>(
  members: Pick<Member, 'peer'>[],
  isLying: boolean,
  work: Promise<T>
): Promise<T> {
  let corrupt = 0
  const wrongs = members.flatMap(({ peer }) => [
    nextEvent(peer, 'chunk-failed', ({ reason }) => {
      corrupt += reason === 'corrupt' ? 1 : 0
      return corrupt > MAX_CORRUPT
    }).then(() => assert.fail('the liar is asked on and on')),
    nextEvent(peer, 'peer-banned', ({ remote }) => remote !== 'odd').then(({ remote }) =>
      assert.fail(`${remote} is banned`)
    ),
    nextEvent(peer, 'chunk-stored', ({ from }) => isLying && from === 'odd').then(() =>
      assert.fail('a false chunk counts as stored')
    )
  ])
  return await within(LIMIT_MS, () => 'the end of the work', Promise.race([work, ...wrongs]))
}

/** Ann and odd bring the same, ben gets it; and nobody but odd is blamed. */
async function benGetsCommon(
  swarm: TestSwarm,
  makeOdd: (coordinator: string) => Promise<Peer>,
  isLying = false
): Promise<Member> {
  const coordinator = await swarm.coordinator({ expectedPeers: 3 })
  const odd = await makeOdd(coordinator.multiaddrs[0] ?? '')
  // So slow that Ben does not have everything from her before Odd is connected.
  const ann = await swarm.peer('ann', COMMON, { maxUp: 2 })
  const ben = await swarm.peer('ben', {})
  try {
    await Promise.all([ann.peer.start(), ben.peer.start(), odd.start()])
    await unlessWronged([ann, ben], isLying, ben.peer.completed())
  } finally {
    await odd.stop()
  }
  const trees = { ann: COMMON, odd: COMMON }
  assert.deepEqual(differences(await readTree(ben.collection), gathered(trees, 'ben')), [])
  for (const event of [...ann.events, ...ben.events]) {
    assert.ok(event.event !== 'peer-banned' || event.remote === 'odd')
    assert.notEqual(event.event, 'peer-stalled', 'it did not take the end of a connection')
  }
  return ben
}

/**
 * Odd alone brings something; ben ends without it.
 *
 * @param peerReturnTimeoutMs longer than ben takes on a loaded machine to hear what odd has
 */
async function benEndsWithout(
  alterStore: (store: Store) => Store,
  peerReturnTimeoutMs = 8000
): Promise<unknown> {
  let ending: unknown
  await TestSwarm.run(async (swarm) => {
    const coordinator = await swarm.coordinator({ expectedPeers: 2 })
    const init = { coordinator: coordinator.multiaddrs[0] ?? '', tree: COMMON, alterStore }
    const odd = await oddPeer(swarm, init)
    const ben = await swarm.peer('ben', {}, { peerReturnTimeoutMs })
    try {
      await Promise.all([ben.peer.start(), odd.start()])
      const ended = ben.peer.completed().catch((error: unknown) => error)
      ending = await within(LIMIT_MS, () => 'the end of what ben waits for', ended)
      assert.deepEqual(await readTree(ben.collection), {})
    } finally {
      await odd.stop()
    }
  })
  return ending
}

function assertIntegrityError(error: unknown): void {
  assert.ok(error instanceof PotluckError)
  assert.equal(error.code, 'INTEGRITY')
  assert.match(error.message, /odd sent corrupt data of odd\/common\.bin, and no other peer has/)
}

describe('a peer that sends false chunks', () => {
  it('fault 19: harms nobody: nothing false is stored, and it alone is banned', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const ann = await swarm.peer('ann', TREES.ann)
      const ben = await swarm.peer('ben', TREES.ben)
      const liar = await oddPeer(swarm, {
        coordinator: coordinator.multiaddrs[0] ?? '',
        alterStore: lying
      })
      try {
        await Promise.all([ann.peer.start(), ben.peer.start(), liar.start()])
        await unlessWronged([ann, ben], true, coordinator.completed())
        for (const [name, { peer, collection: folder, events }] of [
          ['ann', ann],
          ['ben', ben]
        ] as const) {
          await peer.completed()
          assert.deepEqual(differences(await readTree(folder), gathered(TREES, name)), [])
          const banned = events.filter((event) => event.event === 'peer-banned')
          assert.ok(banned.every(({ remote }) => remote === 'odd'))
          const corrupt = events.filter(
            (event) => event.event === 'chunk-failed' && event.reason === 'corrupt'
          )
          assert.ok(corrupt.every((event) => event.event === 'chunk-failed' && event.from === 'odd'))
        }
      } finally {
        await liar.stop()
      }
    })
  })

  it('fault 19: is banned after its second, and what it lied of comes from another one', async () => {
    await TestSwarm.run(async (swarm) => {
      const makeOdd = (coordinator: string): Promise<Peer> =>
        oddPeer(swarm, { coordinator, tree: COMMON, alterStore: lying })
      const ben = await benGetsCommon(swarm, makeOdd, true)
      const corrupt = ben.events.filter(
        (event) => event.event === 'chunk-failed' && event.reason === 'corrupt'
      )
      const banned = ben.events.filter((event) => event.event === 'peer-banned')
      assert.equal(banned.length, corrupt.length >= 2 ? 1 : 0)
    })
  })

  it('fault 20: ends the run of whoever has no other source, with its name', async () => {
    assertIntegrityError(await benEndsWithout(lying))
  })
})

describe('a peer that sends false digests', () => {
  it('fault 26: harms nobody: they come from another one', async () => {
    await TestSwarm.run(async (swarm) => {
      await benGetsCommon(swarm, (coordinator) =>
        oddPeer(swarm, { coordinator, tree: COMMON, alterStore: lyingOfDigests })
      )
    })
  })

  it('fault 20, fault 26: ends the run of whoever has no other source, with its name', async () => {
    assertIntegrityError(await benEndsWithout(lyingOfDigests))
  })
})

describe('a peer whose disk spoils chunks', () => {
  /** The first chunk that it reads for others is false, and lost once somebody complains. */
  function spoiling() {
    const spoilt = new Map<number, 'sent' | 'lost'>()
    const alterStore: OddInit['alterStore'] = (store, listener) =>
      altered(store, {
        readChunk: async (root, chunkIndex, isDoubted) => {
          const known = spoilt.get(chunkIndex)
          if (known === 'lost' || (known === 'sent' && isDoubted)) {
            spoilt.set(chunkIndex, 'lost')
            listener.onChunkLost?.(root, chunkIndex)
            throw new ChunkUnreadableError('it was spoilt on this disk')
          }
          const bytes = await store.readChunk(root, chunkIndex, isDoubted)
          if (known === 'sent' || spoilt.size === 0) {
            spoilt.set(chunkIndex, 'sent')
            bytes[0] = (bytes[0] ?? 0) ^ 1
          }
          return bytes
        }
      })
    return { spoilt, alterStore }
  }

  it('fault 9, fault 19: loses the one that a getter complains of, and is asked for others', async () => {
    const { spoilt, alterStore } = spoiling()
    await TestSwarm.run(async (swarm) => {
      const { events } = await benGetsCommon(swarm, (coordinator) =>
        oddPeer(swarm, { coordinator, tree: COMMON, alterStore })
      )
      assert.deepEqual([...spoilt.values()], ['lost'])
      assert.ok(!events.some(({ event }) => event === 'peer-banned'))
      assert.ok(events.some((event) => event.event === 'chunk-stored' && event.from === 'odd'))
    })
  })

  it('fault 19, fault 20: is banned when it spoils whatever it sends, however often it says so', async () => {
    const excusing = (store: Store): Store =>
      altered(lying(store), {
        readChunk: (root, chunkIndex, isDoubted) =>
          isDoubted
            ? Promise.reject(new ChunkUnreadableError('it was spoilt on this disk'))
            : lying(store).readChunk(root, chunkIndex)
      })
    assertIntegrityError(await benEndsWithout(excusing))
  })
})

describe('a peer that does not know the digests of what it claims', () => {
  it('fault 22: is not asked for them all the time', async () => {
    let asked = 0
    const ending = await benEndsWithout((store) =>
      altered(store, {
        digests: async () => {
          asked++
          return undefined
        }
      })
    )
    assert.ok(ending instanceof PotluckError && ending.code === 'INCOMPLETE')
    assert.ok(asked >= 1 && asked <= 5, `asked ${asked} times`)
  })
})

describe('a peer that promises and does not keep', { concurrency: true }, () => {
  /** Odd is asked for the digests first: ann, who has the same, tells of nothing before. */
  async function digestsComeFromAnn(oddInit: (onAsked: () => void) => Partial<OddInit>): Promise<void> {
    await TestSwarm.run(async (swarm) => {
      const asked = Promise.withResolvers<void>()
      const late = (store: Store): Store =>
        altered(store, {
          adopt: async (manifests) => {
            await asked.promise
            return await store.adopt(manifests)
          }
        })
      const { multiaddrs } = await swarm.coordinator({ expectedPeers: 3 })
      const init = { coordinator: multiaddrs[0] ?? '', tree: COMMON }
      const odd = await oddPeer(swarm, { ...init, ...oddInit(asked.resolve) })
      const ann = await oddPeer(swarm, { ...init, name: 'ann', alterStore: late })
      const ben = await swarm.peer('ben', {})
      try {
        await Promise.all([odd.start(), ann.start(), ben.peer.start()])
        assert.equal(
          (await within(LIMIT_MS, () => 'all that ben lacks', ben.peer.completed())).complete,
          true
        )
        assert.ok(!ben.events.some(({ event }) => event === 'peer-stalled' || event === 'peer-banned'))
      } finally {
        await Promise.all([odd.stop(), ann.stop()])
      }
    })
  }

  it('fault 22: never sends the digests of what it claims: they come from another one', async () => {
    await digestsComeFromAnn((onAsked) => ({
      alterStore: (store) =>
        altered(store, {
          digests: () => {
            onAsked()
            return new Promise(() => undefined)
          }
        })
    }))
  })

  it('fault 21, fault 26: sends digests of something else: those that were wanted come from another one', async () => {
    await digestsComeFromAnn((onAsked) => ({
      alterHost: (host) => {
        const handle = host.handle.bind(host)
        const sendOthers: StreamHandler = async (stream) => {
          for await (const { firstChunkIndex, count } of readMessages(stream, DigestsRequest)) {
            onAsked()
            const digests = new Uint8Array(32 * count)
            await sendMessage(stream, DigestsReply, { root: new Uint8Array(32), firstChunkIndex, digests })
          }
        }
        host.handle = (protocol, handler, options) =>
          handle(protocol, protocol === DIGESTS_PROTOCOL ? sendOthers : handler, options)
      }
    }))
  })

  it('fault 22: never sends what it claims: it comes from another one', async () => {
    await TestSwarm.run(async (swarm) => {
      await benGetsCommon(swarm, (coordinator) =>
        oddPeer(swarm, { coordinator, tree: COMMON, alterStore: silent })
      )
    })
  })

  it('fault 15, fault 22: sends a byte a second: it comes from another one', async () => {
    await TestSwarm.run(async (swarm) => {
      await benGetsCommon(swarm, (coordinator) =>
        oddPeer(swarm, {
          coordinator,
          tree: COMMON,
          alterHost: ({ services }) => {
            Object.defineProperties(services.sendQueues, {
              pieceByteLength: { value: 1 },
              turn: { value: () => new Promise((resolve) => setTimeout(resolve, 1000).unref()) }
            })
          }
        })
      )
    })
  })

  it('fault 22: never sends what it alone has: ends the run of whoever waits for it, with its name and the file', async () => {
    const startedAtMs = performance.now()
    const ending = await benEndsWithout(silent, 20_000)
    assert.ok(ending instanceof PotluckError)
    assert.equal(ending.exitCode, 4)
    assert.match(
      ending.message,
      /no data arrived for 3\d s of what is missing of odd\/common\.bin \(30 of 30 chunks, from odd\), although odd offered/
    )
    assert.ok(performance.now() - startedAtMs > 30_000, 'not before half a minute')
  })
})

describe('a peer whose disk', () => {
  /** Ann's file goes to a peer of which the store is odd; what it told. */
  async function getsDespite(
    alterStore: NonNullable<OddInit['alterStore']>,
    onEvent: (event: PeerEvent) => void = () => undefined
  ): Promise<PeerEvent[]> {
    const told: PeerEvent[] = []
    await TestSwarm.run(async (swarm) => {
      const { multiaddrs } = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', TREES.ann)
      const peer = await oddPeer(swarm, { coordinator: multiaddrs[0] ?? '', alterStore })
      peer.events.listen((event) => {
        told.push(event)
        onEvent(event)
      })
      try {
        await Promise.all([ann.peer.start(), peer.start()])
        await unlessWronged([{ peer }], false, peer.completed())
      } finally {
        await peer.stop()
      }
    })
    assert.ok(told.every(({ event }) => event !== 'error' && event !== 'peer-banned'))
    return told
  }

  const failuresOf = (told: PeerEvent[], reason: ChunkFailure): number =>
    told.filter((event) => event.event === 'chunk-failed' && event.reason === reason).length

  it('fault 6: is full pauses, says so once, and completes when there is room', async () => {
    let isFull = true
    let beganAgain: Promise<void> | undefined
    const told = await getsDespite(
      refusing(
        () => isFull,
        () => new DiskFullError('full')
      ),
      ({ event }) => {
        if (event === 'disk-full') {
          beganAgain = sleep(FULL_MS).then(() => {
            isFull = false
          })
        }
      }
    )
    await beganAgain
    assert.equal(told.filter(({ event }) => event === 'disk-full').length, 1)
    const failures = failuresOf(told, 'disk-full')
    assert.ok(failures >= 1 && failures <= FILE_CHUNKS, `${failures} chunks came, those on their way at most`)
  })

  it('fault 9: has spoilt a chunk fetches it again', async () => {
    let lost: number | undefined
    let isBack = false
    await getsDespite((store, listener) =>
      altered(store, {
        writeChunk: async (root, chunkIndex, buffer, byteLength) => {
          const outcome = await store.writeChunk(root, chunkIndex, buffer, byteLength)
          isBack ||= chunkIndex === lost
          if (lost === undefined) {
            lost = chunkIndex
            // After the exchange has counted it as held.
            setImmediate(() => listener.onChunkLost?.(root, chunkIndex))
          }
          return outcome
        }
      })
    )
    assert.ok(isBack)
  })

  it('fault 5: fails at a write fetches the chunk again, and blames nobody', async () => {
    let left = 2
    const told = await getsDespite(
      refusing(
        () => left-- > 0,
        () => new WriteFailedError('EIO')
      )
    )
    assert.equal(failuresOf(told, 'disk-failed'), 2)
    assert.ok(!told.some(({ event }) => event === 'disk-full'))
  })
})
