import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { PotluckError } from '#potluck/core/errors.js'
import { ChunkBuffers } from '#potluck/node/exchange/chunk-buffers.js'
import { CHUNK_CACHE_BYTE_LENGTH } from '#potluck/store/chunk-cache.js'
import { ChunkUnreadableError, DiskFullError } from '#potluck/store/store.js'
import {
  AdoptedManifests,
  type FromThread,
  merge,
  packError,
  unpackError
} from '#potluck/store/thread-messages.js'
import { openThreadedStore, ThreadedStore } from '#potluck/store/threaded-store.js'
import {
  bytesOf,
  CHUNK,
  chunkOf,
  failure,
  hashNaively,
  manifestOf,
  Recorder,
  Room,
  until,
  writeChunk
} from './fixture.js'

const BYTES = bytesOf(5 * CHUNK + 100)
const { root: ROOT, digests: DIGESTS } = hashNaively(BYTES)

async function openThreaded(room: Room, shares: string[] = [], name = 'me') {
  const recorder = new Recorder()
  const collection = room.path('collection')
  const store = await openThreadedStore({ collection, shares, name, listener: recorder })
  return { store: room.closing(store), recorder }
}

describe('messages of a store', () => {
  it('say together what is the same of different calls and files, and nothing else', () => {
    const stored = (...ids: number[]): FromThread => ({ type: 'stored', ids, free: ids.map((id) => 10 * id) })
    const complete = (local: boolean, ...manifests: number[]): FromThread => ({
      type: 'files-complete',
      manifests,
      local,
      checkedAtMs: undefined
    })
    const [first, second] = [stored(1), complete(true, 1)]
    assert.equal(merge(first, stored(2, 3)), true)
    assert.deepEqual(first, stored(1, 2, 3))
    assert.equal(merge(second, complete(true, 2)), true)
    assert.deepEqual(second, complete(true, 1, 2))
    for (const other of [first, complete(false, 3), { ...complete(true, 3), checkedAtMs: 5 }]) {
      assert.equal(merge(second, other), false)
    }
    const warning: FromThread = { type: 'told', told: { event: 'onWarning', parameters: ['a'] } }
    assert.equal(merge(warning, structuredClone(warning)), false)
    assert.deepEqual(second, complete(true, 1, 2))
  })
})

