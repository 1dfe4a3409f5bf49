/**
 * Dates and permissions: which of them are sent, how they are restored, and whether a file that has them again is
 * trusted.
 */
import assert from 'node:assert/strict'
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { describe, it, type TestContext } from 'node:test'
import type { Attributes, Manifest } from '#potluck/protocols/manifest/index.js'
import { Restorer, timeOf } from '#potluck/store/attributes.js'
import { type FileStamp, stampAt } from '#potluck/store/stamps.js'
import type { Store } from '#potluck/store/store.js'
import { alterFileSystem, refusing, systemError } from '../fixtures/poor-file-system.js'
import { fc } from '../fixtures/properties.js'
import { modifiedMsOf } from '../fixtures/tree-comparison.js'
import {
  bytesOf,
  CHUNK,
  folderManifest,
  hashNaively,
  manifestOf,
  Recorder,
  Room,
  receive,
  until
} from './fixture.js'

const BYTES = bytesOf(3 * CHUNK + 7)
const MODIFIED_MS = Date.UTC(2001, 1, 3, 4, 5, 6, 789)
const IS_WINDOWS = process.platform === 'win32'

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

function keepUmask(test: TestContext): void {
  const before = process.umask()
  test.after(() => process.umask(before))
}

async function collected(room: Room, manifests: Manifest[]) {
  const { store, recorder } = await room.open()
  await store.adopt(manifests)
  await receive(store, BYTES)
  await until(() => recorder.completed.length === manifests.length, 'all of it is complete')
  return { store, recorder }
}

describe('what a share says of its files beside their bytes', () => {
  it('is the date to the millisecond, rounded down', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in', 'a')
    for (const [seconds, expected] of [
      ['1000000000.1239', 1_000_000_000_123],
      ['0', 0],
      ['-1.5', -1500],
      ['-0.0005', -1],
      [String(Date.UTC(2100, 0, 1) / 1000), Date.UTC(2100, 0, 1)]
    ] as const) {
      utimesSync(file, seconds, seconds)
      const { store } = await room.open({ shares: [file] })
      assert.equal((await store.hashShares(CHUNK))[0]?.modifiedMs, expected, seconds)
      await store.close()
    }
  })

  it('is whether the owner may execute it, and whether nobody else may read it', {
    skip: IS_WINDOWS
  }, async (test) => {
    const room = await Room.make(test)
    const [executable, secret] = [{ isExecutable: true }, { isPrivate: true }]
    for (const [mode, expected] of [
      [0o644, {}],
      [0o640, {}],
      [0o444, {}],
      [0o604, {}],
      [0o645, {}],
      [0o755, executable],
      [0o744, executable],
      [0o600, secret],
      [0o400, secret],
      [0o622, secret],
      [0o700, { ...executable, ...secret }]
    ] as const) {
      const file = await room.write('in', 'a')
      chmodSync(file, mode)
      const { store } = await room.open({ shares: [file] })
      const [entry] = await store.hashShares(CHUNK)
      const { isExecutable, isPrivate } = entry ?? {}
      assert.deepEqual({ ...(isExecutable && { isExecutable }), ...(isPrivate && { isPrivate }) }, expected)
      await store.close()
    }
  })

  it('says nothing of permissions that are those of the mount', {
    skip: process.platform !== 'linux'
  }, async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in', 'a')
    chmodSync(file, 0o700)
    const exfat = 0x2011bab0
    alterFileSystem(test, {
      'promises.statfs': async (perform) => Object.assign(Object(await perform()), { type: exfat })
    })
    const { store } = await room.open({ shares: [file] })
    const [entry] = await store.hashShares(CHUNK)
    assert.deepEqual([entry?.isExecutable, entry?.isPrivate], [undefined, undefined])
  })
})

describe('a date that is set', () => {
  it('is that of the manifest to the millisecond, whatever Node and the system make of a number', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in', 'a')
    // What ext4, APFS and NTFS all hold.
    const ms = fc.integer({ min: Date.UTC(1902, 0, 1), max: Date.UTC(2240, 0, 1) })
    fc.assert(
      fc.property(ms, (modifiedMs) => {
        utimesSync(file, timeOf(modifiedMs), timeOf(modifiedMs))
        assert.equal(modifiedMsOf(file), modifiedMs)
      }),
      { numRuns: 300, examples: [[0], [-1], [1], [-1500], [1_234_567_890_567], [Date.UTC(2100, 0, 1) + 1]] }
    )
  })
})

