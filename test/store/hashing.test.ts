import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  linkSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { mkdir, open, readdir, rm, stat, symlink, truncate, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { DEFAULT_CHUNK_BYTE_LENGTH } from '#potluck/core/chunks.js'
import { rootOf } from '#potluck/store/digest-list.js'
import { replaceFile } from '#potluck/store/durable.js'
import { hashFile } from '#potluck/store/hasher.js'
import { bytesOf, CHUNK, failure, filesOf, forgeEntry, hashNaively, Room } from './fixture.js'

const MIB = 1024 * 1024
const signal = new AbortController().signal

async function hashes(room: Room, shares: string[], chunkByteLength = CHUNK) {
  const { store, recorder } = await room.open({ shares })
  const entries = await store.hashShares(chunkByteLength)
  return { store, recorder, entries, paths: filesOf(entries) }
}

describe('hashing shares', () => {
  it('agrees with hashing all at once, at every length where something could go wrong', async (test) => {
    const room = await Room.make(test)
    const lengths = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK, MIB - 1, MIB, MIB + 1, 2 * MIB + CHUNK + 7]
    const shares = await Promise.all(
      lengths.map((length) => room.write(`in/${length}`, bytesOf(length, length)))
    )
    const { store, entries } = await hashes(room, shares)
    for (const [index, length] of lengths.entries()) {
      const { digests, ...expected } = hashNaively(bytesOf(length, length))
      const { modifiedMs, ...entry } = entries[index] ?? {}
      assert.deepEqual(entry, { kind: 'file', path: String(length), ...expected })
      assert.deepEqual(await store.digests(expected.root, 0, digests.byteLength / 32), digests)
    }
  })

  it('agrees for chunks that do not divide what is read at a time', async (test) => {
    const room = await Room.make(test)
    const bytes = bytesOf(2 * MIB + 5)
    const file = await room.write('in', bytes)
    for (const chunkByteLength of [1025, 333_333, 4 * MIB]) {
      for (const onThreads of [false, true]) {
        const { hashed } = await hashFile(file, chunkByteLength, { signal, onThreads })
        assert.deepEqual(hashed, hashNaively(bytes, chunkByteLength))
      }
    }
  })

  it('agrees for files of different lengths that are read at the same time', async (test) => {
    const room = await Room.make(test)
    const contents = [3 * MIB + 1, MIB + 70_000, 5 * MIB, 200_000, 2 * MIB].map((length) =>
      bytesOf(length, length)
    )
    const files = await Promise.all(contents.map((bytes, index) => room.write(`in/${index}`, bytes)))
    const read = await Promise.all(files.map((file) => hashFile(file, CHUNK, { signal })))
    assert.deepEqual(
      read.map(({ hashed }) => hashed),
      contents.map((bytes) => hashNaively(bytes, CHUNK))
    )
  })

  it('fails with what the disk says of a part that is read while the part before is hashed', async (test) => {
    const room = await Room.make(test)
    const path = await room.write('in', bytesOf(3 * MIB))
    const file = await open(path)
    const handles: Pick<typeof file, 'read'> = Object.getPrototypeOf(file)
    const error = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
    const { read } = handles
    let count = 0
    test.mock.method(handles, 'read', function (this: typeof file, ...parameters: unknown[]) {
      return count++ === 0 ? Reflect.apply(read, this, parameters) : Promise.reject(error)
    })
    await assert.rejects(hashFile(path, CHUNK, { signal }), error)
    assert.equal(count, 2)
    await file.close()
  })

  it('names a file by its own name and a folder by its name and what is in it, empty ones too', async (test) => {
    const room = await Room.make(test)
    await room.write('in/tree/b/c.txt', 'c')
    await room.write('in/tree/a.txt', '')
    await mkdir(room.path('in/tree/empty/below'), { recursive: true })
    await room.write('in/single', 's')
    await mkdir(room.path('in/hollow'))
    const shares = [room.path('in/tree/'), room.path('in/single'), room.path('in/hollow')]
    const { entries } = await hashes(room, shares)
    assert.deepEqual(
      entries.map(({ kind, path }) => `${kind} ${path}`),
      [
        'folder tree',
        'file tree/a.txt',
        'folder tree/b',
        'file tree/b/c.txt',
        'folder tree/empty',
        'folder tree/empty/below',
        'file single',
        'folder hollow'
      ]
    )
    const { modifiedMs, ...empty } = entries[5] ?? {}
    assert.deepEqual(empty, { kind: 'folder', path: 'tree/empty/below', byteLength: 0, md5: '', root: '' })
    assert.equal(modifiedMs, Number(statSync(room.path('in/tree/empty/below'), { bigint: true }).mtimeMs))
  })

  it('resolves paths that end in dots', async (test) => {
    const room = await Room.make(test)
    await room.write('in/tree/a', 'a')
    const { paths } = await hashes(room, [join(room.path('in/tree'), 'x', '..', '.')])
    assert.deepEqual(paths, ['tree/a'])
  })

  it('fault 36: follows a share that is a link, and neither links nor special files inside', async (test) => {
    const room = await Room.make(test)
    await room.write('in/tree/a', 'a')
    await room.write('in/secret', 'secret')
    await symlink(room.path('in/secret'), room.path('in/tree/link'))
    await symlink(room.path('in'), room.path('in/tree/loop'))
    await symlink(room.path('in/tree'), room.path('in/alias'))
    execFileSync('mkfifo', [room.path('in/tree/pipe')])
    const { paths } = await hashes(room, [room.path('in/alias')])
    assert.deepEqual(paths, ['alias/a'])
  })

  it('does not share the collection into itself', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a', 'a')
    const collection = room.path('in/collection')
    await room.write('in/collection/ann/b', 'b')
    const { store } = await room.open({ collection, shares: [room.path('in')] })
    assert.deepEqual(filesOf(await store.hashShares(CHUNK)), ['in/a'])
    await store.close()
    for (const share of [collection, join(collection, '.potluck')]) {
      const again = await room.open({ collection, shares: [share] })
      await assert.rejects(again.store.hashShares(CHUNK), failure('SHARE_UNUSABLE', 'collects'))
      await again.store.close()
    }
  })

  it('fault 35: refuses two shares that would have one name, or one that some systems take for the same', async (test) => {
    const room = await Room.make(test)
    const first = await room.write('one/a', '1')
    const second = await room.write('two/a', '2')
    const shouted = await room.write('three/A', '3')
    await room.write('four/a/inside', '4')
    for (const other of [second, shouted, room.path('four/a')]) {
      const { store } = await room.open({ shares: [first, other] })
      await assert.rejects(store.hashShares(CHUNK), failure('SHARE_UNUSABLE', first, other))
      await store.close()
    }
  })

  it('says which share is missing, unreadable or badly named, and what to do', async (test) => {
    const room = await Room.make(test)
    const cases = [
      { share: room.path('nothing'), said: ['nothing', 'does not exist', 'leave it out'] },
      { share: await room.write('in/what?', ''), said: ['what?', 'rename it'] },
      { share: await room.write('in/\u001b[2J', ''), said: ['\\u{1b}[2J', 'rename it'] },
      { share: await room.write('in/nul.txt', ''), said: ['Windows'] },
      { share: '/dev/null', said: ['neither a file nor a folder'] }
    ]
    for (const { share, said } of cases) {
      const { store } = await room.open({ shares: [share] })
      await assert.rejects(store.hashShares(CHUNK), failure('SHARE_UNUSABLE', ...said))
      await store.close()
    }
  })

  it('refuses a file of more chunks than a manifest can have, and says what helps', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in/long', '')
    await truncate(file, 4 * 1024 * MIB + 1)
    const { store } = await room.open({ shares: [file] })
    await assert.rejects(store.hashShares(CHUNK), failure('SHARE_UNUSABLE', 'long', 'larger chunkByteLength'))
  })

  it('gives up on a file that is written to all the time', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in/log', bytesOf(2 * MIB))
    await assert.rejects(hashFile(file, CHUNK, { signal, onBytes: () => appendFileSync(file, 'more') }), {
      name: 'FileChangingError'
    })
  })

  it('fault 8: reads a file again that changed while it was read', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in/file', bytesOf(2 * MIB))
    let changes = 1
    const onBytes = () => {
      if (changes-- > 0) {
        truncateSync(file, MIB)
      }
    }
    const { hashed } = await hashFile(file, CHUNK, { signal, onBytes })
    assert.deepEqual(hashed, hashNaively(bytesOf(2 * MIB).subarray(0, MIB)))
  })

  it('tells how far it is, and arrives at the total', async (test) => {
    const room = await Room.make(test)
    const share = await room.write('in/file', bytesOf(3 * MIB))
    const { recorder } = await hashes(room, [share])
    assert.deepEqual(recorder.hashing.at(-1), [3 * MIB, 3 * MIB])
    assert.ok(recorder.hashing.length <= 20)
  })

  it('hashes anew for another chunk length, and forgets the contents of the first', async (test) => {
    const room = await Room.make(test)
    const bytes = bytesOf(5 * CHUNK)
    const { store, entries } = await hashes(room, [await room.write('in/file', bytes)])
    const [again] = await store.hashShares(2 * CHUNK)
    assert.equal(again?.root, hashNaively(bytes, 2 * CHUNK).root)
    assert.equal(await store.digests(entries[0]?.root ?? '', 0, 1), undefined)
    assert.equal((await store.readChunk(again?.root ?? '', 0)).byteLength, 2 * CHUNK)
  })

  it('serves chunks while it hashes, and stops hashing when it is closed', async (test) => {
    const room = await Room.make(test)
    const small = await room.write('in/a', bytesOf(CHUNK))
    const large = await room.write('in/b', '')
    const { store, entries } = await hashes(room, [small, large])
    await truncate(large, 512 * MIB)
    const hashing = assert.rejects(store.hashShares(DEFAULT_CHUNK_BYTE_LENGTH), failure('INTERRUPTED'))
    assert.deepEqual(await store.readChunk(entries[0]?.root ?? '', 0), bytesOf(CHUNK))
    await store.close()
    await hashing
  })
})

