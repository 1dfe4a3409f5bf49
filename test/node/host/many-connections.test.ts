/** One node that connects again and again and ends nothing. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import '#potluck/polyfill.js'
import { createHost, type Host, MAX_CONNECTIONS_PER_NODE } from '#potluck/node/host/host.js'
import { OPEN_DOOR } from '../../fixtures/open-door.js'

async function startHost(test: TestContext, listen: string[], privateKey: PrivateKey): Promise<Host> {
  const host = await createHost({ listen, announce: [], door: OPEN_DOOR, privateKey })
  await host.start()
  test.after(() => host.stop())
  return host
}

describe('connections of one node', () => {
  it('fault 32: are so many at a time, and the oldest makes way', async (test) => {
    const host = await startHost(test, ['/ip4/127.0.0.1/tcp/0'], await generateKeyPair('Ed25519'))
    const [key, otherKey] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
    const other = await startHost(test, [], otherKey)
    await other.dial(host.getMultiaddrs())
    let opened = 0
    host.addEventListener('connection:open', () => {
      opened++
    })
    const tries = MAX_CONNECTIONS_PER_NODE + 4
    let latest: Host | undefined
    for (let count = 0; count < tries; count++) {
      latest = await startHost(test, [], key)
      await latest.dial(host.getMultiaddrs())
    }
    while (opened < tries) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    assert.ok(latest !== undefined)
    const connections = host.getConnections(latest.peerId)
    assert.equal(connections.length, MAX_CONNECTIONS_PER_NODE)
    assert.equal(latest.getConnections()[0]?.status, 'open', 'the latest')
    assert.equal(host.getConnections(other.peerId).length, 1, 'somebody else’s')
  })

  it('fault 32: end also where whoever hears of a stream’s end would end the connection too', async (test) => {
    const [near, far] = await Promise.all(
      [[], ['/ip4/127.0.0.1/tcp/0']].map(async (listen) =>
        startHost(test, listen, await generateKeyPair('Ed25519'))
      )
    )
    assert.ok(near !== undefined && far !== undefined)
    await far.handle('/silent', () => undefined)
    const connection = await near.dial(far.getMultiaddrs())
    const stream = await connection.newStream('/silent')
    let again = 0
    stream.addEventListener('close', () => {
      again++
      connection.abort(new Error('again'))
    })
    connection.abort(new Error('over'))
    assert.equal(again, 1)
    assert.equal(connection.status, 'aborted')
  })
})
