/** Joins whose connection breaks at one of the steps; the peers get into their swarm all the same. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openManifest } from '#potluck/protocols/manifest/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { type JoinStep, withFalseCoordinator } from '../fixtures/false-coordinator.js'
import { CHUNK, nextEvent, TestSwarm } from '../fixtures/swarm.js'
import { within } from '../fixtures/within.js'

/** Longer than a few tries with their waits take on a busy machine. */
const LIMIT_MS = 30_000

const STEPS: [JoinStep, string][] = [
  ['clockProbe', 'before it asked to be taken in'],
  ['join', 'before it had an answer'],
  ['joined', 'right after the answer'],
  ['manifests', 'while it published']
]

describe('a join', () => {
  for (const [step, when] of STEPS) {
    it(`fault 13: whose line breaks ${when} is tried again`, async () => {
      await withFalseCoordinator(
        async (coordinator) => {
          await TestSwarm.run(async (swarm) => {
            const { peer, events } = await swarm.peer(
              'ann',
              { 'a.bin': bytesOf(CHUNK, 'a') },
              { coordinator: coordinator.address, joinTimeoutMs: LIMIT_MS }
            )
            await within(LIMIT_MS, () => 'the end of its start', peer.start())
            const [bytes] = await within(LIMIT_MS, () => 'what it publishes', coordinator.published)
            assert.ok(bytes !== undefined)
            assert.equal((await openManifest(bytes, coordinator.swarmId)).manifest.path, 'a.bin')
            assert.equal(coordinator.cuts, 1)
            assert.equal(events.filter(({ event }) => event === 'coordinator-connected').length, 2)
          })
        },
        { cutAt: step }
      )
    })
  }

  it('fault 11: over a line that breaks soon each time is tried again after ever longer waits', async () => {
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const { peer, events } = await swarm.peer('ann', {}, { coordinator: coordinator.address })
        await peer.start()
        for (let tries = 0; tries < 3; tries++) {
          const registered = nextEvent(peer, 'registered')
          await sleep(100)
          coordinator.hangUp()
          await within(LIMIT_MS, () => 'the next join', registered)
        }
        const lostAtMs = events.filter(({ event }) => event === 'coordinator-lost').map(({ atMs }) => atMs)
        const triedAtMs = events
          .filter(({ event }) => event === 'coordinator-connected')
          .map(({ atMs }) => atMs)
        const waits = lostAtMs.map((atMs, index) => (triedAtMs[index + 1] ?? 0) - atMs)
        assert.equal(waits.length, 3)
        for (const [index, leastMs] of [250, 500, 1000].entries()) {
          assert.ok((waits[index] ?? 0) >= leastMs - 5, `waited ${waits.join(', ')} ms`)
        }
      })
    })
  })
})
