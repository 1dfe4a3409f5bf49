/** Files of the collection that another program changes, and what is said of those that nobody read again. */
import assert from 'node:assert/strict'
import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Manifest } from '#potluck/protocols/manifest/index.js'
import { bytesOf, heldOf, manifestOf, Recorder, Room, receive, until } from './store-fixture.js'

/** Long enough for its digests to be noted for the next start. */
const BYTES = bytesOf(1024 * 1024 + 1)
const OTHER = bytesOf(BYTES.byteLength, 'other')
const MANIFEST = manifestOf('ann/file', BYTES)

/** Keeps what is said of the time when a complete file was checked, if an earlier run did. */
class CheckRecorder extends Recorder {
  readonly checkedAtMs: (number | undefined)[] = []

  override onFileComplete(manifest: Manifest, local: boolean, checkedAtMs?: number): void {
    super.onFileComplete(manifest, local)
    this.checkedAtMs.push(checkedAtMs)
  }
}

/** What `touch -r` does. */
function damage(file: string): void {
  const { atime, mtime } = statSync(file)
  writeFileSync(file, OTHER, { flag: 'r+' })
  utimesSync(file, atime, mtime)
}

async function start(room: Room, verify = false) {
  const listener = new CheckRecorder()
  const { store } = await room.open({ listener, verify })
  return { store, listener, held: await heldOf(store, MANIFEST) }
}

/** A collection that an earlier run completed. */
async function completed(test: Parameters<typeof Room.make>[0]): Promise<{ room: Room; file: string }> {
  const room = await Room.make(test)
  const { store, listener } = await start(room)
  await receive(store, BYTES)
  await until(() => listener.completed.length > 0, 'it is complete')
  assert.deepEqual(listener.checkedAtMs, [undefined])
  await store.close()
  return { room, file: room.path('collection/ann/file') }
}

describe('a file that was received', () => {
  it('fault 44: is said to have been checked by the earlier run, unless this one shall verify', async (test) => {
    const beforeMs = Date.now()
    const { room } = await completed(test)
    const afterMs = Date.now()
    const { store, listener } = await start(room)
    const [checkedAtMs = 0] = listener.checkedAtMs
    assert.ok(beforeMs <= checkedAtMs && checkedAtMs <= afterMs, String(checkedAtMs))
    await store.close()
    assert.deepEqual((await start(room, true)).listener.checkedAtMs, [undefined])
  })

  it('fault 44: is fetched again when it was damaged and has its old time', async (test) => {
    const { room, file } = await completed(test)
    damage(file)
    const { listener, held } = await start(room)
    assert.deepEqual(held, [])
    assert.deepEqual(listener.completed, [])
  })
})
