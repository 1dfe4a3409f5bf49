/** Files that change, or vanish, while they are shared. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PotluckError } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { altered, oddPeer } from '../fixtures/odd-peer.js'
import { CHUNK, differences, type Member, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'
import { within } from '../fixtures/within.js'

/** For what takes some ten seconds at the most. */
const LIMIT_MS = 45_000

const A = { 'a.bin': bytesOf(20 * CHUNK, 'a') }
const B = { 'b.bin': bytesOf(50 * CHUNK, 'b') }

/** Longer than it takes to end where there is no hope. */
const HOPE_MS = 5000

/** At this rate, sending ben's files takes longer than that. */
const SLOW_MBIT = 1

/** Ends with 4 and a sentence that says what was lost and where, long before a lost peer would be given up. */
async function endsWithout({ peer }: Member, lost: string): Promise<void> {
  await assert.rejects(
    within(LIMIT_MS, () => 'its end', peer.completed()),
    (error) => {
      assert.ok(error instanceof PotluckError)
      assert.equal(error.exitCode, 4)
      assert.match(
        error.message,
        new RegExp(
          `ann/a\\.bin \\(${lost} of 20 chunks, from ann\\): ann/a\\.bin changed or became unreadable at ann`
        )
      )
      return true
    }
  )
}

describe('a shared file', () => {
  it('fault 8: that changes is not sent, its owner is told once, and who lacks it ends with its name', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', A)
      const ben = await swarm.peer('ben', {})
      await ann.peer.start()
      const file = await open(join(swarm.folder, 'shared', 'ann', 'a.bin'), 'r+')
      await file.write(Buffer.from('other'), 0, 5, 3 * CHUNK)
      await file.write(Buffer.from('other'), 0, 5, 7 * CHUNK)
      await file.close()
      const lost = nextEvent(ben.peer, 'chunk-failed', ({ reason }) => reason === 'unreadable')
      await ben.peer.start()
      await lost
      await endsWithout(ben, '2')
      const warnings = ann.events.filter(({ event }) => event === 'warning')
      assert.equal(warnings.length, 1)
      assert.deepEqual(await readTree(ben.collection), {})
      await coordinator.stop()
    })
  })

  it('fault 8: that vanishes ends nobody as long as somebody has not told whether it has it', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const release = Promise.withResolvers<void>()
      const ann = await swarm.peer('ann', A)
      const ben = await swarm.peer('ben', {})
      const cyd = await oddPeer(swarm, {
        name: 'cyd',
        coordinator: coordinator.multiaddrs[0] ?? '',
        alterStore: (store) =>
          altered(store, {
            adopt: async (manifests) => {
              await release.promise
              return await store.adopt(manifests)
            }
          })
      })
      try {
        await ann.peer.start()
        await rm(join(swarm.folder, 'shared', 'ann', 'a.bin'))
        const lost = nextEvent(ben.peer, 'chunk-failed', ({ reason }) => reason === 'unreadable')
        await Promise.all([ben.peer.start(), cyd.start()])
        await lost
        const ended = ben.peer.completed().then(
          () => true,
          () => true
        )
        assert.equal(await Promise.race([ended, sleep(HOPE_MS, false)]), false)
        release.resolve()
        await endsWithout(ben, '20')
      } finally {
        release.resolve()
        await cyd.stop()
      }
    })
  })

  it('fault 8: that vanishes ends nobody from whom others have something to get', async () => {
    await TestSwarm.run(async (swarm) => {
      await swarm.coordinator({ expectedPeers: 3 })
      const slow = { maxDown: SLOW_MBIT }
      const ann = await swarm.peer('ann', A, slow)
      const ben = await swarm.peer('ben', B)
      const cyd = await swarm.peer('cyd', {}, slow)
      await ann.peer.start()
      await rm(join(swarm.folder, 'shared', 'ann', 'a.bin'))
      const whole = Promise.all([ann, cyd].map(({ peer }) => nextEvent(peer, 'file-complete')))
      await Promise.all([ben.peer.start(), cyd.peer.start()])
      await endsWithout(ben, '20')
      await ben.peer.stop()
      // By then they are complete, and need no other peer.
      await within(LIMIT_MS, () => 'all of the file', whole)
    })
  })

  it('fault 8: that vanishes ends all who lack it, each with all that the others have', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const ann = await swarm.peer('ann', A)
      const ben = await swarm.peer('ben', B)
      const cyd = await swarm.peer('cyd', {})
      await ann.peer.start()
      await rm(join(swarm.folder, 'shared', 'ann', 'a.bin'))
      await Promise.all([ben.peer.start(), cyd.peer.start()])
      await Promise.all([endsWithout(ben, '20'), endsWithout(cyd, '20')])
      const whole = Object.fromEntries(Object.entries(B).map(([path, bytes]) => [`ben/${path}`, bytes]))
      assert.deepEqual(differences(await readTree(cyd.collection), whole), [])
      assert.deepEqual(differences(await readTree(ann.collection), whole), [])
      await coordinator.stop()
    })
  })
})

describe('a file that was received', () => {
  /** What `touch -r` does. */
  function damage(file: string): void {
    const { atime, mtime } = statSync(file)
    writeFileSync(file, 'other', { flag: 'r+' })
    utimesSync(file, atime, mtime)
  }

  it('fault 44: that is damaged before the peer says that it has everything is fetched again', async () => {
    await TestSwarm.run(async (swarm) => {
      await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', A)
      const ben = await swarm.peer('ben', {})
      const file = join(ben.collection, 'ann', 'a.bin')
      let times = 0
      ben.peer.events.listen(({ event }) => {
        times += event === 'file-complete' ? 1 : 0
        if (event === 'file-complete' && times === 1) {
          damage(file)
        }
      })
      await Promise.all([ann.peer.start(), ben.peer.start()])
      const ends = Promise.all([ann, ben].map(({ peer }) => peer.completed()))
      await within(LIMIT_MS, () => 'the end', ends)
      assert.deepEqual(readFileSync(file), Buffer.from(A['a.bin']))
      const told = ben.events
        .map(({ event }) => event)
        .filter((event) => /^(file-|peer-complete)/.test(event))
      assert.deepEqual(told, ['file-complete', 'file-lost', 'file-complete', 'peer-complete'])
    })
  })

  it('fault 44: that is damaged by the end of the swarm ends the peer with an error', async () => {
    await TestSwarm.run(async (swarm) => {
      await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', A)
      const ben = await swarm.peer('ben', {})
      ben.peer.events.listen(({ event }) => {
        if (event === 'swarm-complete') {
          damage(join(ben.collection, 'ann', 'a.bin'))
        }
      })
      await Promise.all([ann.peer.start(), ben.peer.start()])
      await assert.rejects(
        within(LIMIT_MS, () => 'its end', ben.peer.completed()),
        (error) => {
          assert.ok(error instanceof PotluckError)
          assert.equal(error.code, 'DISK')
          assert.match(error.message, /^another program changed or removed ann\/a\.bin after/)
          return true
        }
      )
      await ann.peer.completed()
    })
  })
})
