/** The state file of an unfinished swarm: when it exists, and which files are accepted as one. */
import assert from 'node:assert/strict'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type CoordinatorOptions, createCoordinator } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { CHUNK, nextEvent, TestSwarm } from '../fixtures/swarm.js'

/** A file as a coordinator has it in the middle of a swarm. */
async function unfinished(swarm: TestSwarm): Promise<string> {
  const stateFile = join(swarm.folder, 'unfinished.state')
  const coordinator = await swarm.coordinator({ expectedPeers: 2, stateFile })
  const ann = await swarm.peer('ann', { 'a.bin': bytesOf(20 * CHUNK, 'a') })
  const ben = await swarm.peer('ben', {})
  const begun = nextEvent(ben.peer, 'chunk-stored')
  await Promise.all([ann.peer.start(), ben.peer.start()])
  await begun
  const content = await readFile(stateFile)
  const copy = join(swarm.folder, 'copy.state')
  await writeFile(copy, content, { mode: 0o600 })
  await coordinator.completed()
  await assert.rejects(stat(stateFile), { code: 'ENOENT' }, 'removed at the end')
  return copy
}

const listen = ['/ip4/127.0.0.1/tcp/0']

describe('the file of an unfinished swarm', () => {
  it('fault 11: is its owner’s alone, and is taken for that swarm and no other', async () => {
    await TestSwarm.run(async (swarm) => {
      const stateFile = await unfinished(swarm)
      const settings = { listen, expectedPeers: 2, stateFile }
      await assert.rejects(createCoordinator({ ...settings, chunkByteLength: 2 * CHUNK }), {
        code: 'CONFIGURATION',
        message: /unfinished swarm with chunks of 16384 bytes; .* --new/
      })
      const continuedBy = async (options: CoordinatorOptions): Promise<number[]> => {
        const again = await createCoordinator({ ...settings, chunkByteLength: CHUNK }, options)
        const continued: number[] = []
        again.events.listen((event) => {
          if (event.event === 'carried-on') {
            continued.push(event.peers)
          }
        })
        await again.start()
        await again.stop()
        return continued
      }
      assert.deepEqual(await continuedBy({}), [2])
      assert.deepEqual(await continuedBy({}), [2], 'a stop leaves it to the next start')
      assert.deepEqual(await continuedBy({ isNew: true }), [])
      assert.deepEqual(await continuedBy({}), [0], 'the new one, which nobody has joined')
    })
  })

  it('is refused when it is something else, or others may read it', async () => {
    await TestSwarm.run(async (swarm) => {
      const stateFile = join(swarm.folder, 'coordinator.state')
      await writeFile(stateFile, 'a film', { mode: 0o600 })
      await assert.rejects(createCoordinator({ listen, stateFile }), {
        code: 'CONFIGURATION',
        message: /holds no swarm/
      })
      await chmod(stateFile, 0o644)
      const expected = process.platform === 'win32' ? /holds no swarm/ : /chmod 600/
      await assert.rejects(createCoordinator({ listen, stateFile }), {
        code: 'CONFIGURATION',
        message: expected
      })
      assert.equal(await readFile(stateFile, 'utf8'), 'a film')
    })
  })

  it('that cannot be written is warned of once, and the swarm completes', async () => {
    await TestSwarm.run(async (swarm) => {
      const stateFile = join(swarm.folder, 'missing', 'coordinator.state')
      const coordinator = await swarm.coordinator({ expectedPeers: 1, stateFile })
      const ann = await swarm.peer('ann', { 'a.bin': bytesOf(CHUNK, 'a') })
      await ann.peer.start()
      await coordinator.completed()
      assert.equal(swarm.coordinatorEvents.filter(({ event }) => event === 'warning').length, 1)
    })
  })
})