const BYTES = bytesOf(2 * MIB)

/** The root of an entry that says something else than the file. */
const FORGED_DIGESTS = new Uint8Array(((2 * MIB) / CHUNK) * 32)
const FORGED = rootOf(FORGED_DIGESTS)

function overwrite(file: string): void {
  writeFileSync(file, bytesOf(2 * MIB, 'other'), { flag: 'r+' })
}

/** Of whole seconds, so that it can be set again to the nanosecond. */
const LONG_AGO = 1_000_000_000

/** What `touch -r` and `rsync --times` do. */
function keepingTime(file: string, change: () => void): void {
  assert.equal(statSync(file).mtimeMs, LONG_AGO * 1000)
  change()
  utimesSync(file, LONG_AGO, LONG_AGO)
}

describe('digest cache', () => {
  async function cached(room: Room) {
    const file = await room.write('in/file', bytesOf(2 * MIB))
    await utimes(file, LONG_AGO, LONG_AGO)
    const first = await hashes(room, [file])
    await first.store.close()
    const [name] = await readdir(room.path('collection/.potluck/hashes'))
    return { file, entry: room.path('collection/.potluck/hashes', name ?? '') }
  }

  it('spares the reading of a file that is as it was', async (test) => {
    const room = await Room.make(test)
    const { file, entry } = await cached(room)
    await forgeEntry(entry, { digests: FORGED_DIGESTS })
    const { entries, recorder } = await hashes(room, [file])
    assert.equal(entries[0]?.root, FORGED)
    assert.equal(entries[0]?.md5, hashNaively(BYTES).md5)
    assert.deepEqual(recorder.hashing.at(-1), [2 * MIB, 2 * MIB])
  })

  /** What other programs do to a file that keeps its name and length; `touch -r` gives it back its time. */
  const changes: [string, (file: string) => void][] = [
    ['is longer', (file) => appendFileSync(file, 'x')],
    ['has another time', (file) => utimesSync(file, LONG_AGO + 1, LONG_AGO + 1)],
    ['has other bytes and its old time', (file) => keepingTime(file, () => overwrite(file))],
    [
      'is another file with its old time',
      (file) => {
        keepingTime(file, () => {
          writeFileSync(`${file}-2`, bytesOf(2 * MIB, 'other'))
          renameSync(`${file}-2`, file)
        })
      }
    ],
    [
      'was written to under another name',
      (file) => {
        linkSync(file, `${file}-2`)
        keepingTime(file, () => overwrite(`${file}-2`))
      }
    ],
    [
      'was cut and has its length again',
      (file) => {
        keepingTime(file, () => {
          truncateSync(file, 10)
          truncateSync(file, 2 * MIB)
        })
      }
    ]
  ]
  for (const [what, change] of changes) {
    it(`fault 44: is not believed of a file that ${what}`, async (test) => {
      const room = await Room.make(test)
      const { file, entry } = await cached(room)
      await forgeEntry(entry, { digests: FORGED_DIGESTS })
      change(file)
      const { entries } = await hashes(room, [file])
      assert.equal(entries[0]?.root, hashNaively(readFileSync(file)).root)
    })
  }

  it('fault 44: is not believed of a file read at a time that is yet to come: the clock was set back', async (test) => {
    const room = await Room.make(test)
    const { file, entry } = await cached(room)
    await forgeEntry(entry, { digests: FORGED_DIGESTS, readAtMs: Date.now() + 60_000 })
    const { entries } = await hashes(room, [file])
    assert.equal(entries[0]?.root, hashNaively(BYTES).root)
  })

  it('fault 44: is not believed with --verify, except what this run noted', async (test) => {
    const room = await Room.make(test)
    const { file, entry } = await cached(room)
    await forgeEntry(entry, { digests: FORGED_DIGESTS })
    const { store } = await room.open({ shares: [file], verify: true })
    assert.equal((await store.hashShares(CHUNK))[0]?.root, hashNaively(BYTES).root)
    await forgeEntry(entry, { digests: FORGED_DIGESTS })
    assert.equal((await store.hashShares(CHUNK))[0]?.root, FORGED)
  })

  it('is not believed when an entry is torn', async (test) => {
    const room = await Room.make(test)
    const { file, entry } = await cached(room)
    await truncate(entry, (await stat(entry)).size - 1)
    const { entries } = await hashes(room, [file])
    assert.equal(entries[0]?.root, hashNaively(bytesOf(2 * MIB)).root)
  })

  it('forgets what was not used for a month', async (test) => {
    const room = await Room.make(test)
    const { file, entry } = await cached(room)
    const longAgo = Date.now() / 1000 - 31 * 24 * 60 * 60
    await utimes(entry, longAgo, longAgo)
    await (await hashes(room, [file])).store.close()
    assert.equal((await readdir(room.path('collection/.potluck/hashes'))).length, 1, 'used, so kept')
    await utimes(entry, longAgo, longAgo)
    await hashes(room, [])
    assert.deepEqual(await readdir(room.path('collection/.potluck/hashes')), [])
  })

  it('does without its folder', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in/file', bytesOf(2 * MIB))
    const { store } = await room.open({ shares: [file] })
    await rm(room.path('collection/.potluck/hashes'), { recursive: true })
    assert.equal((await store.hashShares(CHUNK)).length, 1)
  })

  it('leaves nothing behind when an entry cannot be replaced', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('replaced/by/nothing', '')
    await assert.rejects(replaceFile(dirname(file), [bytesOf(10)], true))
    assert.deepEqual(await readdir(room.path('replaced')), ['by'])
  })

  it('does not keep small files, nor one that may still change within its time stamp', async (test) => {
    const room = await Room.make(test)
    const small = await room.write('in/small', 'small')
    const fresh = await room.write('in/fresh', bytesOf(2 * MIB))
    // Of whole seconds, as if FAT had stamped it within the last two.
    const soonInSeconds = Math.ceil(Date.now() / 1000) + 60
    await utimes(fresh, soonInSeconds, soonInSeconds)
    await hashes(room, [small, fresh])
    assert.deepEqual(await readdir(room.path('collection/.potluck/hashes')), [])
  })
})
