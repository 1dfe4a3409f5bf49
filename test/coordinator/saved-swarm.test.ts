/** A coordinator reads its saved swarm back unchanged, and accepts nothing else as one. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { readSwarm, type SavedSwarm, writeSwarm } from '#potluck/coordinator/saved-swarm.js'
import type { RosterMember } from '#potluck/coordinator/swarm/roster.js'
import { Bitfield } from '#potluck/core/bitfield.js'
import { newSwarmId, signManifest } from '#potluck/protocols/manifest/index.js'
import { fc } from '../fixtures/properties.js'

const CHUNK = 262_144
const LOST_AT_MS = 77

async function swarm(): Promise<SavedSwarm> {
  const swarmId = newSwarmId()
  const privateKey = await generateKeyPair('Ed25519')
  const originId = peerIdFromPrivateKey(privateKey).toString()
  const progress = { totalBytes: 9, heldBytes: 8, receivedBytes: 7, sentBytes: 6 }
  const manifest = {
    kind: 'file' as const,
    origin: 'ann',
    originId,
    path: 'folder/ä file',
    byteLength: 5,
    chunkByteLength: CHUNK,
    md5: '0'.repeat(32),
    root: 'ab'.repeat(32)
  }
  const ann: RosterMember = {
    name: 'ann',
    peerId: originId,
    multiaddrs: ['/ip4/127.0.0.1/tcp/1'],
    connected: false,
    lostAtMs: LOST_AT_MS,
    registeredAtMs: 12.5,
    manifests: [await signManifest(manifest, swarmId, privateKey)],
    leftOut: true,
    completedAtMs: 1000,
    shortfall: undefined,
    progress,
    configured: { uplinkBytesPerSecond: 1000 },
    measured: {},
    missingBytesAtStart: 3,
    declined: new Map()
  }
  const ben: RosterMember = {
    ...ann,
    name: 'ben',
    peerId: 'ben',
    manifests: undefined,
    completedAtMs: undefined,
    missingBytesAtStart: undefined,
    declined: new Map([['ann', Bitfield.full(1)]])
  }
  return {
    clockZeroUnixMs: 1_700_000_000_000,
    swarmId,
    chunkByteLength: CHUNK,
    privateKey: Uint8Array.of(1, 2, 3),
    runSecret: Uint8Array.of(4, 5, 6),
    catalogAtMs: 1234.5,
    members: [ann, ben]
  }
}

describe('a saved swarm', () => {
  it('fault 11: comes back as it was', async () => {
    const saved = await swarm()
    for (const kept of [
      saved,
      { ...saved, runSecret: undefined, catalogAtMs: undefined },
      { ...saved, members: [] }
    ]) {
      assert.deepEqual(await readSwarm(writeSwarm(kept), () => LOST_AT_MS), kept)
    }
  })

  it('is not made of anything else', async () => {
    const text = writeSwarm(await swarm())
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length - 1 }), async (length) => {
        await assert.rejects(readSwarm(text.slice(0, length), () => LOST_AT_MS))
      })
    )
    await assert.rejects(
      readSwarm(text.replace('"version":3', '"version":2'), () => LOST_AT_MS),
      {
        message: 'its version is not what this version writes'
      }
    )
    await assert.rejects(
      readSwarm('[]', () => LOST_AT_MS),
      {
        message: 'its content is not what this version writes'
      }
    )
  })

  it('has no manifest that its origin did not sign', async () => {
    const saved = await swarm()
    const forged = { ...saved, swarmId: newSwarmId() }
    await assert.rejects(
      readSwarm(writeSwarm(forged), () => LOST_AT_MS),
      /another swarm/
    )
  })
})
