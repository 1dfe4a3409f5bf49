/**
 * A store on a file system without modes, locks, syncs or free-space figures: it works, and says once what is missing.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, fstatSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import type { FileStoreInit } from '#potluck/store/file-store.js'
import { freeSpaceAt } from '#potluck/store/free-space.js'
import { Growth } from '#potluck/store/growth.js'
import type { Store } from '#potluck/store/store.js'
import {
  type Alterations,
  alterFileSystem,
  refusing,
  systemError,
  withoutPermissions
} from '../fixtures/poor-file-system.js'
import {
  bytesOf,
  CHUNK,
  failure,
  hashNaively,
  manifestOf,
  Recorder,
  Room,
  receive,
  until
} from './fixture.js'

const BYTES = bytesOf(6 * CHUNK)
const MANIFEST = manifestOf('ann/file', BYTES)
const COPY = manifestOf('ben/copy', BYTES)

/** The error of the locking package for a number that it does not know. */
function noLocks(): boolean {
  const code = 'Unknown system error -37'
  throw Object.assign(new Error(code), { code })
}

/** Receives a file half, is closed, receives the rest, and copies it to its second name. @returns what it warned of */
async function gather(room: Room, init: Partial<FileStoreInit> = {}): Promise<string[]> {
  const first = new Recorder()
  const { store } = await room.open({ listener: first, ...init })
  await store.hashShares(CHUNK)
  await store.adopt([MANIFEST])
  await receive(store, BYTES, [0, 1, 5])
  await store.close()
  const second = new Recorder()
  const { store: again } = await room.open({ listener: second, saveIntervalMs: 50, ...init })
  await again.hashShares(CHUNK)
  const [state] = await again.adopt([MANIFEST, COPY])
  assert.deepEqual(state?.held, Uint8Array.of(0b11000100), 'what was stored is found again')
  await receive(again, BYTES)
  await until(() => second.completed.length === 2, 'both names are there')
  for (const path of ['ann/file', 'ben/copy']) {
    assert.deepEqual(Uint8Array.from(await readFile(room.path('collection', path))), BYTES)
  }
  assert.deepEqual([...first.failures, ...second.failures], [])
  assert.deepEqual(first.warnings, second.warnings, 'each run says it once')
  return first.warnings
}

describe('a collection on a file system', () => {
  const cases: [what: string, alterations: (folder: string) => Alterations, warning: RegExp | undefined][] = [
    ['that lacks nothing is warned of by nobody', () => ({}), undefined],
    [
      'that changes no modes, and says so',
      () => refusing('EPERM', 'chmodSync', 'promises.chmod'),
      process.platform === 'win32' ? undefined : /keeps no permissions: other users .* may read/
    ],
    ['that keeps no modes, and says nothing', withoutPermissions, /keeps no permissions/],
    [
      'that keeps no dates',
      () => refusing('EPERM', 'futimesSync'),
      /keeps no dates: files there are dated by when they arrive/
    ],
    [
      'that syncs neither files nor folders',
      () => refusing('EINVAL', 'fdatasyncSync', 'fsyncSync', 'handle.sync', 'handle.datasync'),
      /does not sync files: a power cut may cost/
    ],
    [
      'whose folders nobody may open for a sync',
      () => ({
        openSync: refuseFolders,
        'promises.open': async (perform, path) => refuseFolders(perform, path)
      }),
      /does not sync files/
    ],
    [
      'whose free space is 0 of 0 blocks',
      () => ({
        'promises.statfs': async (perform) => {
          const figures = await perform()
          return typeof figures === 'object' ? { ...figures, blocks: 0, bavail: 0 } : figures
        }
      }),
      /does not report free space/
    ],
    [
      'that has no figures of free space',
      () => refusing('ENOSYS', 'promises.statfs'),
      /does not report free space/
    ],
    ['where permissions cannot be copied', () => refusing('EPERM', 'promises.copyFile'), undefined],
    [
      'that renames over no file',
      () => ({
        'promises.rename': async (perform, _from, to) => {
          if (existsSync(String(to))) {
            throw systemError('EEXIST', 'rename')
          }
          return perform()
        }
      }),
      undefined
    ],
    [
      'that refuses names with accents',
      () => ({
        openSync: (perform, path) => {
          if (String(path).includes('\u00e9')) {
            throw systemError('EILSEQ', 'open')
          }
          return perform()
        }
      }),
      undefined
    ]
  ]
  for (const [what, alterations, warning] of cases) {
    it(`fault 50: ${what}`, async (test) => {
      const room = await Room.make(test)
      alterFileSystem(test, alterations(room.folder))
      const warnings = await gather(room)
      assert.equal(warnings.length, warning === undefined ? 0 : 1)
      assert.match(warnings[0] ?? '', warning ?? /^$/)
    })
  }

  it('fault 50: that lacks all of these gets one message, with where the identity is', async (test) => {
    const room = await Room.make(test)
    alterFileSystem(test, {
      ...withoutPermissions(room.folder),
      ...refusing('ENOSYS', 'fdatasyncSync', 'fsyncSync', 'handle.sync', 'handle.datasync', 'promises.statfs')
    })
    const identityNote = 'The identity of this peer is kept in /home/me.'
    const [warning = '', ...others] = await gather(room, { identityNote, system: { tryLock: noLocks } })
    assert.deepEqual(others, [])
    for (const part of [
      /no permissions/,
      /no locks/,
      /does not sync/,
      /free/,
      /\. The identity .* \/home\/me\.$/
    ]) {
      assert.match(warning, part)
    }
  })

  it('fault 50: that fails a sync otherwise still fails it', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open({
      system: { syncData: () => Promise.reject(systemError('EIO', 'fdatasync')) }
    })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    await assert.rejects(store.close(), failure('DISK', 'EIO'))
  })
})

