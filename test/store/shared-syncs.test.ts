/** Syncs of files and folders that share those of the whole file system. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SharedSyncs } from '#potluck/store/shared-syncs.js'

/** A disk whose syncs end, or fail, when they are told to. */
class SlowDisk {
  readonly begun: string[] = []
  readonly done: string[] = []
  nowMs = 0
  readonly #ends = new Map<string, (error?: Error) => void>()
  readonly #syncs: SharedSyncs

  constructor(hasAll = true) {
    this.#syncs = new SharedSyncs(hasAll ? () => this.#begin('all') : undefined, () => this.nowMs)
  }

  ask(...files: string[]): void {
    for (const file of files) {
      this.#syncs
        .sync(() => this.#begin(file))
        .then(
          () => this.done.push(file),
          () => this.done.push(`${file} failed`)
        )
    }
  }

  async end(what: string, error?: Error): Promise<void> {
    const end = this.#ends.get(what)
    assert.ok(end !== undefined, `${what} is not being synced`)
    this.#ends.delete(what)
    end(error)
    await turns()
  }

  #begin(what: string): Promise<void> {
    this.begun.push(what)
    return new Promise((resolve, reject) => {
      this.#ends.set(what, (error) => (error === undefined ? resolve() : reject(error)))
    })
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate)
  }
}

function names(count: number, prefix = 'file'): string[] {
  return Array.from({ length: count }, (_, number) => `${prefix} ${number}`)
}

describe('syncs that are shared', () => {
  it('fault 57: are one for many that ask together, and done when it is', async () => {
    const disk = new SlowDisk()
    disk.ask(...names(8))
    await turns()
    assert.deepEqual(disk.begun, ['all'])
    assert.deepEqual(disk.done, [])
    await disk.end('all')
    assert.deepEqual(disk.done, names(8))
  })

  it('fault 57: cover nothing that was asked for after they began', async () => {
    const disk = new SlowDisk()
    disk.ask(...names(8))
    await turns()
    disk.ask(...names(9, 'later'))
    await turns()
    assert.deepEqual(disk.begun, ['all'])
    await disk.end('all')
    assert.deepEqual(disk.done, names(8))
    assert.deepEqual(disk.begun, ['all', 'all'])
    await disk.end('all')
    assert.deepEqual(disk.done, [...names(8), ...names(9, 'later')])
  })

  it('are of each file alone where few ask, and do not wait for one another', async () => {
    const disk = new SlowDisk()
    disk.ask('a', 'b')
    await turns()
    assert.deepEqual(disk.begun, ['a', 'b'])
    await disk.end('b', new Error('EIO'))
    assert.deepEqual(disk.done, ['b failed'])
    await disk.end('a')
    assert.deepEqual(disk.done, ['b failed', 'a'])
  })

  it('count those under way to the many', async () => {
    const disk = new SlowDisk()
    for (const file of names(8)) {
      disk.ask(file)
      await turns()
    }
    assert.deepEqual(disk.begun, [...names(7), 'all'])
  })

  it('fault 5: are of each file alone from the first error on, which says whose it is', async () => {
    const disk = new SlowDisk()
    disk.ask(...names(8))
    await turns()
    disk.ask('later')
    await disk.end('all', new Error('EIO'))
    assert.deepEqual(disk.begun, ['all', ...names(8), 'later'])
    assert.deepEqual(disk.done, [])
    await disk.end('file 3', new Error('EIO'))
    assert.deepEqual(disk.done, ['file 3 failed'])
    disk.ask(...names(20, 'last'))
    await turns()
    assert.equal(disk.begun.filter((what) => what === 'all').length, 1)
  })

  it('pause after one that took long: other programs may write without end', async () => {
    const disk = new SlowDisk()
    disk.ask(...names(8))
    await turns()
    disk.nowMs = 2001
    await disk.end('all')
    assert.deepEqual(disk.done, names(8))
    disk.nowMs = 2001 + 20_009
    disk.ask(...names(8, 'soon'))
    await turns()
    assert.deepEqual(disk.begun, ['all', ...names(8, 'soon')])
    for (const file of names(8, 'soon')) {
      await disk.end(file)
    }
    disk.nowMs += 1
    disk.ask(...names(8, 'later'))
    await turns()
    assert.equal(disk.begun.at(-1), 'all')
  })

  it('are of each file alone where the file system cannot be synced as a whole', async () => {
    const disk = new SlowDisk(false)
    disk.ask(...names(20))
    await turns()
    assert.deepEqual(disk.begun, names(20))
  })
})
