/** Files that another program changes after they were read, shared and received ones, and the messages about them. */
import assert from 'node:assert/strict'
import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { describe, it } from 'node:test'
import type { Manifest } from '#potluck/protocols/manifest/index.js'
import { Descriptors } from '#potluck/store/descriptors.js'
import type { Store } from '#potluck/store/store.js'
import { bytesOf, forgeEntry, hashNaively, heldOf, manifestOf, Recorder, Room, until } from './fixture.js'

/** Long enough for its digests to be noted for the next start. */
const BYTES = bytesOf(1024 * 1024 + 1)
const OTHER = bytesOf(BYTES.byteLength, 'other')
/** Few chunks, so that they are soon received. */
const CHUNK_BYTE_LENGTH = 256 * 1024
const HASHED = hashNaively(BYTES, CHUNK_BYTE_LENGTH)
const MANIFEST = manifest('ann/file')

function manifest(name: string): Manifest {
  const { md5, root } = HASHED
  return manifestOf(name, BYTES, { md5, root, chunkByteLength: CHUNK_BYTE_LENGTH })
}

async function receive(store: Store): Promise<void> {
  await store.setDigests(HASHED.root, HASHED.digests)
  for (let byteOffset = 0; byteOffset < BYTES.byteLength; byteOffset += CHUNK_BYTE_LENGTH) {
    const { buffer, byteLength } = BYTES.slice(byteOffset, byteOffset + CHUNK_BYTE_LENGTH)
    await store.writeChunk(HASHED.root, byteOffset / CHUNK_BYTE_LENGTH, buffer, byteLength)
  }
}

/** Records the reported time at which an earlier run checked a complete file. */
class CheckRecorder extends Recorder {
  readonly checkedAtMs: (number | undefined)[] = []

  override onFileComplete(manifest: Manifest, local: boolean, checkedAtMs?: number): void {
    super.onFileComplete(manifest, local)
    this.checkedAtMs.push(checkedAtMs)
  }
}

/** Gives it a time of whole seconds, which can be set again to the nanosecond. */
function touch(file: string): void {
  utimesSync(file, 1_000_000_000, 1_000_000_000)
}

/** Overwrites a file that was touched, and gives it back its time. */
function damage(file: string): void {
  assert.equal(statSync(file).mtimeMs, 1_000_000_000_000)
  writeFileSync(file, OTHER, { flag: 'r+' })
  touch(file)
}

async function start(room: Room, verify = false) {
  const listener = new CheckRecorder()
  const { store } = await room.open({ listener, verify })
  return { store, listener, held: await heldOf(store, MANIFEST) }
}

/** A collection that an earlier run completed. */
async function completed(test: Parameters<typeof Room.make>[0], { isTouched = true } = {}) {
  const room = await Room.make(test)
  const { store, listener } = await start(room)
  await receive(store)
  await until(() => listener.completed.length > 0, 'it is complete')
  assert.deepEqual(listener.checkedAtMs, [undefined])
  await store.close()
  const file = room.path('collection/ann/file')
  if (isTouched) {
    touch(file)
  }
  return { room, file }
}

