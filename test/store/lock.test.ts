import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, stat } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { failure, Room } from './fixture.js'

/** Another process that holds the collection until it is killed. */
async function otherProcess(test: TestContext, room: Room): Promise<ChildProcess> {
  const program = `
    import { FileStore } from '#potluck/store/file-store.js'
    const nothing = () => undefined
    const listener = { onFileComplete: nothing, onHashing: nothing, onEntryFailed: nothing, onFatal: nothing }
    await FileStore.open({ collection: process.argv[1], shares: [], name: 'other', listener })
    process.stdout.write('open')
    setInterval(nothing, 1000)
  `
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, room.path('collection')], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  test.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

describe('the lock of a collection', () => {
  it('fault 10: refuses a second store in the same process, and names the first', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open({ name: 'ann' })
    await assert.rejects(
      room.open({ name: 'ben' }),
      failure('COLLECTION_LOCKED', 'the peer ann', `${process.pid}`)
    )
    await store.close()
    await store.close()
    const { store: next } = await room.open({ name: 'ben' })
    await assert.rejects(
      room.open(),
      failure('COLLECTION_LOCKED', 'the peer ben', 'choose another collection folder')
    )
    await next.close()
  })

  it('fault 10: refuses while another process holds it, and not when that was killed', async (test) => {
    const room = await Room.make(test)
    const child = await otherProcess(test, room)
    await assert.rejects(room.open(), failure('COLLECTION_LOCKED', 'the peer other', `process ${child.pid}`))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await room.open()
  })

  it('keeps the private folder to its user', async (test) => {
    const room = await Room.make(test)
    for (const collection of [room.path('new'), room.path('old')]) {
      await mkdir(room.path('old/.potluck'), { recursive: true, mode: 0o755 })
      await room.open({ collection })
      assert.equal((await stat(`${collection}/.potluck`)).mode & 0o777, 0o700)
    }
  })

  it('says what is wrong with a collection that cannot be one', async (test) => {
    const room = await Room.make(test)
    const collection = await room.write('a-file', '')
    await assert.rejects(room.open({ collection }), failure('DISK', collection))
  })
})
