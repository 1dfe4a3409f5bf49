/** Whole nodes: which swarms an invitation opens, and which it does not. */
import assert from 'node:assert/strict'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Coordinator, createCoordinator } from '#potluck/index.js'
import { makeSecretFile } from '#potluck/keys/secret.js'
import { readInvitation, writeInvitation } from '#potluck/protocols/invitation.js'
import { bytesOf } from '../fixtures/bytes.js'
import {
  CHUNK,
  differences,
  gathered,
  type Member,
  nextEvent,
  readTree,
  TestSwarm
} from '../fixtures/swarm.js'

/** A listener that others could reach, by which a coordinator asks for a key. */
const EXPOSED = ['/ip4/0.0.0.0/tcp/0']

async function invited(swarm: TestSwarm, name: string, invitation: string): Promise<Member> {
  const tree = { [`${name}.bin`]: bytesOf(3 * CHUNK + 1, name) }
  return await swarm.peer(name, tree, { coordinator: '/ip4/127.0.0.1/tcp/1' }, { invitation })
}

async function isRefused(swarm: TestSwarm, name: string, invitation: string, message: RegExp): Promise<void> {
  const { peer } = await invited(swarm, name, invitation)
  await assert.rejects(peer.start(), { code: 'REFUSED', message })
}

/** The invitation of one coordinator with the key of another one. */
function withKeyOf(invitation: string, other: string): string {
  return writeInvitation({ ...readInvitation(invitation), key: readInvitation(other).key })
}

