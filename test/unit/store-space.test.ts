/** What has to be free on a disk before anything comes. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytesOf, CHUNK, failure, manifestOf, Room, receive } from './store-fixture.js'

const BYTES = bytesOf(6 * CHUNK)
const MANIFEST = manifestOf('ann/file', BYTES)

describe('the room that is needed', () => {
  const MARGIN = 16 * 1024 * 1024
  const COPY = manifestOf('ben/copy', BYTES)

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
      const adopt = async (free: number): Promise<void> => {
        const { store } = await room.open({ system: { freeSpace: async () => MARGIN + free } })
        try {
          await store.adopt([...manifests])
        } finally {
          await store.close()
        }
      }
      await assert.rejects(adopt(needed - 1), failure('DISK', 'free 1 byte more'))
      await adopt(needed)
    })
  }
})
