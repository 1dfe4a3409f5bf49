import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { decodeState, encodeState } from '#potluck/store/part-state.js'
import { bytesOf, CHUNK, failure, hashNaively, heldOf, manifestOf, Room, receive, until } from './fixture.js'

const BYTES = bytesOf(9 * CHUNK + 1)
const { root: ROOT } = hashNaively(BYTES)
const MANIFEST = manifestOf('ann/file', BYTES)
const SOME = [0, 1, 4, 9]
const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

/** A collection in which some chunks were stored before a close. */
async function interrupted(test: TestContext) {
  const room = await Room.make(test)
  const { store } = await room.open()
  await store.adopt([MANIFEST])
  await receive(store, BYTES, SOME)
  await store.close()
  const file = (extension: string) => room.path('collection/.potluck/parts', `${ROOT}.${extension}`)
  return { room, part: file('part'), state: file('state'), digests: file('digests') }
}

async function finishes(room: Room, collection = room.path('collection')): Promise<void> {
  const { store, recorder } = await room.open({ collection })
  await store.adopt([MANIFEST])
  await receive(store, BYTES)
  await until(() => recorder.completed.length > 0, 'it is complete')
  assert.deepEqual(Uint8Array.from(await readFile(join(collection, 'ann/file'))), BYTES)
  assert.deepEqual(recorder.failures, [])
  assert.deepEqual(await readdir(join(collection, '.potluck/parts')), [])
  await store.close()
}

async function heldAgain(room: Room, collection = room.path('collection')): Promise<number[]> {
  const { store } = await room.open({ collection })
  const held = await heldOf(store, MANIFEST)
  await store.close()
  return held
}

function stateOf(chunkIndices: number[], root = ROOT, chunkCount = 10): Uint8Array {
  const bitfield = new Bitfield(chunkCount)
  for (const chunkIndex of chunkIndices) {
    bitfield.add(chunkIndex)
  }
  return encodeState(root, bitfield.toBytes())
}

async function spoil(path: string, chunkIndex: number): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(Buffer.from('spoilt'), 0, 6, chunkIndex * CHUNK)
  await file.close()
}

