/** Addresses as people write them, and the multiaddrs that they stand for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { multiaddrTextOf } from '#potluck/config/network-address.js'
import { addressSetting, listenSetting } from '#potluck/config/settings.js'
import { fc } from '../fixtures/properties.js'

const ports = fc.integer({ min: 0, max: 65_535 })

/** The host and the port of a multiaddr, in its one spelling. */
function partsOf(text: string): (string | undefined)[][] {
  return multiaddr(text)
    .getComponents()
    .map(({ name, value }) => [name, value])
}

test('HOST:PORT stands for the multiaddr with that host and that port', () => {
  fc.assert(
    fc.property(fc.ipV4(), ports, (host, port) => {
      assert.equal(multiaddrTextOf(`${host}:${port}`), `/ip4/${host}/tcp/${port}`)
    })
  )
  fc.assert(
    fc.property(fc.ipV6(), ports, (host, port) => {
      assert.deepEqual(partsOf(multiaddrTextOf(`[${host}]:${port}`)), partsOf(`/ip6/${host}/tcp/${port}`))
    })
  )
  fc.assert(
    fc.property(fc.domain(), ports, (host, port) => {
      assert.equal(multiaddrTextOf(`${host}:${port}`), `/dns/${host.toLowerCase()}/tcp/${port}`)
    })
  )
  assert.equal(multiaddrTextOf('localhost:9000'), '/dns/localhost/tcp/9000')
})

test('a multiaddr stays as it is, and so does what came of a HOST:PORT', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.domain()), ports, (host, port) => {
      const text = multiaddrTextOf(`${host}:${port}`)
      assert.equal(multiaddrTextOf(text), text)
      assert.equal(addressSetting.parse(text), text)
      assert.equal(addressSetting.parse(`${host}:${port}`), text)
    })
  )
})

test('what is no address is refused with the reason', () => {
  for (const text of ['127.0.0.1', 'host', 'host:', ':9000', 'host:65536', 'http://host:9000', 'a b:1', '']) {
    assert.throws(() => multiaddrTextOf(text), /^Error: neither HOST:PORT nor a multiaddr$/, text)
  }
  // Without brackets the end of an IPv6 address is ambiguous.
  assert.throws(() => multiaddrTextOf('::1:9000'), /neither/)
  for (const text of ['192.0.2:9000', '127.1:9000', '0x7f000001:9000']) {
    assert.throws(() => multiaddrTextOf(text), /four numbers from 0 to 255/, text)
  }
  assert.throws(() => multiaddrTextOf('192.0.2.256:9000'), /neither/)
})

test('whatever a setting takes is an address of libp2p', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.tuple(fc.string(), ports).map(([host, port]) => `${host}:${port}`)
  )
  fc.assert(
    fc.property(text, (written) => {
      const { success, data } = addressSetting.safeParse(written)
      assert.ok(!success || multiaddr(data).getComponents().length > 0, written)
    })
  )
})

test('where to listen is a port, HOST:PORT or a multiaddr, one beside the other', () => {
  const listen = listenSetting({ min: 1, port: 9000 })
  assert.deepEqual(listen.parse(['9000', '127.0.0.1:9001', '[::1]:9002', '/ip4/192.0.2.1/tcp/9003']), [
    '/ip4/0.0.0.0/tcp/9000',
    '/ip6/::/tcp/9000',
    '/ip4/127.0.0.1/tcp/9001',
    '/ip6/::1/tcp/9002',
    '/ip4/192.0.2.1/tcp/9003'
  ])
})
