import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { ChunkCache } from '#potluck/store/chunk-cache.js'
import { type Access, Descriptors } from '#potluck/store/descriptors.js'
import { FolderSyncs } from '#potluck/store/folder-syncs.js'
import { PartFile } from '#potluck/store/part-file.js'
import { CollectionPaths } from '#potluck/store/paths.js'
import { PrefixHasher } from '#potluck/store/prefix-hasher.js'
import { bytesOf, CHUNK, chunkOf, failure, hashNaively, Room, until } from './fixture.js'

const BYTES = bytesOf(3 * CHUNK)
const { root, digests } = hashNaively(BYTES)

/** Files that cannot be read for as long as there is a code. */
class FailingDescriptors extends Descriptors {
  code: string | undefined

  override read(path: string, access: Access, bytes: Uint8Array, byteOffset: number): number {
    if (this.code !== undefined) {
      throw Object.assign(new Error(`${this.code}: no, open`), { code: this.code, syscall: 'open' })
    }
    return super.read(path, access, bytes, byteOffset)
  }
}

async function setUp(test: TestContext, chunkCacheByteLength = 0) {
  const room = await Room.make(test)
  const paths = await CollectionPaths.open(room.path('collection'))
  const descriptors = new FailingDescriptors()
  test.after(() => descriptors.closeAll())
  const told = { lost: [] as number[], dirty: 0, ready: 0 }
  const open = () =>
    PartFile.open({
      root,
      extent: { byteLength: BYTES.byteLength, chunkByteLength: CHUNK },
      digests,
      paths,
      descriptors,
      chunkCache: new ChunkCache(chunkCacheByteLength),
      disk: { hasSpoilt: false },
      prefixHasher: new PrefixHasher(),
      syncData: async () => undefined,
      isSparse: true,
      folderSyncs: new FolderSyncs(),
      signal: new AbortController().signal,
      listener: {
        onDirty: () => told.dirty++,
        onLost: (chunkIndex) => told.lost.push(chunkIndex),
        onReady: () => told.ready++
      }
    })
  const part = await open()
  const write = (chunkIndex: number) => part.write(chunkIndex, chunkOf(BYTES, chunkIndex), CHUNK)
  return { part, write, open, descriptors, told }
}

describe('a part file that cannot be opened at the moment', () => {
  for (const code of ['EMFILE', 'ENFILE', 'EACCES']) {
    it(`fault 7: loses nothing by ${code}`, async (test) => {
      const { part, write, open, descriptors, told } = await setUp(test)
      write(0)
      write(1)
      descriptors.code = code
      assert.throws(() => part.read(0, new Uint8Array(CHUNK)), { code })
      await assert.rejects(open(), failure('DISK', code))
      descriptors.code = undefined
      assert.deepEqual([...(part.read(0, new Uint8Array(CHUNK)) ?? [])], [...BYTES.subarray(0, CHUNK)])
      assert.deepEqual([...(await open()).held.held()], [0, 1])
      assert.deepEqual(told.lost, [])
    })
  }

  it('goes on with the MD5 when it is saved the next time', async (test) => {
    const { part, write, descriptors, told } = await setUp(test)
    write(1)
    write(2)
    descriptors.code = 'EMFILE'
    const { dirty } = told
    write(0)
    await until(() => told.dirty > dirty + 1, 'reading back has failed')
    assert.equal(part.md5, undefined)
    descriptors.code = undefined
    await part.save()
    part.advance()
    await until(() => told.ready > 0, 'it is ready')
    assert.equal(part.md5, hashNaively(BYTES).md5)
    assert.deepEqual(told.lost, [])
  })

  it('fault 5: loses what the disk cannot read', async (test) => {
    const { part, write, descriptors, told } = await setUp(test)
    write(0)
    descriptors.code = 'EIO'
    assert.equal(part.read(0, new Uint8Array(CHUNK)), undefined)
    assert.deepEqual(told.lost, [0])
  })
})

describe('a part file and the chunks in memory', () => {
  it('takes the MD5 of what came out of order without reading it again', async (test) => {
    const { part, write, descriptors, told } = await setUp(test, 3 * CHUNK)
    descriptors.code = 'EIO'
    write(2)
    write(1)
    write(0)
    await until(() => told.ready > 0, 'it is ready')
    assert.equal(part.md5, hashNaively(BYTES).md5)
    assert.deepEqual(told.lost, [])
  })

  it('reads from the disk what left memory meanwhile', async (test) => {
    const { part, write, descriptors, told } = await setUp(test, CHUNK)
    write(1)
    write(2)
    descriptors.code = 'EIO'
    write(0)
    await until(() => told.lost.length > 0, 'it is noticed')
    assert.deepEqual(told.lost, [1, 2])
    descriptors.code = undefined
    write(2)
    write(1)
    await until(() => told.ready > 0, 'it is ready')
    assert.equal(part.md5, hashNaively(BYTES).md5)
  })

  it('believes at a start only the disk', async (test) => {
    const { write, open, descriptors } = await setUp(test, 3 * CHUNK)
    write(0)
    descriptors.code = 'EIO'
    assert.equal((await open()).held.count, 0)
  })
})

describe('the MD5 of a part file', () => {
  it('is of what the disk gives until it is doubted, and of verified chunks from then on', async (test) => {
    const { part, write, told } = await setUp(test)
    write(1)
    write(2)
    const spoilt = BYTES.slice()
    spoilt.fill(0, CHUNK, CHUNK + 3)
    await writeFile(part.path, spoilt)
    write(0)
    await until(() => told.ready > 0, 'it is ready')
    assert.equal(part.md5, hashNaively(spoilt).md5)
    assert.equal(part.doubtMd5(), true)
    await until(() => told.lost.length > 0, 'it is noticed')
    assert.deepEqual(told.lost, [1])
    write(1)
    await until(() => part.md5 !== undefined, 'it is ready again')
    assert.equal(part.md5, hashNaively(BYTES).md5)
    assert.equal(part.doubtMd5(), false)
  })
})
