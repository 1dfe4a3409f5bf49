/** A file that changes while it is shared. */
import assert from 'node:assert/strict'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { PotluckError } from '#potluck/index.js'
import { bytesOf, CHUNK, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'

describe('a shared file', () => {
  it('fault 8: that changes is not sent, its owner is told once, and who lacks it ends with its name', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', { 'a.bin': bytesOf(20 * CHUNK, 'a') })
      const ben = await swarm.peer('ben', {})
      await ann.peer.start()
      const file = await open(join(swarm.folder, 'shared', 'ann', 'a.bin'), 'r+')
      await file.write(Buffer.from('other'), 0, 5, 3 * CHUNK)
      await file.write(Buffer.from('other'), 0, 5, 7 * CHUNK)
      await file.close()
      const lost = nextEvent(ben.peer, 'chunk-failed', ({ reason }) => reason === 'unreadable')
      await ben.peer.start()
      await lost
      await assert.rejects(ben.peer.completed(), (error) => {
        assert.ok(error instanceof PotluckError)
        assert.equal(error.code, 'INCOMPLETE')
        assert.match(
          error.message,
          /ann\/a\.bin \(2 of 20 chunks, from ann\): ann\/a\.bin can be read no more at ann as it was shared/
        )
        return true
      })
      const warnings = ann.events.filter(({ event }) => event === 'warning')
      assert.equal(warnings.length, 1)
      assert.deepEqual(await readTree(ben.collection), {})
      await coordinator.stop()
    })
  })
})
