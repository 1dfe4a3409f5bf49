/** Claims of a few bytes that are of many chunks. */
import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { fromHex } from '#potluck/core/hex.js'
import '#potluck/polyfill.js'
import { Bitfield } from '#potluck/core/bitfield.js'
import { Holdings } from '#potluck/engine/holdings.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { createHost } from '#potluck/node/host/host.js'
import { AVAILABILITY_PROTOCOL, AvailabilityService } from '#potluck/protocols/availability/index.js'
import { Availability } from '#potluck/protocols/availability/pb/messages.js'
import { frame, sendBytes } from '#potluck/protocols/wire.js'
import { bytesOf } from '../fixtures/bytes.js'
import { joinIdle } from '../fixtures/idle-getter.js'
import { altered, oddPeer } from '../fixtures/odd-peer.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'
import { nextEvent, TestSwarm } from '../fixtures/swarm.js'

const ROOT = 'ab'.repeat(32)
const EVERYTHING = { complete: true, bitfield: new Uint8Array() }

describe('claims of many chunks', () => {
  it('fault 41: leave turns of the event loop between one another', async (test) => {
    const [teller, hearer] = await Promise.all(
      [0, 1].map(async () => {
        const privateKey = await generateKeyPair('Ed25519')
        const listen = ['/ip4/127.0.0.1/tcp/0']
        const host = await createHost({ listen, announce: [], door: OPEN_DOOR, privateKey })
        await host.start()
        test.after(() => host.stop())
        return host
      })
    )
    assert.ok(teller !== undefined && hearer !== undefined)
    let isSameTurn = false
    let inOneTurn = 0
    let heard = 0
    const all = Promise.withResolvers<void>()
    const count = 50
    const service = new AvailabilityService({
      host: hearer,
      listener: {
        ready: async () => undefined,
        onHoldings: () => {
          inOneTurn += isSameTurn ? 1 : 0
          isSameTurn = true
          setImmediate(() => {
            isSameTurn = false
          })
          heard++
          if (heard === count) {
            all.resolve()
          }
        },
        onHaves: () => undefined,
        onStatus: () => undefined,
        onHoldingsAsked: () => undefined
      }
    })
    await service.start()
    test.after(() => service.stop())
    const connection = await teller.dial(hearer.getMultiaddrs())
    const stream = await connection.newStream(AVAILABILITY_PROTOCOL)
    const claim = frame(Availability, { holdings: [{ root: fromHex(ROOT), ...EVERYTHING }], haves: [] })
    await sendBytes(stream, Buffer.concat(Array.from({ length: count }, () => claim)))
    await all.promise
    assert.equal(inOneTurn, 0)
  })

  it('fault 41: cost next to nothing when they are told again', () => {
    const state = new SwarmState(Math.random)
    const extent = { byteLength: 100 * 1024, chunkByteLength: 1024 }
    const ben = new Holdings('ben')
    state.addContent(ROOT, extent, new Bitfield(100), 'ann')
    state.open(ROOT)
    const full = mock.method(Bitfield, 'full')
    try {
      for (let time = 0; time < 5; time++) {
        assert.equal(state.setHoldings(ben, ROOT, true, new Uint8Array()), 100)
      }
      assert.equal(full.mock.callCount(), 1)
    } finally {
      full.mock.restore()
    }
    assert.equal(ben.wanted, 100)
    assert.equal(state.copies(0), 1)
  })

  it('fault 41: of one content in one message count once', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const [address = ''] = coordinator.multiaddrs
      let root = ''
      const peer = await oddPeer(swarm, {
        coordinator: address,
        tree: { 'file.bin': bytesOf(5000, 'file') },
        config: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        alterStore: (store) =>
          altered(store, {
            hashShares: async (chunkByteLength) => {
              const shared = await store.hashShares(chunkByteLength)
              root = shared[0]?.root ?? ''
              return shared
            }
          })
      })
      const started = nextEvent(peer, 'started')
      const catalog = nextEvent(peer, 'catalog')
      const told = nextEvent(peer, 'availability')
      const idle = await joinIdle(address, 'idle', AbortSignal.timeout(60_000))
      try {
        await peer.start()
        await catalog
        const { multiaddrs } = await started
        const holdings = Array.from({ length: 4000 }, (_, index) => ({
          root: fromHex(root),
          ...(index % 2 === 0 ? EVERYTHING : { complete: false, bitfield: new Uint8Array(1) })
        }))
        await idle.claim(multiaddrs[0] ?? '', { holdings, haves: [] })
        assert.equal((await told).files, 1)
      } finally {
        await idle.stop()
        await peer.stop()
      }
    })
  })
})
