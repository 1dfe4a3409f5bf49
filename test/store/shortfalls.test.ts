/** Entries that a file system does not accept: each is given up by itself, and all others get their names. */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import fs from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { describe, it, type TestContext } from 'node:test'
import { manifestKey } from '#potluck/core/names.js'
import type { Manifest } from '#potluck/protocols/manifest/index.js'
import { DiskFullError, WriteFailedError } from '#potluck/store/store.js'
import { type FileCall, interceptFileSystem } from '../../bench/torture/intercept.js'
import { bytesOf, CHUNK, failure, folderManifest, manifestOf, Room, receive, until } from './fixture.js'

const GOOD = bytesOf(3 * CHUNK)
const BAD = bytesOf(3 * CHUNK + 1)
const OTHER = bytesOf(2 * CHUNK)
const GIB = 1024 ** 3
const LARGE_CHUNK = 4 * 1024 * 1024

/** A call of the kind fails with the code where its arguments say so. */
function failing(test: TestContext, name: string, code: string, fits: (call: FileCall) => boolean): void {
  test.after(
    interceptFileSystem((call) => {
      if (call.name === name && fits(call)) {
        throw Object.assign(new Error(`${code}: no, ${name}`), { code, syscall: name })
      }
      return call.perform()
    })
  )
}

/** The bad entry is given up with what the texts say, the good one gets its name. */
async function givesUpOnly(
  room: Room,
  { bad, collection, texts }: { bad: Manifest; collection?: string; texts: string[] }
): Promise<void> {
  const { store, recorder } = await room.open(collection === undefined ? {} : { collection })
  await store.adopt([bad, manifestOf('ann/good', GOOD)])
  await receive(store, GOOD)
  if (!recorder.failed.has(manifestKey(bad))) {
    await receive(store, BAD).catch(() => undefined)
  }
  await until(
    () => recorder.failed.size === 1 && recorder.completed.length > 0,
    'one is given up, one complete'
  )
  failure('DISK', ...texts)(recorder.failed.get(manifestKey(bad)))
  assert.deepEqual(recorder.completed, ['ann/good'])
  assert.deepEqual(recorder.failures, [], 'the run goes on')
}

