import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Descriptors } from '#potluck/store/descriptors.js'
import { Room } from './fixture.js'

const linux = process.platform === 'linux'

function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}

describe('descriptors', () => {
  it('fault 7: keeps a bounded number of files open, and reads them all', { skip: !linux }, async (test) => {
    const room = await Room.make(test)
    const before = openFiles()
    const descriptors = new Descriptors(3)
    for (const round of [0, 1]) {
      for (let number = 0; number < 10; number++) {
        const path = room.path(`file-${number}`)
        if (round === 0) {
          descriptors.create(path, 0)
        }
        descriptors.write(path, Uint8Array.of(number, round), round * 2)
        const bytes = descriptors.scratch(100)
        assert.equal(descriptors.read(path, 'write', bytes, 0), round * 2 + 2)
        assert.equal(bytes[round * 2], number)
        assert.ok(openFiles() <= before + 3)
      }
    }
    descriptors.closeAll()
    assert.equal(openFiles(), before)
    assert.deepEqual([...readFileSync(room.path('file-7'))], [7, 0, 7, 1])
  })

  it('fault 7: has 256 of them unless told otherwise', { skip: !linux }, async (test) => {
    const room = await Room.make(test)
    const before = openFiles()
    const descriptors = new Descriptors()
    for (let number = 0; number < 300; number++) {
      descriptors.create(room.path(`file-${number}`), 0)
    }
    assert.equal(openFiles(), before + 256)
    descriptors.closeAll()
  })

  it('fault 57: keep open what is known to be the file that has the name, and nothing else', {
    skip: !linux
  }, async (test) => {
    const room = await Room.make(test)
    const before = openFiles()
    const descriptors = new Descriptors()
    const path = room.path('file')
    const inode = descriptors.create(path, 4)
    descriptors.closeUnlessSame(path, inode)
    assert.equal(openFiles(), before + 1)
    renameSync(path, room.path('aside'))
    writeFileSync(path, 'other')
    descriptors.closeUnlessSame(path, statSync(path, { bigint: true }).ino)
    assert.equal(openFiles(), before)
    assert.equal(descriptors.read(path, 'write', descriptors.scratch(10), 0), 5)
    // It was not made here, so nothing is known of it.
    descriptors.closeUnlessSame(path, statSync(path, { bigint: true }).ino)
    assert.equal(openFiles(), before)
    descriptors.create(room.path('numberless'), 0)
    descriptors.closeUnlessSame(room.path('numberless'), 0n)
    assert.equal(openFiles(), before)
  })

  it('fault 57: cut a longer file, and leave a shorter one that is filled next', async (test) => {
    const room = await Room.make(test)
    const path = await room.write('file', Uint8Array.of(1, 2, 3))
    const descriptors = new Descriptors()
    descriptors.create(path, 2, true)
    assert.equal(statSync(path).size, 2)
    descriptors.create(path, 9, true)
    assert.equal(statSync(path).size, 2)
    descriptors.create(path, 9)
    assert.equal(statSync(path).size, 9)
    descriptors.closeAll()
  })

  it('fault 7: does not close what is lent, whatever is opened or closed meanwhile', {
    skip: !linux
  }, async (test) => {
    const room = await Room.make(test)
    const before = openFiles()
    const descriptors = new Descriptors(1)
    const lent = room.path('lent')
    descriptors.create(lent, 0)
    await descriptors.lend(lent, 'write', async () => {
      descriptors.create(room.path('other'), 1)
      descriptors.create(room.path('another'), 1)
      descriptors.close(lent)
      assert.equal(openFiles(), before + 2)
    })
    assert.equal(openFiles(), before + 1)
    descriptors.closeAll()
    assert.equal(openFiles(), before)
  })

  it('fault 7: closes what is open for what opens files by itself', { skip: !linux }, async (test) => {
    const room = await Room.make(test)
    const descriptors = new Descriptors()
    const before = openFiles()
    const outcomes: number[] = []
    const work = async (): Promise<number> => {
      outcomes.push(openFiles() - before)
      if (outcomes.length % 2 === 1) {
        throw Object.assign(new Error('EMFILE: no more'), { code: 'EMFILE' })
      }
      return 7
    }
    await assert.rejects(descriptors.withRoom(work), { code: 'EMFILE' })
    outcomes.length = 0
    descriptors.create(room.path('file'), 0)
    assert.equal(await descriptors.withRoom(work), 7)
    assert.deepEqual(outcomes, [1, 0])
  })

  it('makes a file only when it is told to', async (test) => {
    const room = await Room.make(test)
    const descriptors = new Descriptors()
    const path = room.path('file')
    assert.throws(() => descriptors.write(path, Uint8Array.of(1), 0), { code: 'ENOENT' })
    assert.throws(() => descriptors.read(path, 'write', new Uint8Array(1), 0), { code: 'ENOENT' })
    descriptors.create(path, 2)
    descriptors.write(path, Uint8Array.of(1), 0)
    descriptors.closeAll()
    assert.deepEqual([...readFileSync(path)], [1, 0])
  })

  it('fault 7: does with fewer when the process may open no more', { skip: !linux }, async (test) => {
    const room = await Room.make(test)
    const program = `
      import { Descriptors } from '#potluck/store/descriptors.js'
      const descriptors = new Descriptors()
      for (let number = 0; number < 60; number++) {
        descriptors.create(process.argv[1] + '/' + number, 0)
        descriptors.write(process.argv[1] + '/' + number, Uint8Array.of(number), 0)
      }
      descriptors.closeAll()
    `
    const limited = 'ulimit -n 40; exec "$0" --input-type=module -e "$1" "$2"'
    execFileSync('sh', ['-c', limited, process.execPath, program, room.folder])
    assert.equal(readdirSync(room.folder).length, 60)
    assert.deepEqual([...readFileSync(room.path('59'))], [59])
  })
})