describe('a file that was received', () => {
  it('has the date and the permissions of its origin, and no more than the umask allows', {
    skip: IS_WINDOWS
  }, async (test) => {
    keepUmask(test)
    for (const [umask, plain, executable] of [
      [0o022, 0o644, 0o755],
      [0o027, 0o640, 0o750],
      [0o077, 0o600, 0o700],
      [0o002, 0o664, 0o775]
    ] as const) {
      process.umask(umask)
      const room = await Room.make(test)
      const cases: [name: string, attributes: Attributes, mode: number][] = [
        ['ann/plain', { modifiedMs: MODIFIED_MS }, plain],
        ['ann/run', { modifiedMs: -1500, isExecutable: true }, executable],
        ['ann/own', { modifiedMs: Date.UTC(2100, 0, 1), isPrivate: true }, 0o600],
        ['ben/both', { isExecutable: true, isPrivate: true }, 0o700]
      ]
      const beganMs = Date.now() - 1
      await collected(
        room,
        cases.map(([name, attributes]) => manifestOf(name, BYTES, attributes))
      )
      for (const [name, { modifiedMs }, mode] of cases) {
        const file = room.path('collection', name)
        assert.deepEqual(readFileSync(file), Buffer.from(BYTES))
        assert.equal(modeOf(file), mode, `${name} with the umask ${umask.toString(8)}`)
        if (modifiedMs === undefined) {
          assert.ok(modifiedMsOf(file) >= beganMs, 'without a date it has that of its arrival')
        } else {
          assert.equal(modifiedMsOf(file), modifiedMs, name)
        }
      }
    }
  })

  it('keeps the date that it has when its content is here already, and what is moved aside as well', async (test) => {
    const room = await Room.make(test)
    const there = await room.write('collection/ann/there', BYTES)
    const aside = await room.write('collection/ann/new', 'something else')
    utimesSync(there, 1_000_000_000, 1_000_000_000)
    utimesSync(aside, 1_000_000_000, 1_000_000_000)
    const { store, recorder } = await room.open()
    await store.adopt(
      ['ann/there', 'ann/new'].map((name) => manifestOf(name, BYTES, { modifiedMs: MODIFIED_MS }))
    )
    assert.deepEqual(recorder.completed.sort(), ['ann/new (local)', 'ann/there (local)'])
    assert.equal(modifiedMsOf(there), 1_000_000_000_000)
    assert.equal(modifiedMsOf(`${aside}.old-1`), 1_000_000_000_000)
    assert.equal(modifiedMsOf(aside), MODIFIED_MS)
  })

  it('counts as unchanged by its restored date, in this run and in the next', async (test) => {
    const room = await Room.make(test)
    const bytes = bytesOf(1024 * 1024 + 1)
    const chunkByteLength = 256 * 1024
    const hashed = hashNaively(bytes, chunkByteLength)
    const manifest = manifestOf('ann/file', bytes, { ...hashed, chunkByteLength, modifiedMs: MODIFIED_MS })
    const { store, recorder } = await room.open()
    await store.adopt([manifest])
    await receiveIn(store, bytes, chunkByteLength)
    await until(() => recorder.completed.length > 0, 'it is complete')
    const before = stampAt(room.path('collection/ann/file'))
    assert.deepEqual(await store.confirm(), [])
    assert.deepEqual(stampAt(room.path('collection/ann/file')), before)
    await store.close()
    const checkedAtMs: (number | undefined)[] = []
    const listener = new Recorder()
    listener.onFileComplete = (_manifest, _local, atMs?: number) => checkedAtMs.push(atMs)
    const next = await room.open({ listener })
    await next.store.adopt([manifest])
    assert.equal(typeof checkedAtMs[0], 'number', 'it is not read again')
  })

  it('fault 44: is not taken for an earlier one of its name, length and date where no time of change tells', async (test) => {
    const room = await Room.make(test)
    alterFileSystem(test, withoutTimeOfChange())
    const chunkByteLength = 256 * 1024
    const versions = ['old', 'new'].map((seed) => {
      const bytes = bytesOf(1024 * 1024 + 1, seed)
      const hashed = hashNaively(bytes, chunkByteLength)
      return {
        bytes,
        manifest: manifestOf('ann/file', bytes, { ...hashed, chunkByteLength, modifiedMs: MODIFIED_MS })
      }
    })
    const [old, renewed] = versions
    for (const { bytes, manifest } of versions) {
      const { store, recorder } = await room.open()
      await store.adopt([manifest])
      await receiveIn(store, bytes, chunkByteLength)
      await until(() => recorder.completed.length > 0, 'it is complete')
      if (manifest === renewed?.manifest) {
        // As when it is killed before anything is noted of the new one.
        alterFileSystem(test, {
          'promises.rename': async (perform, from) =>
            String(from).includes('hashes') ? Promise.reject(systemError('EIO', 'rename')) : perform()
        })
      }
      await store.close()
      if (manifest === old?.manifest) {
        rmSync(room.path('collection/ann/file'))
      }
    }
    const { store, recorder } = await room.open()
    await store.adopt(versions.slice(0, 1).map(({ manifest }) => manifest))
    assert.deepEqual(recorder.completed, [], 'the old one is not there any more')
  })

  it('is complete although the disk refuses its date, or its permissions, and that is said once', {
    skip: IS_WINDOWS
  }, async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    alterFileSystem(test, refusing('EPERM', 'futimesSync', 'fchmodSync'))
    const attributes: Attributes = { modifiedMs: MODIFIED_MS, isExecutable: true }
    await store.adopt(['ann/a', 'ann/b', 'ben/c'].map((name) => manifestOf(name, BYTES, attributes)))
    await receive(store, BYTES)
    await until(() => recorder.completed.length === 3, 'all are complete')
    assert.equal(recorder.warnings.length, 1)
    assert.match(recorder.warnings[0] ?? '', /refused the date or the permissions of .*ann\/a/)
  })

  it('fault 5: is not complete when the disk fails while it gets its date', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    alterFileSystem(test, {
      futimesSync: () => {
        throw systemError('EIO', 'futimes')
      }
    })
    await store.adopt([manifestOf('ann/a', BYTES, { modifiedMs: MODIFIED_MS })])
    await receive(store, BYTES)
    await until(() => recorder.failures.length > 0, 'the disk failed')
    assert.deepEqual(recorder.completed, [])
  })
})

