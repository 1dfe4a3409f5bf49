import assert from 'node:assert/strict'
import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FileStore } from '#potluck/store/file-store.js'
import { fc } from '../fixtures/properties.js'
import {
  bytesOf,
  CHUNK,
  copyAsKilled,
  hashNaively,
  heldOf,
  manifestOf,
  Recorder,
  receive,
  until,
  writeChunk
} from './fixture.js'

const BYTES = bytesOf(6 * CHUNK + 7)
const { root: ROOT } = hashNaively(BYTES)
const MANIFEST = manifestOf('ann/file', BYTES)
const CHUNK_COUNT = 7

type Step =
  | { do: 'write'; chunkIndex: number }
  | { do: 'write-wrong'; chunkIndex: number }
  | { do: 'read'; chunkIndex: number }
  | { do: 'close' }
  | { do: 'kill' }
  | { do: 'rot'; byteOffset: number }
  | { do: 'tear'; file: string; byteLength: number }

const chunkIndex = fc.nat(CHUNK_COUNT - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), chunkIndex }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('write-wrong' as const), chunkIndex }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), chunkIndex }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('rot' as const), byteOffset: fc.nat(BYTES.byteLength - 1) })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('tear' as const),
      file: fc.constantFrom('part', 'state', 'digests'),
      byteLength: fc.nat(300)
    })
  }
)

/** A store that lives through the steps, with what a peer would know of it. */
class Life {
  readonly #room: string
  #collection: string
  #store: FileStore
  #recorder: Recorder
  /** Chunks that may not have survived what was done to the files, without any fault of the store. */
  damaged = false
  /** Chunks that must be found again after a close. */
  readonly stored = new Set<number>()

  private constructor(room: string, collection: string, store: FileStore, recorder: Recorder) {
    this.#room = room
    this.#collection = collection
    this.#store = store
    this.#recorder = recorder
  }

  static async begin(): Promise<Life> {
    const room = await mkdtemp(join(tmpdir(), 'potluck-model-'))
    const recorder = new Recorder()
    const life = new Life(room, join(room, '0'), await openStore(join(room, '0'), recorder), recorder)
    await life.adopt()
    return life
  }

  async adopt(): Promise<number[]> {
    await this.#store.adopt([MANIFEST])
    await receive(this.#store, BYTES, [])
    return await heldOf(this.#store, MANIFEST)
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'write':
        assert.equal(await writeChunk(this.#store, BYTES, step.chunkIndex), true)
        this.stored.add(step.chunkIndex)
        break
      case 'write-wrong': {
        const wrong = new ArrayBuffer(CHUNK)
        assert.equal((await this.#store.writeChunk(ROOT, step.chunkIndex, wrong, CHUNK)).stored, false)
        break
      }
      case 'read':
        await this.#read(step.chunkIndex)
        break
      case 'close':
        await this.#restart()
        break
      case 'kill':
        await this.#kill()
        break
      case 'rot':
        await this.#damage('part', async (path) => {
          const file = await open(path, 'r+')
          await file.write(Uint8Array.of((BYTES[step.byteOffset] ?? 0) ^ 0xff), 0, 1, step.byteOffset)
          await file.close()
        })
        break
      case 'tear':
        await this.#damage(step.file, async (path) => {
          if ((await readFile(path)).byteLength > step.byteLength) {
            await truncate(path, step.byteLength)
          }
        })
        break
    }
  }

  /** However it went, the file is received in the end, exactly. */
  async finish(): Promise<void> {
    await this.adopt()
    for (let round = 0; this.#recorder.completed.length === 0 && round < 5; round++) {
      await receive(this.#store, BYTES)
      const lost = this.#recorder.lost.length
      await until(
        () => this.#recorder.completed.length > 0 || this.#recorder.lost.length > lost,
        'something happens'
      )
    }
    assert.equal(this.#recorder.completed.length, 1)
    assert.deepEqual(this.#recorder.failures, [])
    assert.deepEqual(Uint8Array.from(await readFile(join(this.#collection, 'ann/file'))), BYTES)
  }

  async end(): Promise<void> {
    await this.#store.close()
    await rm(this.#room, { recursive: true })
  }

  async #read(chunkIndex: number): Promise<void> {
    try {
      const bytes = await this.#store.readChunk(ROOT, chunkIndex)
      assert.deepEqual(bytes, BYTES.slice(chunkIndex * CHUNK, (chunkIndex + 1) * CHUNK))
    } catch (error) {
      assert.equal(error instanceof Error && error.name, 'ChunkUnreadableError')
      assert.ok(this.damaged || !this.stored.has(chunkIndex), 'a stored chunk is readable')
      this.stored.delete(chunkIndex)
    }
  }

  async #restart(): Promise<void> {
    await this.#store.close()
    await this.#reopen()
  }

  /** The files as they are at this moment, and nothing of what the store still meant to do. */
  async #kill(): Promise<void> {
    const copy = join(this.#room, String(Number(this.#collection.slice(this.#room.length + 1)) + 1))
    await copyAsKilled(this.#collection, copy)
    await this.#store.close()
    this.#collection = copy
    this.stored.clear()
    await this.#reopen()
  }

  async #damage(extension: string, damage: (path: string) => Promise<void>): Promise<void> {
    await this.#store.close()
    const path = join(this.#collection, '.potluck/parts', `${ROOT}.${extension}`)
    await damage(path).catch(() => writeFile(`${path}.tmp`, 'left behind'))
    this.damaged = true
    await this.#reopen()
  }

  async #reopen(): Promise<void> {
    this.#recorder = new Recorder()
    this.#store = await openStore(this.#collection, this.#recorder)
    const held = await this.adopt()
    if (!this.damaged) {
      assert.deepEqual(
        [...this.stored].filter((chunkIndex) => !held.includes(chunkIndex)),
        [],
        'nothing stored is lost'
      )
    }
  }
}

function openStore(collection: string, listener: Recorder): Promise<FileStore> {
  return FileStore.open({ collection, shares: [], name: 'me', listener })
}

describe('a store that is closed, killed and damaged', () => {
  it('fault 1, fault 4, fault 9: loses nothing that was closed, serves nothing wrong, and completes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const life = await Life.begin()
        try {
          for (const one of steps) {
            await life.take(one)
          }
          await life.finish()
        } finally {
          await life.end()
        }
      }),
      { numRuns: 60 }
    )
  })
})
