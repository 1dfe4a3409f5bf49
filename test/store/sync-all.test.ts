/** The system's own sync of a file system, and a store that has one. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { manifestKey } from '#potluck/core/names.js'
import { openSyncAll } from '#potluck/store/sync-all.js'
import { bytesOf, manifestOf, Room, receive, until } from './fixture.js'

const FILES = Array.from({ length: 300 }, (_, number) => {
  const bytes = bytesOf(100, number)
  const key = `ann/${number}`
  return { key, bytes, manifest: manifestOf(key, bytes) }
})

/** Fewer that wait are synced one by one. */
const MIN_TOGETHER = 8

describe('a sync of the whole file system', () => {
  it('is done where there is one, and none is told of where it would say too little', async (test) => {
    const room = await Room.make(test)
    const syncAll = openSyncAll(room.folder)
    test.after(() => syncAll?.close())
    await syncAll?.sync()
    const memory = existsSync('/dev/shm') ? openSyncAll('/dev/shm') : undefined
    assert.equal(memory, undefined)
  })
})

describe('thousands of tiny files', () => {
  it('fault 57: share it, and get their names only when their bytes are synced', async (test) => {
    const room = await Room.make(test)
    let syncs = 0
    let alone = 0
    /** Files whose bytes were there before a sync began that has ended. */
    const lasting = new Set<string>()
    const tooEarly = new Set<string>()
    const { store, recorder } = await room.open({
      system: {
        syncData: async () => {
          alone++
        },
        syncAll: async () => {
          const written = FILES.filter(({ manifest }) =>
            existsSync(room.path(`collection/.potluck/parts/${manifest.root}.part`))
          )
          await delay(2)
          for (const { key } of FILES.filter(({ key }) => existsSync(room.path('collection', key)))) {
            if (!lasting.has(key)) {
              tooEarly.add(key)
            }
          }
          for (const { key } of written) {
            lasting.add(key)
          }
          syncs++
        }
      }
    })
    recorder.onFileComplete = (manifest) => {
      recorder.completed.push(manifestKey(manifest))
      if (!lasting.has(manifestKey(manifest))) {
        tooEarly.add(manifestKey(manifest))
      }
    }
    await store.adopt(FILES.map(({ manifest }) => manifest))
    await Promise.all(FILES.map(({ bytes }) => receive(store, bytes)))
    await until(() => recorder.completed.length === FILES.length, 'all are complete')
    assert.ok(syncs >= 2 && syncs < FILES.length / 4, `${syncs} syncs`)
    assert.ok(alone < MIN_TOGETHER, `${alone} alone`)
    assert.ok(tooEarly.size <= alone, [...tooEarly].join(', '))
    assert.deepEqual(recorder.failures, [])
  })

  it('fault 5: are synced one by one once it fails, and only what does not reach the disk is lost', async (test) => {
    const room = await Room.make(test)
    let fails = true
    let alone = 0
    const { store, recorder } = await room.open({
      system: {
        syncAll: async () => {
          if (fails) {
            fails = false
            throw new Error('EIO')
          }
        },
        syncData: async () => {
          alone++
        }
      }
    })
    await store.adopt(FILES.map(({ manifest }) => manifest))
    await Promise.all(FILES.map(({ bytes }) => receive(store, bytes)))
    await until(() => recorder.completed.length === FILES.length, 'all are complete')
    assert.equal(alone, FILES.length)
    assert.deepEqual(recorder.lost, [])
    assert.deepEqual(recorder.failures, [])
  })
})
