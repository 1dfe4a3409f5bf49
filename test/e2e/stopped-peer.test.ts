/** A peer that is stopped for longer than a silent connection is kept. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { Workshop } from '../fixtures/processes.js'
import { nextEvent, TestSwarm } from '../fixtures/swarm.js'

const MIB = 1024 * 1024

/** Slow enough to stop even a small transfer in its middle. */
const SLOWLY = { maxUp: 40 }

describe('a swarm', () => {
  it('fault 12: a peer that is stopped for long does not keep the others, and catches up', async () => {
    await Workshop.run(async (workshop) => {
      await TestSwarm.run(async (swarm) => {
        const { coordinator, address } = await swarm.coordinatorOfCommands(3)
        const [ann, ben] = [
          await swarm.peer('ann', { 'ann.bin': bytesOf(4 * MIB, 'ann') }, SLOWLY),
          await swarm.peer('ben', { 'ben.bin': bytesOf(4 * MIB, 'ben') }, SLOWLY)
        ]
        const completeWithoutCyd = [ann, ben].map(({ peer }) => nextEvent(peer, 'peer-complete'))
        // Longer than a connection on which nothing comes is kept.
        const stalled = nextEvent(ann.peer, 'peer-stalled', ({ remote }) => remote === 'cyd')
        await Promise.all([ann, ben].map(({ peer }) => peer.start()))
        const cyd = workshop.peer('cyd', address)
        await cyd.told('chunk-stored', 5)
        cyd.child.kill('SIGSTOP')
        await Promise.all(completeWithoutCyd)
        await stalled
        cyd.child.kill('SIGCONT')
        assert.deepEqual(await cyd.end(), { code: 0, signal: null }, cyd.output.slice(-3000))
        for (const { peer } of [ann, ben]) {
          assert.equal((await peer.completed()).complete, true)
        }
        await coordinator.completed()
        const got = await readFile(join(workshop.folder, 'cyd-got/ann/ann.bin'))
        assert.ok(got.equals(bytesOf(4 * MIB, 'ann')))
      })
    })
  })
})