describe('resuming', () => {
  it('finds every chunk again after a close, with its digests', async (test) => {
    const { room } = await interrupted(test)
    const { store } = await room.open()
    const [state] = await store.adopt([MANIFEST])
    assert.equal(state?.digestsKnown, true)
    assert.deepEqual([...Bitfield.fromBytes(state.held, 10).held()], SOME)
    assert.deepEqual(await store.readChunk(ROOT, 9), BYTES.slice(9 * CHUNK))
    await store.close()
    await finishes(room)
  })

  it('fault 1: finds what was saved after a kill, and finishes', async (test) => {
    const { room } = await interrupted(test)
    const { store } = await room.open()
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [2, 3, 5, 6])
    const killed = await room.killed()
    const held = await heldAgain(room, killed)
    assert.ok(
      SOME.every((chunkIndex) => held.includes(chunkIndex)),
      String(held)
    )
    await finishes(room, killed)
  })

  it('fault 3: claims every other second what was there before the sync began, and never earlier', async (test) => {
    const { room, state } = await interrupted(test)
    const claimed = () => [...(decodeState(readFileSync(state), ROOT, 10)?.held() ?? [])]
    let claimedBeforeSync: number[] | undefined
    const { store } = await room.open({
      system: {
        syncData: async () => {
          claimedBeforeSync ??= claimed()
          await receive(store, BYTES, [3])
        }
      }
    })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [2])
    await until(() => claimed().includes(2), 'the state is written')
    assert.deepEqual(claimedBeforeSync, SOME)
    assert.deepEqual(claimed(), [0, 1, 2, 4, 9])
  })

  const states: [string, (path: string) => Promise<void>][] = [
    ['missing', (path) => rm(path)],
    ['torn', async (path) => truncate(path, (await readFile(path)).byteLength - 1)],
    ['empty', (path) => truncate(path)],
    ['of another file', (path) => writeFile(path, stateOf(ALL, 'f'.repeat(64)))],
    ['of another division', (path) => writeFile(path, stateOf([0], ROOT, 100))],
    ['noise', (path) => writeFile(path, bytesOf(200))]
  ]
  for (const [what, damage] of states) {
    it(`fault 4: hashes everything when the state is ${what}`, async (test) => {
      const { room, state } = await interrupted(test)
      await damage(state)
      assert.deepEqual(await heldAgain(room), SOME)
      await finishes(room)
    })
  }

  it('fault 3: syncs what a kill before the first save left, before it gets its name', async (test) => {
    const { room, part, state } = await interrupted(test)
    await writeFile(part, BYTES)
    await rm(state)
    let synced = 0
    const completedAtSync: string[][] = []
    const { store, recorder } = await room.open({
      system: {
        syncData: async () => {
          synced++
          completedAtSync.push(await readdir(room.path('collection')))
        }
      }
    })
    assert.deepEqual(await heldOf(store, MANIFEST), ALL)
    assert.deepEqual(recorder.completed, ['ann/file (local)'])
    assert.equal(synced, 1)
    assert.deepEqual(completedAtSync, [['.potluck']])
  })

  it('fault 4: never believes a state over the data', async (test) => {
    const { room, state, part } = await interrupted(test)
    await writeFile(state, stateOf(ALL))
    await spoil(part, 1)
    assert.deepEqual(await heldAgain(room), [0, 4, 9])
    await finishes(room)
  })

  it('looks only where the state says', async (test) => {
    const { room, state } = await interrupted(test)
    await writeFile(state, stateOf([4]))
    assert.deepEqual(await heldAgain(room), [4])
  })

  for (const [what, byteLength] of [
    ['short', 4 * CHUNK],
    ['long', 20 * CHUNK],
    ['empty', 0]
  ] as const) {
    it(`fault 4: puts a part file right that is too ${what}`, async (test) => {
      const { room, part } = await interrupted(test)
      await truncate(part, byteLength)
      const kept = SOME.filter((chunkIndex) => byteLength > chunkIndex * CHUNK)
      assert.deepEqual(await heldAgain(room), kept)
      await finishes(room)
    })
  }

  it('fault 4: begins anew when the part file is gone', async (test) => {
    const { room, part } = await interrupted(test)
    await rm(part)
    assert.deepEqual(await heldAgain(room), [])
    await finishes(room)
  })

  for (const [what, damage] of [
    ['gone', (path: string) => rm(path)],
    ['torn', (path: string) => truncate(path, 32)],
    [
      'of something else',
      (path: string) => writeFile(path, hashNaively(bytesOf(9 * CHUNK + 1, 'other')).digests)
    ]
  ] as const) {
    it(`fault 4: does with the digests of another peer when its own are ${what}`, async (test) => {
      const { room, digests } = await interrupted(test)
      await damage(digests)
      const { store } = await room.open()
      const [state] = await store.adopt([MANIFEST])
      assert.equal(state?.digestsKnown, false)
      await receive(store, BYTES, [])
      assert.deepEqual(await heldOf(store, MANIFEST), SOME)
      await store.close()
      await finishes(room)
    })
  }

  it('fault 2: finishes at once what was killed before it got its name', async (test) => {
    const { room, part, state } = await interrupted(test)
    await writeFile(part, BYTES)
    await writeFile(state, stateOf(ALL))
    const { store, recorder } = await room.open()
    assert.deepEqual(await heldOf(store, MANIFEST), ALL)
    assert.deepEqual(recorder.completed, ['ann/file (local)'])
  })

  it('fault 2: cleans up after what was killed when it had its name', async (test) => {
    const { room, part } = await interrupted(test)
    await room.write('collection/ann/other', '')
    await writeFile(part, BYTES)
    await rename(part, room.path('collection/ann/file'))
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST])
    assert.deepEqual(recorder.completed, ['ann/file (local)'])
    assert.deepEqual(await readdir(room.path('collection/.potluck/parts')), [])
  })

  it('stops at once when it is closed meanwhile, and loses nothing', async (test) => {
    const room = await Room.make(test)
    const bytes = bytesOf(8 * 1024 * CHUNK)
    const first = await room.open()
    await first.store.adopt([manifestOf('ann/file', bytes)])
    await receive(first.store, bytes, [1, 8000])
    await first.store.close()
    await rm(room.path('collection/.potluck/parts', `${hashNaively(bytes).root}.state`))
    const second = await room.open()
    const adopting = assert.rejects(
      second.store.adopt([manifestOf('ann/file', bytes)]),
      failure('INTERRUPTED')
    )
    await new Promise(setImmediate)
    await second.store.close()
    await adopting
    const third = await room.open()
    assert.deepEqual(await heldOf(third.store, manifestOf('ann/file', bytes)), [1, 8000])
  })
})
