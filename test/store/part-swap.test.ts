/** Another program that changes the folder of incomplete files. */
import assert from 'node:assert/strict'
import { appendFile, lstat, open, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import {
  bytesOf,
  CHUNK,
  failure,
  hashNaively,
  manifestOf,
  Room,
  receive,
  until,
  writeChunk
} from './fixture.js'

const BYTES = bytesOf(3 * CHUNK)
const { root: ROOT } = hashNaively(BYTES)

async function overwrite(part: string, byteOffset: number, byteLength: number): Promise<void> {
  const file = await open(part, 'r+')
  await file.write(bytesOf(byteLength, 'other'), 0, byteLength, byteOffset)
  await file.close()
}

describe('an unfinished file that somebody else has changed', () => {
  for (const [what, change] of [
    [
      'a link is in its place',
      async (part: string, victim: string) => {
        await rename(part, `${part}-aside`)
        await symlink(victim, part)
      }
    ],
    ['another file is in its place', async (part: string, victim: string) => await rename(victim, part)],
    [
      'one full of zeros is in its place',
      async (part: string) => {
        await writeFile(`${part}-2`, '')
        await truncate(`${part}-2`, 3 * CHUNK)
        await rename(`${part}-2`, part)
      }
    ],
    ['nothing is in its place', async (part: string) => await rm(part)]
  ] as const) {
    it(`fault 36, 45: does not get the final name (${what})`, async (test) => {
      const room = await Room.make(test)
      const bytes = bytesOf(3 * CHUNK, 'victim')
      // Of the right length, so that nothing but its being somewhere else tells it from the file.
      const victim = await room.write('victim', bytes)
      const { store, recorder } = await room.open()
      await store.adopt([manifestOf('ann/file', BYTES)])
      await receive(store, BYTES, [0, 1])
      const part = room.path('collection/.potluck/parts', `${ROOT}.part`)
      await change(part, victim)
      await receive(store, BYTES, [2])
      await until(() => recorder.failures.length > 0, 'it is said')
      failure('DISK', 'another program replaced')(recorder.failures[0])
      await assert.rejects(lstat(room.path('collection/ann/file')), { code: 'ENOENT' })
      assert.deepEqual(recorder.completed, [])
      assert.deepEqual(Uint8Array.from(await readFile(victim).catch(() => readFile(part))), bytes)
    })
  }

  for (const [what, change] of [
    ['is longer', (part: string) => appendFile(part, 'more')],
    ['was cut to nothing', (part: string) => truncate(part, 0)],
    ['was cut in a chunk', (part: string) => truncate(part, CHUNK + 10)],
    [
      'was cut and has its length again',
      async (part: string) => {
        await truncate(part, 0)
        await truncate(part, 3 * CHUNK)
      }
    ],
    ['was written to in one chunk', (part: string) => overwrite(part, CHUNK + 7, 1)],
    ['was overwritten from end to end', (part: string) => overwrite(part, 0, 3 * CHUNK)]
  ] as const) {
    for (const last of [1, 2]) {
      it(`fault 45: has what was lost fetched again (it ${what}, chunk ${last} came last)`, async (test) => {
        const room = await Room.make(test)
        const { store, recorder } = await room.open()
        await store.adopt([manifestOf('ann/file', BYTES)])
        const first = [0, 1, 2].filter((chunkIndex) => chunkIndex !== last)
        await receive(store, BYTES, first)
        await change(room.path('collection/.potluck/parts', `${ROOT}.part`))
        await receive(store, BYTES, [last])
        while (recorder.completed.length === 0) {
          await until(() => recorder.completed.length + recorder.lost.length > 0, 'it is complete or not')
          for (const chunkIndex of recorder.lost.splice(0)) {
            await writeChunk(store, BYTES, chunkIndex)
          }
        }
        assert.deepEqual(Uint8Array.from(await readFile(room.path('collection/ann/file'))), BYTES)
        assert.deepEqual(recorder.failures, [])
      })
    }
  }

  it('fault 45: is not fetched again for ever when somebody goes on writing to it', async (test) => {
    const room = await Room.make(test)
    const part = room.path('collection/.potluck/parts', `${ROOT}.part`)
    const { store, recorder } = await room.open({ system: { syncData: () => overwrite(part, 0, 1) } })
    await store.adopt([manifestOf('ann/file', BYTES)])
    await receive(store, BYTES)
    while (recorder.failures.length === 0) {
      await until(() => recorder.failures.length + recorder.lost.length > 0, 'it is lost or said')
      for (const chunkIndex of recorder.lost.splice(0)) {
        await writeChunk(store, BYTES, chunkIndex)
      }
    }
    failure('DISK', 'keeps writing')(recorder.failures[0])
    assert.deepEqual(recorder.completed, [])
  })
})