describe('threaded store', () => {
  it('does what the store does', async (test) => {
    const room = await Room.make(test)
    const share = await room.write('in/mine', bytesOf(3 * CHUNK, 'mine'))
    const { store, recorder } = await openThreaded(room, [share])
    const [entry] = await store.hashShares(CHUNK)
    assert.equal(entry?.root, hashNaively(bytesOf(3 * CHUNK, 'mine')).root)
    assert.equal(recorder.hashing.length > 0, true)
    assert.deepEqual(await store.readChunk(entry.root, 2), bytesOf(3 * CHUNK, 'mine').slice(2 * CHUNK))
    assert.equal((await store.adopt([manifestOf('ann/file', BYTES)])).length, 2)
    assert.equal(await store.digests(ROOT, 0, 6), undefined)
    const view = new Uint8Array(DIGESTS.byteLength + 1)
    view.set(DIGESTS, 1)
    assert.equal(await store.setDigests(ROOT, view.subarray(1)), true)
    assert.equal(view.byteLength, DIGESTS.byteLength + 1, 'the digests stay the caller’s')
    assert.deepEqual(await store.digests(ROOT, 1, 2), DIGESTS.slice(32, 3 * 32))
    const buffer = chunkOf(BYTES, 0)
    const writing = store.writeChunk(ROOT, 0, buffer, CHUNK)
    const outcome = await writing
    assert.equal(outcome.stored, true)
    assert.equal(outcome.free.length, 1)
    assert.equal(outcome.free[0], buffer, 'what is copied stays the caller’s')
    const tooLong = await store.writeChunk(ROOT, 1, chunkOf(BYTES, 1), CHUNK + 1)
    assert.equal(tooLong.stored, false)
    await Promise.all([1, 2, 3, 4, 5].map((chunkIndex) => writeChunk(store, BYTES, chunkIndex)))
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(recorder.completed, ['ann/file'])
    assert.deepEqual(Uint8Array.from(await readFile(room.path('collection/ann/file'))), BYTES)
    assert.deepEqual(await store.readChunk(ROOT, 5), BYTES.slice(5 * CHUNK))
    await store.close()
    await store.close()
    assert.deepEqual(recorder.failures, [])
  })

  it('hands over what is large, and copies what is small', async (test) => {
    const room = await Room.make(test)
    const bytes = bytesOf(64 * CHUNK, 'large')
    const share = await room.write('in/mine', bytes)
    const { store } = await openThreaded(room, [share])
    const [entry] = await store.hashShares(bytes.byteLength)
    const root = entry?.root ?? ''
    assert.deepEqual(await store.readChunk(root, 0), bytes)
    const buffer = new SharedArrayBuffer(bytes.byteLength)
    for (let times = 0; times < 2; times++) {
      new Uint8Array(buffer).fill(times)
      const read = await store.readChunk(root, 0, false, buffer)
      assert.equal(read.buffer, buffer, 'the thread has put it there')
      assert.deepEqual(new Uint8Array(read), bytes)
    }
    const reading = store.readChunk(root, 0, false, buffer)
    await assert.rejects(store.writeChunk(root, 0, buffer, bytes.byteLength), /was handed to it again/)
    await reading
    const writing = store.writeChunk(root, 0, buffer, bytes.byteLength)
    await assert.rejects(store.readChunk(root, 0, false, buffer), /was handed to it again/)
    const { stored, free } = await writing
    assert.deepEqual([stored, free.length, free[0] === buffer], [true, 1, true])
    const small = await store.writeChunk(root, 0, buffer, CHUNK)
    assert.deepEqual([small.stored, small.free.length, small.free[0] === buffer], [false, 1, true])
    const tooShort = new SharedArrayBuffer(CHUNK)
    const own = await store.readChunk(root, 0, false, tooShort)
    assert.deepEqual(own, bytes)
    assert.equal((await store.readChunk(root, 0, false, buffer)).buffer, buffer)
    await assert.rejects(store.readChunk(ROOT, 0, false, tooShort), ChunkUnreadableError)
    await assert.rejects(store.readChunk(ROOT, 0, false, tooShort), ChunkUnreadableError, 'its end was noted')
  })

  it('keeps buffers of chunks that came, and gives each back once when others came after them', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await openThreaded(room)
    const chunkByteLength = 64 * CHUNK
    const chunkCount = 3 * (CHUNK_CACHE_BYTE_LENGTH / chunkByteLength)
    const bytes = bytesOf(chunkCount * chunkByteLength, 'many')
    const { root, digests } = hashNaively(bytes, chunkByteLength)
    await store.adopt([manifestOf('ann/many', bytes, { chunkByteLength })])
    await store.setDigests(root, digests)
    const buffers = new ChunkBuffers(chunkByteLength, chunkCount)
    const made = new Set<ArrayBufferLike>()
    for (let chunkIndex = 0; chunkIndex < chunkCount; chunkIndex++) {
      const buffer = buffers.take()
      made.add(buffer)
      const start = chunkIndex * chunkByteLength
      new Uint8Array(buffer).set(bytes.subarray(start, start + chunkByteLength))
      const outcome = await buffers.write(buffer, (lent) =>
        store.writeChunk(root, chunkIndex, lent, chunkByteLength)
      )
      assert.equal(outcome.stored, true)
    }
    assert.ok(made.size <= chunkCount / 3 + 1, `${made.size} buffers were made`)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(Uint8Array.from(await readFile(room.path('collection/ann/many'))), bytes)
  })

  it('names a shared buffer anew that did not go over', async (test) => {
    const program = `const { parentPort } = require('node:worker_threads')
      parentPort.on('message', (asked) => parentPort.postMessage(
        asked.map(({ id, shared }) => ({ type: 'read', id, byteLength: shared.byteLength }))))`
    const worker = new Worker(program, { eval: true })
    test.after(() => worker.terminate())
    const store = new ThreadedStore(worker, new Recorder())
    const buffer = new SharedArrayBuffer(CHUNK)
    const post = test.mock.method(worker, 'postMessage', () => assert.fail('no memory'))
    await assert.rejects(store.readChunk(ROOT, 0, false, buffer), /no memory/)
    post.mock.restore()
    assert.equal((await store.readChunk(ROOT, 0, false, buffer)).byteLength, CHUNK)
  })

  it('names a shared buffer once, and then by its number, all of a turn in one message', async (test) => {
    const program = `const { parentPort } = require('node:worker_threads')
      const answer = ({ id, type, buffer, shared }) => {
        if (shared !== undefined) new Uint8Array(shared).fill(id)
        return { type: 'read', id, byteLength: type === 'read' && shared === undefined ? buffer : 0 }
      }
      parentPort.on('message', (asked) => parentPort.postMessage(asked.map(answer)))`
    const worker = new Worker(program, { eval: true })
    test.after(() => worker.terminate())
    let messages = 0
    worker.on('message', () => {
      messages++
    })
    const store = new ThreadedStore(worker, new Recorder())
    const buffers = [new SharedArrayBuffer(CHUNK), new SharedArrayBuffer(CHUNK)]
    const ask = () => Promise.all(buffers.map((buffer) => store.readChunk(ROOT, 0, false, buffer)))
    assert.deepEqual(
      (await ask()).map(({ byteLength }) => byteLength),
      [0, 0]
    )
    assert.deepEqual(
      buffers.map((buffer) => new Uint8Array(buffer)[0]),
      [1, 2]
    )
    assert.deepEqual(
      (await ask()).map(({ byteLength }) => byteLength),
      [1, 2]
    )
    assert.equal(messages, 2)
  })

  it('fault 57: asks all that it has to ask in a turn by one message', async () => {
    const answer =
      '({ id }) => ({ type: "error", id, error: { kind: "other", message: String(asked.length) } })'
    const program = `const { parentPort } = require('node:worker_threads')
      parentPort.on('message', (asked) => parentPort.postMessage(asked.map(${answer})))`
    const worker = new Worker(program, { eval: true })
    const store = new ThreadedStore(worker, new Recorder())
    const asked = Array.from({ length: 100 }, (_, chunkIndex) => store.readChunk(ROOT, chunkIndex))
    for (const answer of asked) {
      await assert.rejects(answer, { message: '100' })
    }
    await worker.terminate()
  })

  it('fault 57: is told of tiny files in few messages, each call and each file once', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await openThreaded(room, [])
    const all = Array.from({ length: 200 }, (_, number) => bytesOf(100, number))
    await store.adopt(all.map((bytes, number) => manifestOf(`ann/${number}`, bytes)))
    const buffers = all.map((bytes) => chunkOf(bytes, 0))
    const places = new Map<ArrayBufferLike, number>(buffers.map((buffer, number) => [buffer, number]))
    const outcomes = await Promise.all(
      all.map((bytes, number) => {
        const buffer = buffers[number] ?? assert.fail('no buffer')
        return store.writeChunk(hashNaively(bytes).root, 0, buffer, bytes.byteLength)
      })
    )
    assert.deepEqual(
      outcomes.map(({ stored, free }) => ({ stored, numbers: free.map((buffer) => places.get(buffer)) })),
      all.map((_, number) => ({ stored: true, numbers: [number] }))
    )
    await until(() => recorder.completed.length >= all.length, 'all are complete')
    assert.deepEqual(recorder.completed.toSorted(), all.map((_, number) => `ann/${number}`).toSorted())
  })

  it('loses nothing that waits when one of the messages cannot be posted', async (test) => {
    const program = `const { parentPort } = require('node:worker_threads')
      const answer = ({ id }) => ({ type: 'error', id, error: { kind: 'other', message: 'answered' } })
      parentPort.on('message', (asked) => parentPort.postMessage(asked.map(answer)))`
    const worker = new Worker(program, { eval: true })
    test.after(() => worker.terminate())
    const store = new ThreadedStore(worker, new Recorder())
    const settled: string[] = []
    const note = (what: string, asked: Promise<unknown>): Promise<void> =>
      asked.then(
        () => assert.fail('nothing is there'),
        ({ message }: Error) => {
          settled.push(`${what}: ${message}`)
        }
      )
    void note('before', store.readChunk(ROOT, 0))
    const impossible = Object.assign(manifestOf('ann/file', BYTES), { sign: () => undefined })
    void note('impossible', store.adopt([impossible]))
    const buffer = new SharedArrayBuffer(64 * CHUNK)
    await note('large', store.writeChunk(ROOT, 0, buffer, 64 * CHUNK))
    await note('after', store.readChunk(ROOT, 1))
    const [refused = '', ...others] = settled
    assert.match(refused, /^impossible: .* could not be cloned/)
    assert.deepEqual(others, ['before: answered', 'large: answered', 'after: answered'])
  })

  it('numbers a catalog that comes again as it did before', () => {
    const adopted = new AdoptedManifests()
    const [file, changed] = [manifestOf('ann/file', BYTES), manifestOf('ann/file', BYTES.slice(1))]
    adopted.add([file])
    adopted.add([structuredClone(file)])
    assert.throws(() => adopted.at(1), /was not adopted/)
    adopted.add([changed])
    assert.equal(adopted.numberOf(structuredClone(file)), 0)
    assert.equal(adopted.numberOf(changed), 1)
    assert.deepEqual([adopted.at(0), adopted.at(1)], [file, changed])
    assert.throws(() => adopted.numberOf(manifestOf('ann/other', BYTES)), /was not adopted/)
  })

  it('brings errors back as what they are', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await openThreaded(room, [room.path('missing')])
    await assert.rejects(
      store.hashShares(CHUNK),
      (error) => error instanceof PotluckError && failure('SHARE_UNUSABLE')(error)
    )
    await assert.rejects(store.readChunk(ROOT, 0), (error) => error instanceof ChunkUnreadableError)
    await assert.rejects(openThreaded(room), failure('COLLECTION_LOCKED', 'the peer me'))
    await store.adopt([manifestOf('ann/file', BYTES, { md5: '0'.repeat(32) })])
    await store.setDigests(ROOT, DIGESTS)
    await Promise.all([0, 1, 2, 3, 4, 5].map((chunkIndex) => writeChunk(store, BYTES, chunkIndex)))
    await until(() => recorder.failed.size > 0, 'the wrong MD5 is told')
    failure('INTEGRITY', 'ann/file')(recorder.failed.get('ann/file'))
    await store.close()
    await assert.rejects(store.digests(ROOT, 0, 6), failure('INTERRUPTED'))
  })

  it('packs every kind of error so that it comes out the same', () => {
    const errors = [
      new PotluckError('INTEGRITY', 'a'),
      new DiskFullError('b'),
      new ChunkUnreadableError('c'),
      new Error('d')
    ]
    for (const error of errors) {
      const unpacked = unpackError(structuredClone(packError(error)))
      assert.equal(unpacked.constructor, error.constructor)
      assert.equal(unpacked.message, error.message)
      assert.deepEqual({ ...unpacked }, { ...error })
    }
  })

  for (const [how, end] of [
    ['ends', 'process.exit(3)'],
    ['throws', "throw new Error('broken')"]
  ] as const) {
    it(`fails what was asked, once, when its thread ${how}`, async () => {
      const program = `require('node:worker_threads').parentPort.once('message', () => { ${end} })`
      const recorder = new Recorder()
      const store = new ThreadedStore(new Worker(program, { eval: true }), recorder)
      const asked = [store.digests(ROOT, 0, 6), store.readChunk(ROOT, 0)]
      for (const answer of asked) {
        await assert.rejects(answer, failure('DISK', 'storage thread stopped'))
      }
      await assert.rejects(store.adopt([]), failure('DISK', 'storage thread stopped'))
      await store.close()
      assert.equal(recorder.failures.length, 1)
    })
  }

  it('finds again after a close what was stored before', async (test) => {
    const room = await Room.make(test)
    const first = await openThreaded(room)
    await first.store.adopt([manifestOf('ann/file', BYTES)])
    await first.store.setDigests(ROOT, DIGESTS)
    const writing = [1, 3, 5].map((chunkIndex) => writeChunk(first.store, BYTES, chunkIndex))
    await first.store.close()
    assert.deepEqual(await Promise.all(writing), [true, true, true])
    const second = await openThreaded(room)
    const [state] = await second.store.adopt([manifestOf('ann/file', BYTES)])
    assert.deepEqual(state?.held, Uint8Array.of(0b01010100))
    await second.store.close()
  })
})
