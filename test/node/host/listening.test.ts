import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { CreateListenerOptions, Listener, Transport } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { listenAdvice } from '#potluck/config/listen-advice.js'
import { PotluckError } from '#potluck/core/errors.js'
import { createHost } from '#potluck/node/host/host.js'
import { Listening } from '#potluck/node/host/listening.js'
import { OPEN_DOOR } from '../../fixtures/open-door.js'

const IP4 = '/ip4/0.0.0.0/tcp/9000'
const IP6 = '/ip6/::/tcp/9000'

/** The error after listening on several addresses, some of which fail, each with its code. */
async function outcome(addresses: string[], codes: Record<string, string>): Promise<string | undefined> {
  const listening = new Listening()
  const listener = {
    listen: async (address: { toString(): string }) => {
      const code = codes[address.toString()]
      if (code !== undefined) {
        throw Object.assign(new Error(`listen ${code}`), { code })
      }
    }
  }
  // As much of a transport as is watched.
  const bare: Pick<Transport, 'createListener'> = {
    createListener: () => Object.create(listener) as Listener
  }
  const watched = listening.watch(Object.create(bare) as Transport)
  for (const address of addresses) {
    const made = watched.createListener({} as CreateListenerOptions)
    await made.listen(multiaddr(address)).catch(() => undefined)
  }
  return listening.problem(addresses)?.message
}

describe('listening', () => {
  it('fault 54: does without the family that a machine lacks, whichever that is', async () => {
    for (const code of ['EAFNOSUPPORT', 'EADDRNOTAVAIL']) {
      assert.equal(await outcome([IP4, IP6], { [IP6]: code }), undefined)
      assert.equal(await outcome([IP4, IP6], { [IP4]: code }), undefined)
    }
    assert.match(
      (await outcome([IP4, IP6], { [IP4]: 'EAFNOSUPPORT', [IP6]: 'EAFNOSUPPORT' })) ?? '',
      /cannot/
    )
  })

  it('fault 54: does not overlook a port in use, of either family, or an address that is not here', async () => {
    assert.match(
      (await outcome([IP4, IP6], { [IP6]: 'EADDRINUSE' })) ?? '',
      /\/ip6\/::\/tcp\/9000 .*uses the port/
    )
    assert.match((await outcome([IP4, IP6], { [IP4]: 'EACCES' })) ?? '', /privileged.*higher port/)
    const foreign = '/ip6/2001:db8::7/tcp/9000'
    assert.match(
      (await outcome([IP4, foreign], { [foreign]: 'EADDRNOTAVAIL' })) ?? '',
      /does not have that address.*--listen 9000.*--announce/
    )
    assert.match((await outcome([IP6], { [IP6]: 'EPERM' })) ?? '', /sandbox/)
  })

  it('fault 54: tells of what cannot be had by the real addresses of this machine', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const start = async (listen: string[]): Promise<void> => {
      const host = await createHost({ listen, announce: [], door: OPEN_DOOR, privateKey })
      await host.start()
      await host.stop()
    }
    const failure = (message: RegExp) => (error: unknown) =>
      error instanceof PotluckError && error.code === 'LISTEN_FAILED' && message.test(error.message)
    await assert.rejects(start(['/ip4/192.0.2.1/tcp/9']), failure(/EADDRNOTAVAIL.*--announce/))
    await assert.rejects(
      start(['/ip4/127.0.0.1/tcp/0', '/ip6/2001:db8::7/tcp/9']),
      failure(/2001:db8::7.*--listen 9/)
    )
    await assert.rejects(start(['/ip4/127.0.0.1/udp/9']), failure(/no TCP address/))
    await start(['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'])
  })

  it('fault 54: has advice of its own for each reason, and some for all others', () => {
    const setting = { name: '--dashboard', everywhere: '0.0.0.0:80' }
    const codes = [
      'EADDRINUSE',
      'EADDRNOTAVAIL',
      'EACCES',
      'EPERM',
      'EAFNOSUPPORT',
      'EINVAL',
      'ENOTFOUND',
      undefined
    ]
    const advice = codes.map((code) => listenAdvice(code, setting))
    assert.equal(new Set(advice).size, codes.length)
    assert.ok(
      advice.every((text) => !text.includes('--announce')),
      'pages are announced nowhere'
    )
  })
})
