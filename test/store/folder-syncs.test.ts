/** Syncs of folders that many wait for at a time. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FolderSyncs } from '#potluck/store/folder-syncs.js'

/** A disk whose syncs end, or fail, when they are told to. */
class SlowFolders {
  readonly begun: string[] = []
  readonly #ends: ((error?: Error) => void)[] = []

  readonly sync = (path: string): Promise<void> => {
    this.begun.push(path)
    return new Promise((resolve, reject) => {
      this.#ends.push((error) => (error === undefined ? resolve() : reject(error)))
    })
  }

  async end(error?: Error): Promise<void> {
    this.#ends.shift()?.(error)
    await new Promise(setImmediate)
  }
}

function setUp() {
  const disk = new SlowFolders()
  const syncs = new FolderSyncs(disk.sync)
  const done: string[] = []
  const ask = (what: string, path: string): void => {
    syncs.sync(path).then(
      () => done.push(what),
      () => done.push(`${what} failed`)
    )
  }
  return { disk, syncs, done, ask }
}

describe('syncs of a folder', () => {
  it('fault 57: are one for all that asked while another was under way, and begin after they asked', async () => {
    const { disk, done, ask } = setUp()
    ask('first', 'a')
    for (let number = 0; number < 100; number++) {
      ask('next', 'a')
    }
    assert.deepEqual(disk.begun, ['a'])
    await disk.end()
    assert.deepEqual(done, ['first'])
    assert.deepEqual(disk.begun, ['a', 'a'])
    ask('last', 'a')
    await disk.end()
    assert.equal(done.length, 101)
    assert.deepEqual(disk.begun, ['a', 'a', 'a'])
    await disk.end()
    assert.equal(done.at(-1), 'last')
    ask('later', 'a')
    assert.equal(disk.begun.length, 4)
  })

  it('fault 5, fault 57: fail for those that waited for them, and for nobody else', async () => {
    const { disk, done, ask } = setUp()
    ask('first', 'a')
    ask('next', 'a')
    await disk.end(new Error('EIO'))
    assert.deepEqual(done, ['first failed'])
    await disk.end()
    assert.deepEqual(done, ['first failed', 'next'])
  })

  it('fault 57: of different folders do not wait for one another', async () => {
    const { disk, syncs } = setUp()
    const both = syncs.syncAll(['a', 'b', 'a'])
    assert.deepEqual(disk.begun, ['a', 'b'])
    await disk.end()
    await disk.end()
    await both
  })
})
