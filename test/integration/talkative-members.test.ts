/** Members that repeat one message, each time a line in the coordinator's logs. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COORDINATION_VERSION } from '#potluck/protocols/coordination/index.js'
import { rawSession } from '../fixtures/raw-peer.js'
import { nextEvent, TestSwarm } from '../fixtures/swarm.js'

const JOIN = { version: COORDINATION_VERSION, multiaddrs: [] }

describe('a member that repeats itself', { timeout: 60_000 }, () => {
  it('fault 41: completes no more files than there are', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      let told = 0
      coordinator.events.listen(({ event }) => {
        told += event === 'file-complete' ? 1 : 0
      })
      const lost = nextEvent(coordinator, 'peer-lost', ({ peer }) => peer === 'ben')
      const ann = await swarm.peer('ann', { 'a.bin': new Uint8Array(5), 'b.bin': new Uint8Array(6) })
      await Promise.all([
        ann.peer.start(),
        rawSession(coordinator, async (session) => {
          const messages = session.received()
          await session.send({ join: { ...JOIN, name: 'ben' } })
          await session.send({ manifests: { manifests: [], last: true } })
          for await (const { catalog } of messages) {
            if (catalog !== undefined) {
              break
            }
          }
          for (let count = 0; count < 5; count++) {
            await session.send({ fileCompletion: { origin: 'ann', path: 'a.bin', atMs: 1 } })
          }
          assert.match((await lost).message, /more files than there are/)
        })
      ])
      assert.equal(told, 2)
    })
  })

  it('fault 32: is refused as often as it likes, and not told each time', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const told: string[] = []
      coordinator.events.listen(({ event }) => {
        told.push(event)
      })
      for (let count = 0; count < 70; count++) {
        await rawSession(coordinator, async (session) => {
          await session.send({ join: { ...JOIN, name: '../up' } })
          for await (const { refusal } of session.received()) {
            assert.equal(refusal?.code, 'NAME_INVALID')
            break
          }
        })
      }
      // Two minutes of its clock may have begun meanwhile.
      assert.ok(told.includes('warning'))
      assert.ok(told.filter((event) => event === 'refused').length < 70)
    })
  })
})