describe('a folder that was received', () => {
  it('has its date once everything is in it, and is for its owner alone from the start where it is private', {
    skip: IS_WINDOWS
  }, async (test) => {
    const room = await Room.make(test)
    const folders: [name: string, attributes: Attributes][] = [
      ['ann/a', { modifiedMs: MODIFIED_MS }],
      ['ann/a/b', { modifiedMs: MODIFIED_MS + 1, isPrivate: true }],
      ['ann/a/b/empty', { modifiedMs: MODIFIED_MS + 2, isPrivate: true }],
      ['ann/a/c', {}]
    ]
    const manifests = folders.map(([name, attributes]) => ({ ...folderManifest(name), ...attributes }))
    const { store, recorder } = await room.open()
    await store.adopt([...manifests, manifestOf('ann/a/b/file', BYTES), manifestOf('ann/a/file', BYTES)])
    assert.equal(modeOf(room.path('collection/ann/a/b')), 0o700)
    await receive(store, BYTES)
    await until(() => recorder.completed.length === 6, 'all is complete')
    assert.deepEqual(await store.confirm(), [])
    for (const [name, { modifiedMs, isPrivate }] of folders) {
      const folder = room.path('collection', name)
      assert.equal(modeOf(folder), isPrivate === true ? 0o700 : 0o755, name)
      assert.ok(modifiedMs === undefined || modifiedMsOf(folder) === modifiedMs, name)
    }
  })

  it('is made with the first of its files, and has its date when the store is closed at the latest', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const folder = room.path('collection/ann/a')
    await store.adopt([
      { ...folderManifest('ann/a'), modifiedMs: MODIFIED_MS },
      manifestOf('ann/a/file', BYTES)
    ])
    assert.deepEqual(recorder.completed, ['ann/a (local)'])
    assert.equal(existsSync(folder), false)
    await receive(store, BYTES)
    await until(() => recorder.completed.length === 2, 'all is complete')
    assert.notEqual(modifiedMsOf(folder), MODIFIED_MS)
    await store.close()
    assert.equal(modifiedMsOf(folder), MODIFIED_MS)
  })
})

describe('restoring a date', () => {
  const restorer = new Restorer({
    newFileMode: 0o644,
    newFolderMode: 0o755,
    keepsPermissions: true,
    keepsDates: true,
    onWarning: assert.fail
  })

  function restored(path: string, before: FileStamp | undefined): FileStamp | undefined {
    const descriptor = openSync(path, 'r+')
    try {
      return restorer.restore(descriptor, path, { modifiedMs: MODIFIED_MS }, before)
    } finally {
      closeSync(descriptor)
    }
  }

  it('fault 45: hides no write that came before it', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('file', 'checked')
    utimesSync(file, 1, 1)
    const checked = stampAt(file)
    writeFileSync(file, 'written')
    assert.equal(restored(file, checked), undefined)
    assert.equal(restored(file, undefined), undefined)
    assert.equal(modifiedMsOf(file), MODIFIED_MS)
  })

  it('gives the stamp of the file as it is then, and again where it has to be repeated', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('file', 'checked')
    const first = restored(file, stampAt(file))
    assert.deepEqual(first, stampAt(file))
    assert.deepEqual(restored(file, first), stampAt(file))
  })
})

async function receiveIn(store: Store, bytes: Uint8Array, chunkByteLength: number): Promise<void> {
  const { root, digests } = hashNaively(bytes, chunkByteLength)
  await store.setDigests(root, digests)
  for (let byteOffset = 0; byteOffset < bytes.byteLength; byteOffset += chunkByteLength) {
    const { buffer, byteLength } = bytes.slice(byteOffset, byteOffset + chunkByteLength)
    await store.writeChunk(root, byteOffset / chunkByteLength, buffer, byteLength)
  }
}

/** As FAT: the time of change is that of modification, and the same number may be another file's. */
function withoutTimeOfChange() {
  const plain = (perform: () => unknown): unknown => {
    const status = perform()
    if (typeof status === 'object' && status !== null && 'mtimeNs' in status && 'ctimeNs' in status) {
      Object.assign(status, { ctimeNs: status.mtimeNs, ino: 1n })
    }
    return status
  }
  return {
    statSync: plain,
    lstatSync: plain,
    fstatSync: plain,
    'handle.stat': async (perform: () => unknown) =>
      plain(await Promise.resolve(perform()).then((status) => () => status))
  }
}
