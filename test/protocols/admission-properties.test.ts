import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exposedAddresses } from '#potluck/core/exposure.js'
import { statementOf, type Transcript } from '#potluck/protocols/admission/proofs.js'
import { fc } from '../fixtures/properties.js'

const exchange: fc.Arbitrary<[role: 'coordinator' | 'peer', Transcript]> = fc.tuple(
  fc.constantFrom('coordinator', 'peer'),
  fc.record({
    coordinatorId: fc.string({ maxLength: 4 }),
    peerId: fc.string({ maxLength: 4 }),
    coordinatorNonce: fc.uint8Array({ maxLength: 4 }),
    peerNonce: fc.uint8Array({ maxLength: 4 })
  })
)

function textOf([role, { coordinatorId, peerId, coordinatorNonce, peerNonce }]: [
  string,
  Transcript
]): string {
  return JSON.stringify([role, coordinatorId, peerId, [...coordinatorNonce], [...peerNonce]])
}

describe('what an admission proves', () => {
  it('fault 27: is another statement for each role, pair of nodes and pair of nonces, wherever parts end', () => {
    fc.assert(
      fc.property(exchange, exchange, (a, b) => {
        const same = Buffer.from(statementOf(...a)).equals(statementOf(...b))
        assert.equal(same, textOf(a) === textOf(b))
      })
    )
    fc.assert(
      fc.property(exchange, ([role, said]) => {
        const bytes = Buffer.from(statementOf(role, said))
        for (const other of [
          { ...said, coordinatorId: `${said.coordinatorId}x` },
          { ...said, peerId: `${said.peerId}x` },
          { ...said, coordinatorNonce: Uint8Array.of(...said.coordinatorNonce, 0) },
          { ...said, peerNonce: Uint8Array.of(...said.peerNonce, 0) }
        ]) {
          assert.ok(!bytes.equals(statementOf(role, other)))
        }
        assert.ok(!bytes.equals(statementOf(role === 'peer' ? 'coordinator' : 'peer', said)))
      })
    )
    fc.assert(
      fc.property(exchange, ([role, said]) => {
        assert.ok(Buffer.from(statementOf(role, said)).includes('potluck-admission-v1'), 'for nothing else')
      })
    )
    const parts = { coordinatorNonce: new Uint8Array(2), peerNonce: new Uint8Array(2) }
    assert.notDeepEqual(
      statementOf('peer', { coordinatorId: 'ab', peerId: 'c', ...parts }),
      statementOf('peer', { coordinatorId: 'a', peerId: 'bc', ...parts })
    )
  })
})

describe('addresses that others can reach', () => {
  it('fault 30: are all but those of this machine alone', () => {
    const own = [
      '/ip4/127.0.0.1/tcp/0',
      '/ip4/127.8.9.10/tcp/9000',
      '/ip6/::1/tcp/0',
      '/dns4/localhost/tcp/1',
      '/memory/x'
    ]
    const exposed = [
      '/ip4/0.0.0.0/tcp/0',
      '/ip4/192.168.1.2/tcp/0',
      '/ip4/128.0.0.1/tcp/0',
      '/ip6/::/tcp/0',
      '/ip6/fe80::1/tcp/0',
      '/ip6/::ffff:127.0.0.1/tcp/0',
      '/dns4/127.0.0.1.example.org/tcp/1',
      '/dns/localhost.example.org/tcp/1'
    ]
    assert.deepEqual(exposedAddresses([...own, ...exposed]), exposed)
    assert.deepEqual(exposedAddresses([]), [])
  })
})
