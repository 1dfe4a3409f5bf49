/** Somebody else who works in the folder of what is not complete yet. */
import assert from 'node:assert/strict'
import { appendFile, lstat, readFile, rename, symlink } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { bytesOf, CHUNK, failure, hashNaively, manifestOf, Room, receive, until } from './store-fixture.js'

const BYTES = bytesOf(3 * CHUNK)
const { root: ROOT } = hashNaively(BYTES)

describe('an unfinished file that somebody else has changed', () => {
  for (const [what, change] of [
    [
      'a link is in its place',
      async (part: string, victim: string) => {
        await rename(part, `${part}-aside`)
        await symlink(victim, part)
      }
    ],
    ['it is longer', async (part: string) => await appendFile(part, 'more')]
  ] as const) {
    it(`fault 36: does not get the final name (${what})`, async (test) => {
      const room = await Room.make(test)
      // Of the right length, so that nothing but its being somewhere else tells it from the file.
      const victim = await room.write('victim', bytesOf(3 * CHUNK, 'victim'))
      const { store, recorder } = await room.open()
      await store.adopt([manifestOf('ann/file', BYTES)])
      await receive(store, BYTES, [0, 1])
      await change(room.path('collection/.potluck/parts', `${ROOT}.part`), victim)
      await receive(store, BYTES, [2])
      await until(() => recorder.failures.length > 0, 'it is said')
      failure('DISK', 'is not the file that was written any more')(recorder.failures[0])
      await assert.rejects(lstat(room.path('collection/ann/file')), { code: 'ENOENT' })
      assert.deepEqual(recorder.completed, [])
      assert.deepEqual(Uint8Array.from(await readFile(victim)), bytesOf(3 * CHUNK, 'victim'))
    })
  }
})