describe('an invitation', () => {
  it('has a swarm gather: with a secret among the others, and with a key that the coordinator made', async () => {
    for (const withSecret of [true, false]) {
      await TestSwarm.run(async (swarm) => {
        const secretFile = join(swarm.folder, 'secret')
        await makeSecretFile(secretFile)
        const secret = withSecret ? { secretFile } : {}
        const coordinator = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 2, ...secret })
        const ann = await invited(swarm, 'ann', coordinator.invitation)
        const tree = { 'ben.bin': bytesOf(3 * CHUNK + 1, 'ben') }
        const ben = withSecret
          ? await swarm.peer('ben', tree, { secretFile })
          : await invited(swarm, 'ben', coordinator.invitation)
        await Promise.all([ann, ben].map(({ peer }) => peer.start()))
        await Promise.all([ann, ben].map(({ peer }) => peer.completed()))
        const trees = { ann: { 'ann.bin': bytesOf(3 * CHUNK + 1, 'ann') }, ben: tree }
        assert.deepEqual(differences(await readTree(ann.collection), gathered(trees, 'ann')), [])
        assert.deepEqual(differences(await readTree(ben.collection), gathered(trees, 'ben')), [])
        assert.ok(swarm.coordinatorEvents.every(({ event }) => event !== 'warning' && event !== 'refused'))
      })
    }
  })

  it('fault 40: lets nobody into another swarm, not even of the same coordinator and secret', async () => {
    await TestSwarm.run(async (swarm) => {
      const secretFile = join(swarm.folder, 'secret')
      const identityFile = join(swarm.folder, 'identity')
      await makeSecretFile(secretFile)
      const settings = { listen: EXPOSED, expectedPeers: 1, secretFile, identityFile }
      const start = (): Promise<Coordinator> => swarm.coordinator(settings)
      const earlier = await start()
      const leaked = earlier.invitation
      await earlier.stop()
      const other = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 1 })
      const later = await start()
      assert.equal(readInvitation(leaked).peerId, readInvitation(later.invitation).peerId)
      await isRefused(swarm, 'eve', withKeyOf(later.invitation, leaked), /does not know this invitation/)
      await isRefused(swarm, 'mallory', withKeyOf(other.invitation, leaked), /does not know this invitation/)
      await isRefused(swarm, 'trent', withKeyOf(later.invitation, other.invitation), /does not know this/)
      const bare = writeInvitation({ ...readInvitation(later.invitation), key: undefined })
      await isRefused(swarm, 'peggy', bare, /only peers that have the swarm's secret/)
      const ann = await invited(swarm, 'ann', later.invitation)
      await ann.peer.start()
      await later.completed()
    })
  })

  it('fault 40: has nothing of the secret in it, and is in no event', async () => {
    await TestSwarm.run(async (swarm) => {
      const secretFile = join(swarm.folder, 'secret')
      await makeSecretFile(secretFile)
      const coordinator = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 1, secretFile })
      const ann = await invited(swarm, 'ann', coordinator.invitation)
      await ann.peer.start()
      await coordinator.completed()
      const { key } = readInvitation(coordinator.invitation)
      const [, encoded = ''] = /secret-(.*)/.exec(await readFile(secretFile, 'utf8')) ?? []
      assert.ok(key !== undefined && !Buffer.from(encoded, 'base64url').equals(key))
      const told = JSON.stringify([swarm.coordinatorEvents, ann.events])
      for (const form of ['base64', 'base64url', 'hex'] as const) {
        assert.ok(!told.includes(Buffer.from(key).toString(form)))
      }
      assert.ok(!told.includes(coordinator.invitation.slice(12, 60)))
    })
  })

  it('fault 40: takes no peer into a full swarm, or one that is over', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 2 })
      const ann = await invited(swarm, 'ann', coordinator.invitation)
      const ben = await invited(swarm, 'ben', coordinator.invitation)
      await Promise.all([ann, ben].map(({ peer }) => peer.start()))
      await isRefused(
        swarm,
        'eve',
        coordinator.invitation,
        /the swarm started with its 2 peers|the swarm is complete/
      )
      await Promise.all([ann, ben].map(({ peer }) => peer.completed()))
    })
  })

  it('asks for no key where everybody may join, and for none of a machine by itself', async () => {
    await TestSwarm.run(async (swarm) => {
      const open = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 1, open: true })
      const local = await swarm.coordinator({ expectedPeers: 1 })
      for (const [index, coordinator] of [open, local].entries()) {
        assert.equal(readInvitation(coordinator.invitation).key, undefined)
        const { peer } = await invited(swarm, `peer${index}`, coordinator.invitation)
        await peer.start()
        await coordinator.completed()
      }
      assert.match(
        readInvitation(local.invitation).addresses.join(),
        /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+$/
      )
    })
  })

  it('fault 11: stays good when a coordinator is killed before all have joined, whatever number it then expects', async () => {
    await TestSwarm.run(async (swarm) => {
      const [stateFile, copy] = [join(swarm.folder, 'a.state'), join(swarm.folder, 'b.state')]
      const first = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 3, stateFile })
      await copyFile(stateFile, copy)
      const { key, peerId } = readInvitation(first.invitation)
      await first.stop()
      const again = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 1, stateFile: copy })
      const invitation = readInvitation(again.invitation)
      assert.deepEqual([invitation.key, invitation.peerId], [key, peerId])
      const ann = await invited(swarm, 'ann', again.invitation)
      await ann.peer.start()
      await again.completed()
    })
  })

  it('fault 11: and a coordinator that cannot listen leaves the file of the one that can', async () => {
    await TestSwarm.run(async (swarm) => {
      const stateFile = join(swarm.folder, 'a.state')
      const first = await swarm.coordinator({ expectedPeers: 2, stateFile })
      const listen = [first.multiaddrs[0]?.replace(/\/p2p\/.*/, '') ?? '']
      const second = await createCoordinator({ listen, expectedPeers: 2, stateFile })
      await assert.rejects(second.start(), { code: 'LISTEN_FAILED' })
      await second.stop()
      assert.match(await readFile(stateFile, 'utf8'), /"privateKey"/)
    })
  })

  it('of a coordinator in whose place there is another one now is told as such at once', async () => {
    await TestSwarm.run(async (swarm) => {
      const first = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 1 })
      const { invitation } = first
      const port = /\/tcp\/(\d+)/.exec(first.multiaddrs[0] ?? '')?.[1]
      await first.stop()
      await swarm.coordinator({ listen: [`/ip4/0.0.0.0/tcp/${port}`], expectedPeers: 1 })
      const { peer } = await invited(swarm, 'ann', invitation)
      await assert.rejects(peer.start(), {
        code: 'COORDINATOR_UNREACHABLE',
        message: /another coordinator answers at .*; ask for its current invitation/
      })
    })
  })

  it('finds its coordinator where some of the addresses lead nowhere or elsewhere', async () => {
    await TestSwarm.run(async (swarm) => {
      const other = await swarm.coordinator({ expectedPeers: 1 })
      const coordinator = await swarm.coordinator({ listen: EXPOSED, expectedPeers: 1 })
      const elsewhere = other.multiaddrs.map((address) => address.replace(/\/p2p\/.*/, ''))
      const { addresses, peerId, key } = readInvitation(coordinator.invitation)
      const more = ['/ip4/127.0.0.1/tcp/1', ...elsewhere, ...addresses]
      const ann = await invited(swarm, 'ann', writeInvitation({ addresses: more, peerId, key }))
      await ann.peer.start()
      await coordinator.completed()
    })
  })

  it('waits for its coordinator also where somebody else answers at one of the addresses', async () => {
    await TestSwarm.run(async (swarm) => {
      const [stateFile, copy] = [join(swarm.folder, 'a.state'), join(swarm.folder, 'b.state')]
      const other = await swarm.coordinator({ expectedPeers: 1 })
      const first = await swarm.coordinator({ expectedPeers: 1, stateFile })
      const { addresses, ...known } = readInvitation(first.invitation)
      const listen = addresses.map((address) => address.replace(/\/p2p\/.*/, ''))
      await copyFile(stateFile, copy)
      await first.stop()
      const both = [...other.multiaddrs.map((address) => address.replace(/\/p2p\/.*/, '')), ...addresses]
      const ann = await invited(swarm, 'ann', writeInvitation({ addresses: both, ...known }))
      const tried = nextEvent(ann.peer, 'coordinator-unreachable')
      const started = ann.peer.start()
      await tried
      const again = await swarm.coordinator({ listen, expectedPeers: 1, stateFile: copy })
      await started
      await again.completed()
    })
  })

  it('goes in the place of a secret file, and a folder that cannot be made is told', async () => {
    await TestSwarm.run(async (swarm) => {
      const { invitation } = await swarm.coordinator({ expectedPeers: 1 })
      const secretFile = join(swarm.folder, 'secret')
      await assert.rejects(swarm.peer('ann', {}, { secretFile }, { invitation }), {
        code: 'CONFIGURATION',
        message: /leave out one of them/
      })
      await assert.rejects(swarm.peer('ann', {}, {}, { invitation: invitation.slice(0, -1) }), {
        code: 'CONFIGURATION',
        message: /cut off; copy it whole/
      })
      await writeFile(join(swarm.folder, 'file'), '')
      const collection = join(swarm.folder, 'file', 'got')
      await assert.rejects(swarm.peer('ann', {}, { collection }, { invitation }), {
        code: 'CONFIGURATION',
        message: /file\/got cannot be created \(ENOTDIR.*--into/
      })
    })
  })
})