describe('a file system that writes every gap', () => {
  const MIB = 1024 * 1024
  const LARGE = 24 * MIB
  const LARGE_CHUNK = 4 * MIB
  const bytes = bytesOf(LARGE)
  const manifest = manifestOf('ann/large', bytes, {
    chunkByteLength: LARGE_CHUNK,
    ...hashNaively(bytes, LARGE_CHUNK)
  })
  const system = { isSparse: false }
  const partIn = (room: Room) => room.path(`collection/.potluck/parts/${manifest.root}.part`)

  /** Hands over a chunk of the large file. */
  const write = (store: Store, chunkIndex: number) => {
    const chunk = bytes.slice(chunkIndex * LARGE_CHUNK, (chunkIndex + 1) * LARGE_CHUNK)
    return store.writeChunk(manifest.root, chunkIndex, chunk.buffer, chunk.byteLength)
  }

  it('fault 50: has a file grow piece by piece, while its other chunks are stored and read', async (test) => {
    const room = await Room.make(test)
    const part = partIn(room)
    const growths: number[] = []
    alterFileSystem(test, {
      ftruncateSync: (perform, _descriptor, byteLength) => {
        growths.push(Number(byteLength) - statSync(part).size)
        return perform()
      }
    })
    const { store } = await room.open({ system, chunkCacheByteLength: 0 })
    await store.adopt([manifest])
    await store.setDigests(manifest.root, hashNaively(bytes, LARGE_CHUNK).digests)
    growths.length = 0
    let isLastStored = false
    const last = write(store, 5).then(() => {
      isLastStored = true
    })
    await write(store, 0)
    assert.deepEqual(await store.readChunk(manifest.root, 0), bytes.slice(0, LARGE_CHUNK))
    assert.ok(!isLastStored, 'a chunk far away waits alone')
    await last
    assert.equal(growths[0], MIB)
    assert.ok(Math.max(...growths) <= 8 * MIB, String(growths))
    await store.close()
  })

  for (const [what, bytesPerMs, calls, longestMs] of [
    ['slow', 5000, 300, 211],
    ['fast', 1_000_000, 20, 70]
  ] as const) {
    it(`fault 50: is kept busy by no piece for long, and in few pieces where it is fast: a ${what} one`, async () => {
      let [nowMs, byteLength] = [0, 0]
      const pieces: number[] = []
      const create = (_path: string, wanted: number): bigint => {
        pieces.push((wanted - byteLength) / bytesPerMs)
        nowMs += (wanted - byteLength) / bytesPerMs
        byteLength = wanted
        return 1n
      }
      const descriptors = { create, write: () => assert.fail('it can be made longer') }
      const growth = new Growth('part', descriptors, new AbortController().signal, () => nowMs)
      await growth.reach(200 * MIB)
      assert.equal(byteLength, 200 * MIB)
      assert.ok(pieces.length <= calls, `${pieces.length} calls`)
      assert.ok(Math.max(...pieces) <= longestMs, `${Math.max(...pieces)} ms`)
    })
  }

  it('fault 50: has room for what a part file reaches over already', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open({ system })
    await store.adopt([manifest])
    await store.setDigests(manifest.root, hashNaively(bytes, LARGE_CHUNK).digests)
    await write(store, 4)
    await store.close()
    const adopt = async (free: number): Promise<Error[]> => {
      const { store, recorder } = await room.open({
        system: { ...system, freeSpace: async () => 16 * MIB + free }
      })
      await store.adopt([manifest]).finally(() => store.close())
      return [...recorder.failed.values()]
    }
    const [shortage] = await adopt(LARGE_CHUNK - 1)
    failure('DISK', 'free 1 byte more')(shortage)
    assert.deepEqual(await adopt(LARGE_CHUNK), [])
    assert.equal(statSync(partIn(room)).size, 5 * LARGE_CHUNK, 'a start does not write the gap either')
  })

  it('fault 50: loses nothing when it is closed midway, also where files are only written longer', async (test) => {
    const room = await Room.make(test)
    alterFileSystem(test, {
      ftruncateSync: (perform, descriptor, byteLength) => {
        if (fstatSync(Number(descriptor)).size < Number(byteLength)) {
          throw systemError('EPERM', 'ftruncate')
        }
        return perform()
      }
    })
    await gather(room, { system })
  })
})