describe('an entry that the file system does not take', () => {
  it('fault 48: has a path that is too long, which is known before anything of it comes', async (test) => {
    const room = await Room.make(test)
    const missing = 3950 - room.folder.length
    const names = Array.from({ length: Math.floor(missing / 200) }, () => 'd'.repeat(199))
    const collection = room.path(...names)
    await mkdir(collection, { recursive: true })
    const bad = manifestOf(`ann/${'x'.repeat(200)}/${'y'.repeat(200)}`, BAD)
    await givesUpOnly(room, { bad, collection, texts: ['ENAMETOOLONG', 'shorter path'] })
  })

  it('fault 48: has a name that the file system refuses, which is known before anything of it comes', async (test) => {
    const room = await Room.make(test)
    failing(test, 'mkdirSync', 'EILSEQ', ({ args: [path] }) => String(path).includes('names/\u00e9'))
    const bad = manifestOf('ann/\u00e9', BAD)
    const { store, recorder } = await room.open()
    assert.equal(
      (await store.adopt([bad, manifestOf('ann/good', GOOD)])).length,
      1,
      'it is not to be fetched'
    )
    failure('DISK', 'EILSEQ', 'takes no such name')(recorder.failed.get('ann/\u00e9'))
    await store.close()
  })

  it('fault 48: is larger than its largest file, where that is known and where it shows', async (test) => {
    const room = await Room.make(test)
    const bad = manifestOf('ann/bad', BAD)
    const known = await room.open({ system: { longestFile: async () => GOOD.byteLength } })
    assert.equal((await known.store.adopt([bad, manifestOf('ann/good', GOOD)])).length, 1)
    failure('DISK', 'no file longer than')(known.recorder.failed.get('ann/bad'))
    await known.store.close()
    failing(test, 'ftruncateSync', 'EFBIG', ({ args: [, byteLength] }) => byteLength === BAD.byteLength)
    await givesUpOnly(room, { bad, texts: ['EFBIG', 'no file that large'] })
  })

  it('fault 48: is so large that it is tried before its first chunk is asked for', async (test) => {
    const room = await Room.make(test)
    failing(test, 'ftruncateSync', 'EFBIG', ({ args: [, byteLength] }) => byteLength === GIB)
    const { store, recorder } = await room.open({ system: { freeSpace: async () => undefined } })
    const digests = bytesOf((GIB / LARGE_CHUNK) * 32)
    const root = hash('sha256', digests, 'hex')
    await store.adopt([
      { ...manifestOf('ann/bad', GOOD), root, byteLength: GIB, chunkByteLength: LARGE_CHUNK },
      manifestOf('ann/good', GOOD)
    ])
    await assert.rejects(store.setDigests(root, digests), WriteFailedError)
    failure('DISK', 'EFBIG')(recorder.failed.get('ann/bad'))
    await receive(store, GOOD)
    await until(() => recorder.completed.length === 1, 'the other one is complete')
  })

  it('fault 48: exceeds a quota that others do not, again and again', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const others = Array.from({ length: 5 }, (_, index) => bytesOf(CHUNK, `other ${index}`))
    await store.adopt([
      manifestOf('ann/bad', BAD),
      ...others.map((bytes, index) => manifestOf(`ann/${index}`, bytes))
    ])
    failing(test, 'writeSync', 'EDQUOT', ({ args: [, bytes] }) => {
      return bytes instanceof Uint8Array && Buffer.from(bytes).equals(BAD.subarray(0, CHUNK))
    })
    const write = (): Promise<void> => receive(store, BAD, [0])
    await assert.rejects(write(), DiskFullError)
    await assert.rejects(write(), DiskFullError, 'all of it may be full')
    for (const [index, bytes] of others.entries()) {
      assert.equal(recorder.failed.size, index < 3 ? 0 : 1)
      await receive(store, bytes)
      await assert.rejects(write())
    }
    failure('DISK', 'no room is left there')(recorder.failed.get('ann/bad'))
  })

  it('fault 48: cannot get its final name', async (test) => {
    for (const code of ['EACCES', 'EINVAL', 'EROFS', 'EXDEV']) {
      const room = await Room.make(test)
      failing(test, 'renameSync', code, ({ args: [, to] }) =>
        String(to).startsWith(room.path('collection/ann/bad'))
      )
      await givesUpOnly(room, { bad: manifestOf('ann/bad', BAD), texts: [code, 'ann/bad'] })
    }
  })

  it('fault 48: is one of two names of a content, of which the other one is given', async (test) => {
    const room = await Room.make(test)
    failing(test, 'renameSync', 'EACCES', ({ args: [, to] }) => String(to).endsWith('/bad'))
    const { store, recorder } = await room.open()
    await store.adopt([
      manifestOf('ann/bad', GOOD),
      manifestOf('ann/good', GOOD),
      manifestOf('ben/bad', GOOD)
    ])
    await receive(store, GOOD)
    await until(() => recorder.failed.size === 2 && recorder.completed.length > 0, 'two are given up')
    assert.deepEqual(recorder.completed, ['ann/good'])
  })

  it('fault 48: is a folder that may not be made, or lies in one', async (test) => {
    const room = await Room.make(test)
    failing(test, 'mkdirSync', 'EACCES', ({ args: [path] }) => String(path).endsWith('ann/bad'))
    const { store, recorder } = await room.open()
    await store.adopt([folderManifest('ann/bad'), folderManifest('ann/good'), manifestOf('ann/good/x', GOOD)])
    failure('DISK', 'EACCES', 'ann/bad')(recorder.failed.get('ann/bad'))
    await receive(store, GOOD)
    await until(() => recorder.completed.length === 2, 'the others are here')
  })

  it('fault 48: lies in a folder that may not be written in, unless it is there already', async (test) => {
    const room = await Room.make(test)
    await room.write('collection/ann/good', GOOD)
    // By a stub, since root may write everywhere.
    const access = test.mock.method(fs, 'accessSync', (path: string) => {
      if (path === room.path('collection/ann')) {
        throw Object.assign(new Error('EACCES: no, access'), { code: 'EACCES', syscall: 'access' })
      }
    })
    syncBuiltinESMExports()
    test.after(() => {
      access.mock.restore()
      syncBuiltinESMExports()
    })
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/bad', BAD), manifestOf('ann/good', GOOD), manifestOf('ben/x', OTHER)])
    assert.deepEqual(recorder.completed, ['ann/good (local)'])
    assert.deepEqual([...recorder.failed.keys()], ['ann/bad'])
    failure('DISK', 'EACCES')(recorder.failed.get('ann/bad'))
  })

  it('fault 5: is nothing of the kind when the disk itself fails', async (test) => {
    const room = await Room.make(test)
    failing(test, 'renameSync', 'EIO', ({ args: [, to] }) => String(to).endsWith('ann/bad'))
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/bad', BAD)])
    await receive(store, BAD)
    await until(() => recorder.failures.length > 0, 'the run ends')
    failure('DISK', 'EIO')(recorder.failures[0])
    assert.equal(recorder.failed.size, 0)
  })
})
