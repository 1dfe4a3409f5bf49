import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { streamPair } from '@libp2p/utils'
import '#potluck/polyfill.js'
import { coordinatorConfigSchema } from '#potluck/config/coordinator.js'
import { CoordinatorEvents } from '#potluck/coordinator/coordinator-events.js'
import { RefusedNodes } from '#potluck/coordinator/swarm/refused-nodes.js'
import { Roster } from '#potluck/coordinator/swarm/roster.js'
import { SwarmClock } from '#potluck/coordinator/swarm-clock.js'
import { SwarmRun } from '#potluck/coordinator/swarm-run.js'
import { COORDINATION_VERSION, Session } from '#potluck/protocols/coordination/index.js'
import { CoordinatorMessage, PeerMessage } from '#potluck/protocols/coordination/pb/messages.js'
import { newSwarmId } from '#potluck/protocols/manifest/index.js'
import { readMessages, sendMessage } from '#potluck/protocols/wire.js'

function runOfOne(): SwarmRun {
  const config = coordinatorConfigSchema.parse({ expectedPeers: 1 })
  const clock = new SwarmClock({ now: () => performance.now(), unixMs: () => Date.now() })
  return new SwarmRun(config, {
    clock,
    events: new CoordinatorEvents('coordinator', clock),
    refusals: new RefusedNodes(),
    roster: new Roster(config),
    swarmId: newSwarmId(),
    keeper: undefined,
    relay: undefined,
    stopping: new AbortController().signal
  })
}

describe('a run of a coordinator', () => {
  it('fault 55: reads that a peer is complete that has left by now, as after a sleep', async () => {
    const [far, near] = await streamPair()
    const remotePeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    // As much of a connection as a session looks at.
    const connection = Object.create({ remotePeer, abort: () => undefined }) as Connection
    const run = runOfOne()
    const attended = run.attend(new Session(near, connection, CoordinatorMessage, PeerMessage))
    const send = (message: Partial<PeerMessage>): Promise<void> => sendMessage(far, PeerMessage, message)
    await send({ join: { version: COORDINATION_VERSION, name: 'ann', multiaddrs: [] } })
    await send({ manifests: { manifests: [], last: true } })
    for await (const { catalog } of readMessages(far, CoordinatorMessage)) {
      if (catalog !== undefined) {
        break
      }
    }
    near.send = () => {
      throw new Error('Cannot write to a stream that is closed')
    }
    const progress = { totalBytes: 0, heldBytes: 0, receivedBytes: 0, sentBytes: 0 }
    await send({ clockProbe: { sentAtMs: 1 } })
    await send({ peerCompletion: { atMs: 1, progress, entries: 0 } })
    assert.equal((await run.completed).complete, true)
    far.abort(new Error('over'))
    await attended
  })
})