describe('free space', () => {
  it('fault 6: of a disk that is full is none, and not unknown', async (test) => {
    alterFileSystem(test, {
      'promises.statfs': async () => ({ bavail: 0, bsize: 4096, blocks: 1000 })
    })
    assert.equal(await freeSpaceAt('/'), 0)
  })

  it('fault 50: is unknown where the figures cannot be', async (test) => {
    const figures = { bavail: 0, bsize: 4096, blocks: 1000 }
    alterFileSystem(test, { 'promises.statfs': async () => figures })
    for (const [key, value] of [
      ['bsize', 0],
      ['bavail', -1],
      ['bavail', 2 ** 60],
      ['blocks', 0]
    ] as const) {
      const before = figures[key]
      figures[key] = value
      assert.equal(await freeSpaceAt('/'), undefined, `${key} ${value}`)
      figures[key] = before
    }
  })
})

describe('the lock of a collection without locks', () => {
  const system = { tryLock: noLocks }

  function ownerFile(room: Room): string {
    return room.path('collection/.potluck/lock.owner')
  }

  async function openAs(test: TestContext, owner: object): Promise<Room> {
    const room = await Room.make(test)
    const { store } = await room.open({ system })
    const own: unknown = JSON.parse(await readFile(ownerFile(room), 'utf8'))
    await store.close()
    await writeFile(ownerFile(room), JSON.stringify({ ...Object(own), ...owner }))
    return room
  }

  it('fault 50: keeps a second store out while the first is at work, and not after it', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open({ name: 'ann', system })
    await assert.rejects(
      room.open({ system }),
      failure('COLLECTION_LOCKED', 'the peer ann', `process ${process.pid}`, 'end that one')
    )
    await store.close()
    assert.ok(!existsSync(ownerFile(room)))
    await room.open({ system })
  })

  it('fault 50: lets one of two in that start at once', async (test) => {
    const room = await openAs(test, { boot: 'of another day' })
    const opened = await Promise.allSettled([room.open({ system }), room.open({ system })])
    assert.equal(opened.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  it('fault 50: is the later one’s of two that found a dead one at once', async (test) => {
    const room = await openAs(test, { boot: 'of another day' })
    const owner = ownerFile(room)
    alterFileSystem(test, {
      writeSync: (perform, _descriptor, text) => {
        const written = perform()
        writeFileSync(owner, String(text).replace(/"token":"[^"]*"/, '"token":"another"'))
        return written
      }
    })
    await assert.rejects(room.open({ system }), failure('COLLECTION_LOCKED', `process ${process.pid}`))
  })

  it('fault 50: is nobody’s when its process was killed, whoever has its number now', async (test) => {
    const { pid } = spawnSync('true')
    for (const owner of [{ pid }, { began: '1' }, { boot: 'of another day' }]) {
      await (await openAs(test, owner)).open({ system })
    }
    const room = await Room.make(test)
    await mkdir(room.path('collection/.potluck'), { recursive: true })
    await writeFile(ownerFile(room), '{"pid":')
    await room.open({ system })
  })

  it('fault 50: of another machine or container is left alone, and named', async (test) => {
    for (const owner of [{ machine: 'other', boot: 'its own' }, { space: 'pid:[1]' }]) {
      const room = await openAs(test, { ...owner, host: 'elsewhere', name: 'ann' })
      await assert.rejects(
        room.open({ system }),
        failure('COLLECTION_LOCKED', 'the peer ann', 'on elsewhere', `remove ${ownerFile(room)}`)
      )
    }
  })

  it('fault 50: counts also where the lock server came or went meanwhile', async (test) => {
    for (const [first, second] of [
      [system, {}],
      [{}, system]
    ]) {
      const room = await Room.make(test)
      await room.open({ name: 'ann', system: first ?? {} })
      await assert.rejects(room.open({ system: second ?? {} }), failure('COLLECTION_LOCKED', 'the peer ann'))
    }
  })
})

describe('the permissions of what is collected', { skip: process.platform === 'win32' }, () => {
  it('follow the umask, of copies as of what is received', async (test) => {
    const before = process.umask(0o027)
    test.after(() => process.umask(before))
    const room = await Room.make(test)
    await gather(room)
    const modes = ['ann/file', 'ben/copy'].map((path) => stat(room.path('collection', path)))
    assert.deepEqual(
      (await Promise.all(modes)).map(({ mode }) => mode & 0o777),
      [0o640, 0o640]
    )
    assert.deepEqual(await readdir(room.path('collection/.potluck/parts')), [])
  })
})

function refuseFolders(perform: () => unknown, path: unknown): unknown {
  if (statSync(String(path), { throwIfNoEntry: false })?.isDirectory() === true) {
    throw systemError('EISDIR', 'open')
  }
  return perform()
}
