/** A full disk: how much must be free before the transfer, and what happens when it runs out. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { diskError } from '#potluck/store/disk-errors.js'
import { DiskFullError } from '#potluck/store/store.js'
import { interceptFileSystem } from '../../bench/torture/intercept.js'
import { bytesOf, CHUNK, failure, manifestOf, Room, receive, until } from './fixture.js'

const BYTES = bytesOf(6 * CHUNK)
const MANIFEST = manifestOf('ann/file', BYTES)

const COPY = manifestOf('ben/copy', BYTES)

describe('the room that is needed', () => {
  const MARGIN = 16 * 1024 * 1024

  for (const [what, received, manifests, needed] of [
    ['is for all of it', [], [MANIFEST], BYTES.byteLength],
    ['is for what is not held yet', [0, 1], [MANIFEST], 4 * CHUNK],
    ['is for each name of a content', [], [MANIFEST, COPY], 2 * BYTES.byteLength]
  ] as const) {
    it(`fault 6: ${what}`, async (test) => {
      const room = await Room.make(test)
      const first = await room.open()
      await first.store.adopt([MANIFEST])
      await receive(first.store, BYTES, [...received])
      await first.store.close()
      const adopt = async (free: number): Promise<Error[]> => {
        const { store, recorder } = await room.open({ system: { freeSpace: async () => MARGIN + free } })
        await store.adopt([...manifests])
        await store.close()
        return [...recorder.failed.values()]
      }
      const [shortage] = await adopt(needed - 1)
      failure('DISK', 'free 1 byte more')(shortage)
      assert.deepEqual(await adopt(needed), [])
    })
  }
})

describe('a disk that runs full', () => {
  it('fault 6: is one that may have room again, whether it is all of it or this user’s part', () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      const error = diskError(Object.assign(new Error(`${code}: no, write`), { code }), 'write', '/x')
      assert.ok(error instanceof DiskFullError, code)
      assert.match(error.message, /no room is left there; free some space/)
    }
    assert.ok(
      !(diskError(Object.assign(new Error('no'), { code: 'EACCES' }), 'write', '/x') instanceof DiskFullError)
    )
  })

  for (const [what, code] of [
    ['fault 6: has a file that lacks its second name get it when there is room', 'ENOSPC'],
    ['fault 7: so have too many open files', 'EMFILE']
  ] as const) {
    it(what, async (test) => {
      const room = await Room.make(test)
      let failures = 2
      test.after(
        interceptFileSystem((call) => {
          if (call.name !== 'copyFile' || failures === 0) {
            return call.perform()
          }
          failures--
          return Promise.resolve(call.perform()).then(() => {
            throw Object.assign(new Error(`${code}: no, copyfile`), {
              code,
              syscall: 'copyfile'
            })
          })
        })
      )
      const { store, recorder } = await room.open({ saveIntervalMs: 100 })
      await store.adopt([MANIFEST, COPY])
      await receive(store, BYTES)
      await until(() => failures < 2, 'there is no room')
      await until(() => recorder.completed.length === 2, 'it has both names')
      assert.equal(failures, 0)
      assert.deepEqual(Uint8Array.from(await readFile(room.path('collection/ben/copy'))), BYTES)
      assert.deepEqual(recorder.failures, [])
    })
  }

  it('fault 6: keeps no half of a copy, which would hold the room that is lacking', async (test) => {
    const room = await Room.make(test)
    const copy = room.path(`collection/.potluck/parts/${MANIFEST.root}.copy`)
    let hasBegun = false
    test.after(
      interceptFileSystem((call) => {
        if (call.name !== 'copyFile') {
          return call.perform()
        }
        return Promise.resolve(call.perform()).then(() => {
          hasBegun = existsSync(copy)
          throw Object.assign(new Error('ENOSPC: no'), { code: 'ENOSPC', syscall: 'copyfile' })
        })
      })
    )
    // Nothing is tried again within this test.
    const { store } = await room.open({ saveIntervalMs: 60_000 })
    await store.adopt([MANIFEST, COPY])
    await receive(store, BYTES)
    await until(() => hasBegun, 'a copy is begun')
    await until(() => !existsSync(copy), 'it is gone')
  })
})
