/** Members that publish nothing valid, over a real coordinator with real peers beside them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerMessage, PeerSession } from '#potluck/protocols/coordination/index.js'
import { COORDINATION_VERSION } from '#potluck/protocols/coordination/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { rawSession } from '../fixtures/raw-peer.js'
import { differences, gathered, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'

const TREES = { ann: { 'a.bin': bytesOf(40_000, 'a') }, ben: { 'b.bin': bytesOf(50_000, 'b') } }

const NOT_A_MANIFEST = Uint8Array.of(1, 2, 3)

async function joinAs(session: PeerSession, name: string): Promise<void> {
  await session.send({ join: { version: COORDINATION_VERSION, name, multiaddrs: [] } })
}

/** What comes until the swarm's end, or until the other side closes. */
async function drain(session: PeerSession): Promise<string[]> {
  const codes: string[] = []
  try {
    for await (const { refusal, swarmEnd } of session.received()) {
      codes.push(refusal?.code ?? '')
      if (swarmEnd !== undefined) {
        return [...codes, `end ${swarmEnd.complete}`].filter((code) => code !== '')
      }
    }
  } catch {
    // Its connection was ended.
  }
  return codes.filter((code) => code !== '')
}

describe('a list of files', { timeout: 60_000 }, () => {
  it('fault 52: is refused when it takes more memory than it may, before it ends', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2, maxListBytes: 1024 * 1024 })
      const messages: string[] = []
      await rawSession(coordinator, async (session) => {
        await joinAs(session, 'eve')
        await session.send({ manifests: { manifests: [new Uint8Array(600 * 1024)], last: false } })
        for await (const { refusal } of session.received()) {
          if (refusal !== undefined) {
            messages.push(refusal.message)
            return
          }
        }
      })
      assert.equal(messages.length, 1)
      assert.match(messages[0] ?? '', /^its list of files would take more than 1 MiB; .*maxListBytes$/)
    })
  })
})

describe('members that publish nothing valid', { timeout: 120_000 }, () => {
  it('fault 52: are left out and named, and the others go on without them', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 5, publishTimeoutMs: 1500 })
      const over = new AbortController()
      const registered = (name: string): Promise<unknown> =>
        nextEvent(coordinator, 'registered', ({ peer }) => peer === name)
      /** Joins, and sends the message over and over for as long as it may. */
      const stay = async (
        name: string,
        message: Partial<PeerMessage>
      ): Promise<{ end: Promise<string[]> }> => {
        const here = registered(name)
        const codes = Promise.withResolvers<string[]>()
        const session = rawSession(coordinator, async (session) => {
          await joinAs(session, name)
          const drained = drain(session)
          while (!over.signal.aborted) {
            await session.send(message).catch(() => over.abort())
            await sleep(50)
          }
          codes.resolve(await drained)
        })
        session.catch(codes.reject)
        await here
        return { end: codes.promise }
      }
      const silent = await stay('silent', { clockProbe: { sentAtMs: 1 } })
      const endless = await stay('endless', { manifests: { manifests: [], last: false } })
      const key = await generateKeyPair('Ed25519')
      const codes: string[] = []
      const again = async (session: PeerSession): Promise<void> => {
        await joinAs(session, 'wrong')
        await session.send({ manifests: { manifests: [NOT_A_MANIFEST], last: true } })
        codes.push(...(await drain(session)))
      }
      const refused = (async () => {
        while (!over.signal.aborted) {
          await rawSession(coordinator, again, key).catch(() => undefined)
          await sleep(200)
        }
      })()
      const members = await Promise.all(
        Object.entries(TREES).map(async ([name, tree]) => [name, await swarm.peer(name, tree)] as const)
      )
      const warned = members.map(([, { peer }]) =>
        nextEvent(peer, 'warning', ({ message }) => /started without the files of silent/.test(message))
      )
      await Promise.all(members.map(([, { peer }]) => peer.start()))
      for (const [name, { peer, collection, events }] of members) {
        assert.equal((await peer.completed()).complete, true)
        const ended = events.find(({ event }) => event === 'swarm-complete')
        assert.deepEqual(ended?.event === 'swarm-complete' && ended.leftOut?.toSorted(), [
          'endless',
          'silent',
          'wrong'
        ])
        assert.deepEqual(differences(await readTree(collection), gathered(TREES, name)), [])
      }
      await Promise.all(warned)
      assert.equal((await coordinator.completed()).complete, true)
      over.abort()
      await coordinator.stop()
      const ends = await Promise.all([silent.end, endless.end, refused])
      assert.deepEqual(ends.slice(0, 2), [['end true'], ['end true']])
      const warning = swarm.coordinatorEvents.find(({ event }) => event === 'warning')
      assert.ok(warning?.event === 'warning')
      assert.match(warning.message, /without the files of endless, silent, wrong: no valid list/)
      assert.ok(codes.includes('MANIFESTS_INVALID'))
    })
  })

  it('fault 52: are told so when they publish after all, and may fetch what others bring', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2, publishTimeoutMs: 500, late: 'no' })
      const started = nextEvent(coordinator, 'catalog')
      const late = await generateKeyPair('Ed25519')
      const complete = async (session: PeerSession): Promise<void> => {
        const progress = { totalBytes: 0, heldBytes: 0, receivedBytes: 0, sentBytes: 0 }
        await session.send({ peerCompletion: { atMs: 1, progress, entries: 9 } })
      }
      await rawSession(coordinator, async (punctual) => {
        await joinAs(punctual, 'punctual')
        await punctual.send({ manifests: { manifests: [], last: true } })
        const told = drain(punctual)
        await rawSession(
          coordinator,
          async (session) => {
            await joinAs(session, 'late')
            await started
            await session.send({ manifests: { manifests: [NOT_A_MANIFEST], last: false } })
            assert.deepEqual(await drain(session), ['LEFT_OUT'])
          },
          late
        )
        await rawSession(
          coordinator,
          async (session) => {
            await joinAs(session, 'late')
            await session.send({ manifests: { manifests: [], last: true } })
            // A reply shows that the list was taken, before the other one is complete.
            await session.send({ clockProbe: { sentAtMs: 1 } })
            for await (const { clockReply } of session.received()) {
              if (clockReply !== undefined) {
                break
              }
            }
            const one = nextEvent(coordinator, 'peer-complete')
            await complete(punctual)
            await one
            await complete(session)
            await coordinator.completed()
          },
          late
        )
        assert.deepEqual(await told, ['end true'])
      })
    })
  })
})