describe('a file that was received', () => {
  it('fault 44: is said to have been checked by the earlier run, unless this one shall verify', async (test) => {
    const beforeMs = Date.now()
    const { room } = await completed(test, { isTouched: false })
    const afterMs = Date.now()
    const { store, listener } = await start(room)
    const [checkedAtMs = 0] = listener.checkedAtMs
    assert.ok(beforeMs <= checkedAtMs && checkedAtMs <= afterMs, String(checkedAtMs))
    await store.close()
    assert.deepEqual((await start(room, true)).listener.checkedAtMs, [undefined])
  })

  it('fault 44: is fetched again when it was damaged and has its old time', async (test) => {
    const { room, file } = await completed(test)
    await (await start(room)).store.close()
    damage(file)
    const { listener, held } = await start(room)
    assert.deepEqual(held, [])
    assert.deepEqual(listener.completed, [])
  })

  for (const [what, spoil] of [
    ['damaged, its time kept', damage],
    ['cut', (file: string) => truncateSync(file, 1)],
    ['removed', (file: string) => rmSync(file)],
    [
      'another one',
      (file: string) => {
        writeFileSync(`${file}-2`, OTHER)
        renameSync(`${file}-2`, file)
      }
    ]
  ] as const) {
    it(`fault 44: is lost, and fetched again, when it was ${what} by the end of the run`, async (test) => {
      const { room, file } = await completed(test)
      const { store, listener } = await start(room)
      assert.deepEqual(await store.confirm(), [])
      spoil(file)
      assert.deepEqual(await store.confirm(), [MANIFEST])
      assert.deepEqual([listener.lostFiles, listener.lostContents], [['ann/file'], [MANIFEST.root]])
      await receive(store)
      await until(() => listener.completed.length > 1, 'it is complete again')
      assert.deepEqual(listener.completed, ['ann/file (local)', 'ann/file'])
      assert.deepEqual(Uint8Array.from(readFileSync(file)), BYTES)
      assert.deepEqual(await store.confirm(), [])
    })
  }

  it('fault 44: is given up when another program changes it each time that it is complete', async (test) => {
    const { room, file } = await completed(test)
    const { store, listener } = await start(room)
    for (const isLast of [false, false, true]) {
      const { length } = listener.completed
      damage(file)
      assert.deepEqual(await store.confirm(), isLast ? [] : [MANIFEST])
      if (!isLast) {
        await receive(store)
        await until(() => listener.completed.length > length, 'it is complete again')
        touch(file)
      }
    }
    assert.deepEqual([...listener.failed.keys()], ['ann/file'])
    assert.match(String(listener.failed.get('ann/file')), /changed or removed .*ann\/file 3 times/)
    assert.deepEqual(listener.lostContents, [MANIFEST.root, MANIFEST.root, MANIFEST.root])
    assert.equal(readdirSync(room.path('collection/ann')).length, 3)
  })

  it('fault 44: is lost at the first chunk that is not what it was', async (test) => {
    const { room, file } = await completed(test)
    const { store, listener } = await start(room)
    damage(file)
    await assert.rejects(store.readChunk(MANIFEST.root, 3))
    await until(() => listener.lostContents.length > 0, 'it is lost')
    await receive(store)
    await until(() => listener.completed.length > 1, 'it is complete again')
    assert.deepEqual(Uint8Array.from(readFileSync(file)), BYTES)
    assert.deepEqual(Uint8Array.from(readFileSync(`${file}.old-1`)), OTHER)
  })

  it('fault 44: is lost by the end although its stamp is the same, where it is being read for a wrong chunk', async (test) => {
    const { room, file } = await completed(test)
    writeFileSync(file, OTHER)
    await (await start(room)).store.close()
    for (const entry of readdirSync(room.path('collection/.potluck/hashes'))) {
      await forgeEntry(room.path('collection/.potluck/hashes', entry), HASHED)
    }
    const { store, listener } = await start(room)
    assert.deepEqual(listener.completed, ['ann/file (local)'])
    await assert.rejects(store.readChunk(MANIFEST.root, 3))
    assert.deepEqual(await store.confirm(), [MANIFEST])
  })

  it('fault 44: is copied from another name, and not fetched, where that still has it', async (test) => {
    const { room, file } = await completed(test)
    const { store, listener } = await start(room)
    await store.adopt([manifest('ben/copy')])
    damage(file)
    assert.deepEqual(await store.confirm(), [])
    assert.deepEqual([listener.lostFiles, listener.lostContents], [['ann/file'], []])
    assert.deepEqual(Uint8Array.from(readFileSync(file)), BYTES)
  })

  it('fault 44: is not lost when only its times are others', async (test) => {
    const { room, file } = await completed(test)
    const { store, listener } = await start(room)
    utimesSync(file, 1, 1)
    assert.deepEqual(await store.confirm(), [])
    assert.deepEqual(listener.lostFiles, [])
  })
})

describe('a shared file', () => {
  async function sharing(test: Parameters<typeof Room.make>[0]) {
    const room = await Room.make(test)
    const file = await room.write('in/file', BYTES)
    touch(file)
    const { store, recorder } = await room.open({ shares: [file] })
    await store.hashShares(CHUNK_BYTE_LENGTH)
    return { room, file, store, recorder }
  }

  for (const [what, change, said] of [
    ['changed, its time kept', damage, 'me/file was changed since it was hashed'],
    ['cut', (file: string) => truncateSync(file, 1), 'me/file was changed since it was hashed'],
    ['removed', (file: string) => rmSync(file), 'me/file was moved or removed since it was hashed']
  ] as const) {
    it(`fault 44: that was ${what} is told of once, by what it is now`, async (test) => {
      const { file, store, recorder } = await sharing(test)
      change(file)
      for (const chunkIndex of [2, 3, 2]) {
        await assert.rejects(store.readChunk(MANIFEST.root, chunkIndex))
        await until(() => recorder.warnings.length > 0, 'it is told of')
      }
      assert.equal(recorder.warnings.length, 1)
      assert.ok(recorder.warnings[0]?.startsWith(said), recorder.warnings[0])
    })
  }

  it('fault 44: that the disk gave wrongly once is said to be unchanged', async (test) => {
    const { store, recorder } = await sharing(test)
    const wrong = test.mock.method(Descriptors.prototype, 'read', () => 0)
    await assert.rejects(store.readChunk(MANIFEST.root, 3))
    wrong.mock.restore()
    await until(() => recorder.warnings.length > 0, 'it is told of')
    assert.match(recorder.warnings[0] ?? '', /^the disk returned wrong data of me\/file, although/)
    assert.deepEqual(
      await store.readChunk(MANIFEST.root, 3),
      BYTES.slice(3 * CHUNK_BYTE_LENGTH, 4 * CHUNK_BYTE_LENGTH)
    )
  })

  it('fault 44: whose noted digests are wrong is published as it is by the next start', async (test) => {
    const { room, file, store } = await sharing(test)
    await store.close()
    writeFileSync(file, OTHER)
    const first = await room.open({ shares: [file] })
    await first.store.hashShares(CHUNK_BYTE_LENGTH)
    await first.store.close()
    const [entry = ''] = readdirSync(room.path('collection/.potluck/hashes'))
    await forgeEntry(room.path('collection/.potluck/hashes', entry), HASHED)
    const wrong = await room.open({ shares: [file] })
    assert.equal((await wrong.store.hashShares(CHUNK_BYTE_LENGTH))[0]?.root, MANIFEST.root)
    await assert.rejects(wrong.store.readChunk(MANIFEST.root, 3))
    await until(() => wrong.recorder.warnings.length > 0, 'it is told of')
    await wrong.store.close()
    const { store: again } = await room.open({ shares: [file] })
    assert.equal(
      (await again.hashShares(CHUNK_BYTE_LENGTH))[0]?.root,
      hashNaively(OTHER, CHUNK_BYTE_LENGTH).root
    )
  })
})
