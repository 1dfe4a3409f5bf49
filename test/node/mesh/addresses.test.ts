import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import {
  addressesToTell,
  addressesToTry,
  isToldAfar,
  MAX_ADDRESSES_TRIED
} from '#potluck/node/mesh/addresses.js'
import { MAX_MULTIADDRS_LENGTH } from '#potluck/protocols/coordination/index.js'
import { fc } from '../../fixtures/properties.js'

const PEER_ID = '12D3KooWBCZcnmvpwQBZdnsNSRm2G5hQa3xjqaAoCE34FVLwkj9e'
const STRANGER_ID = '12D3KooWK4u5FRP444FtQpzMZd3Wc1LxSr7Yr6Jug2sFBzLWEuKr'

/** A laptop in a home network, with a container bridge. */
const INTERFACES = [
  { address: '127.0.0.1', cidr: '127.0.0.1/8' },
  { address: '::1', cidr: '::1/128' },
  { address: '192.168.1.5', cidr: '192.168.1.5/24' },
  { address: '172.17.0.1', cidr: '172.17.0.1/16' },
  { address: 'fe80::1', cidr: 'fe80::1/64' }
]

/** The addresses in short, as they are tried: `host:port`. */
const SURROUNDINGS = {
  interfaces: INTERFACES,
  listening: [multiaddr(`/ip4/192.168.1.5/tcp/9001/p2p/${STRANGER_ID}`)]
}

function tried(...hosts: string[]): string[] {
  const multiaddrs = hosts.map((host) => (host.startsWith('/') ? host : `/ip4/${host.replace(':', '/tcp/')}`))
  return addressesToTry({ peerId: PEER_ID, multiaddrs }, SURROUNDINGS).map((address) => {
    const text = address.toString()
    assert.ok(text.endsWith(`/p2p/${PEER_ID}`))
    return text.replace(/\/p2p\/.*/, '').replace(/^\/ip4\/(.*)\/tcp\/(.*)$/, '$1:$2')
  })
}

describe('addresses to try', () => {
  it('begin in the own network, then the public ones, then other private ones', () => {
    assert.deepEqual(tried('10.1.2.3:1', '198.51.100.7:1', '192.168.1.9:1', '/dns4/example.org/tcp/1'), [
      '192.168.1.9:1',
      '198.51.100.7:1',
      '/dns4/example.org/tcp/1',
      '10.1.2.3:1'
    ])
  })

  it('have the loopback ones of another machine left out', () => {
    assert.deepEqual(tried('127.0.0.1:1', '192.168.1.9:1', '/ip6/::1/tcp/1', '/ip6/::ffff:127.0.0.1/tcp/1'), [
      '192.168.1.9:1'
    ])
  })

  it('have the loopback ones of this machine first, and of a peer that has no others', () => {
    assert.deepEqual(tried('192.168.1.5:1', '127.0.0.1:1'), ['127.0.0.1:1', '192.168.1.5:1'])
    assert.deepEqual(tried('127.0.0.1:1'), ['127.0.0.1:1'])
  })

  it('are none where there is nothing to connect to', () => {
    assert.deepEqual(
      tried(
        ...[
          '0.0.0.0:1',
          '198.51.100.7:0',
          '224.0.0.1:1',
          '255.255.255.255:1',
          '/ip6/::/tcp/1',
          '/ip6/fe80::2/tcp/1'
        ],
        ...[
          '/unix/%2Ftmp%2Fsocket',
          '/ip4/198.51.100.7/udp/1/quic-v1',
          '/ip4/198.51.100.7/tcp/1/ws',
          '/p2p-circuit'
        ],
        ...[`/ip4/198.51.100.7/tcp/1/p2p/${STRANGER_ID}/p2p-circuit`, 'nonsense', '']
      ),
      []
    )
  })

  it('are not those that this peer listens on itself', () => {
    assert.deepEqual(tried('192.168.1.5:9001', '192.168.1.5:9002'), ['192.168.1.5:9002'])
  })

  it("bear the member's PeerId, whatever they bore before", () => {
    assert.deepEqual(tried(`/ip4/198.51.100.7/tcp/1/p2p/${STRANGER_ID}`), ['198.51.100.7:1'])
  })

  it('are few, whatever a peer tells, and never throw', () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.ipV4(), fc.nat(70_000)).map(([host, port]) => `/ip4/${host}/tcp/${port}`),
      fc.tuple(fc.ipV6(), fc.nat(70_000)).map(([host, port]) => `/ip6/${host}/tcp/${port}`)
    )
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), (multiaddrs) => {
        const addresses = addressesToTry({ peerId: PEER_ID, multiaddrs }, SURROUNDINGS)
        assert.ok(addresses.length <= MAX_ADDRESSES_TRIED)
      })
    )
  })
})

describe('addresses to tell', () => {
  it('are bare, each once, the widest first', () => {
    const own = [
      `/ip4/127.0.0.1/tcp/1/p2p/${PEER_ID}`,
      `/ip4/192.168.1.5/tcp/1/p2p/${PEER_ID}`,
      `/ip4/198.51.100.7/tcp/2/p2p/${PEER_ID}`,
      `/ip4/198.51.100.7/tcp/2/p2p/${PEER_ID}`,
      `/ip4/198.51.100.9/tcp/2/p2p/${STRANGER_ID}/p2p-circuit/p2p/${PEER_ID}`
    ]
    assert.deepEqual(addressesToTell(own.map((text) => multiaddr(text))), [
      '/ip4/198.51.100.7/tcp/2',
      '/ip4/192.168.1.5/tcp/1',
      '/ip4/127.0.0.1/tcp/1'
    ])
  })

  it('are as many as a roster takes', () => {
    fc.assert(
      fc.property(fc.array(fc.ipV6(), { maxLength: 100 }), (hosts) => {
        const told = addressesToTell(hosts.map((host) => multiaddr(`/ip6/${host}/tcp/1`)))
        assert.ok(told.length <= 32 && told.join(' ').length <= MAX_MULTIADDRS_LENGTH)
        assert.ok(hosts.length === 0 || told.length > 0)
      })
    )
  })
})

describe('whether an address may be reached from any place', () => {
  it('depends on its network', () => {
    assert.equal(
      isToldAfar(['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/1', '/ip6/fd00::1/tcp/1', 'nonsense']),
      false
    )
    assert.equal(isToldAfar(['/ip4/10.0.0.1/tcp/1', '/ip4/198.51.100.7/tcp/1']), true)
    assert.equal(isToldAfar(['/dns4/example.org/tcp/1']), true)
    assert.equal(isToldAfar([]), false)
  })
})

describe('addresses of both families', () => {
  it('fault 54: leave room for one another when there are many of one', () => {
    const many = Array.from({ length: 40 }, (_, index) => `/ip6/2001:db8::${index + 1}/tcp/9001`)
    const own = [
      ...many,
      '/ip4/127.0.0.1/tcp/9001',
      '/ip4/192.168.1.5/tcp/9001',
      '/ip4/198.51.100.7/tcp/9001'
    ]
    const told = addressesToTell(own.map((text) => multiaddr(text)))
    assert.ok(told.includes('/ip4/198.51.100.7/tcp/9001') && told.includes('/ip4/192.168.1.5/tcp/9001'))
  })
})
