/** Invitations survive whatever a chat does to them, and other text is not taken for one. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import {
  addressesToInvite,
  type Invitation,
  InvitationError,
  MAX_INVITED_ADDRESSES,
  readInvitation,
  writeInvitation
} from '#potluck/protocols/invitation.js'
import { fc } from '../fixtures/properties.js'

const PEER_IDS = await Promise.all(
  [1, 2, 3].map(async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString())
)

const port = fc.integer({ min: 1, max: 65_535 })
const address = fc.oneof(
  fc.tuple(fc.ipV4(), port).map(([host, at]) => `/ip4/${host}/tcp/${at}`),
  fc
    .tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,20}\.example$/), port)
    .map(([host, at]) => `/dns4/${host}/tcp/${at}`),
  port.map((at) => `/ip6/2001:db8::1/tcp/${at}`)
)

const invitation: fc.Arbitrary<Invitation> = fc
  .record({
    addresses: fc.array(address, { minLength: 1, maxLength: MAX_INVITED_ADDRESSES }),
    peerId: fc.constantFrom(...PEER_IDS),
    key: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined })
  })
  .map(({ addresses, peerId, key }) => ({
    addresses: addresses.map((each) => `${each}/p2p/${peerId}`),
    peerId,
    key
  }))

const written = invitation.map((each) => ({ each, text: writeInvitation(each) }))

/** Everything that a chat, a terminal or a person puts between letters. */
const noise = fc
  .array(fc.constantFrom(...' \t\r\n\u200b\u200d\u2060\ufeff\u00ad\u00a0"\'`“”«»<>(),.*_|\\-'), {
    maxLength: 4
  })
  .map((characters) => characters.join(''))

function refuses(text: string, problem?: InvitationError['problem']): void {
  assert.throws(
    () => readInvitation(text),
    (error) => {
      assert.ok(error instanceof InvitationError, String(error))
      assert.ok(problem === undefined || error.problem === problem, `${error.problem}, not ${problem}`)
      const letters = text.toLowerCase().slice('potluck1'.length)
      assert.ok(letters.length < 12 || !error.message.includes(letters.slice(0, 12)), 'it is shown')
      return true
    }
  )
}

describe('an invitation', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(written, ({ each, text }) => {
        assert.match(text, /^potluck1[a-z2-7]+$/)
        assert.ok(text.length <= 900)
        assert.deepEqual(readInvitation(text), each)
      })
    )
  })

  it('is of a length that a chat does not cut', () => {
    const [peerId = ''] = PEER_IDS
    const addresses = ['/ip4/192.0.2.1/tcp/9000', '/ip4/203.0.113.7/tcp/9000']
    assert.ok(writeInvitation({ addresses, peerId, key: new Uint8Array(32) }).length <= 170)
  })

  it('is read between whatever a chat puts around and into it, and out of the whole command', () => {
    fc.assert(
      fc.property(
        written,
        fc.array(noise, { minLength: 3 }),
        fc.boolean(),
        ({ each, text }, noises, loud) => {
          const parts = [...(loud ? text.toUpperCase() : text)]
          const spoilt = parts.map((letter, index) => letter + (noises[index % noises.length] ?? '')).join('')
          assert.deepEqual(readInvitation(`${noises[0]}${spoilt}`), each)
          assert.deepEqual(readInvitation(`npx potluck peer --join ${text} --share FILE --into FOLDER`), each)
        }
      )
    )
  })

  it('that is cut anywhere is told to be cut off', () => {
    fc.assert(
      fc.property(written, fc.nat(), ({ text }, at) => {
        const length = at % text.length
        refuses(text.slice(0, length), length === 0 ? 'absent' : 'cut-off')
        // From the front there is nothing to know it by.
        refuses(text.slice(1 + (at % (text.length - 1))))
      })
    )
  })

  it('with any one character changed, left out or doubled, or any two exchanged, is none', () => {
    fc.assert(
      fc.property(
        written,
        fc.nat(),
        fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789 -.'),
        ({ text }, at, other) => {
          const index = at % text.length
          const letter = text[index] ?? ''
          const [before, after] = [text.slice(0, index), text.slice(index + 1)]
          for (const changed of [
            before + other + after,
            before + after,
            before + letter + letter + after,
            before + after.slice(0, 1) + letter + after.slice(1)
          ]) {
            // Text before the first character or after the last is not part of it.
            if (!changed.includes(text)) {
              refuses(changed)
            }
          }
        }
      )
    )
  })

  it('of every place, for one of each kind: no changed character passes', () => {
    const [peerId = ''] = PEER_IDS
    for (const key of [undefined, new Uint8Array(32).fill(7)]) {
      const text = writeInvitation({ addresses: ['/ip4/192.0.2.1/tcp/9000'], peerId, key })
      for (let index = 0; index < text.length; index++) {
        for (const other of 'abcdefghijklmnopqrstuvwxyz01234567') {
          if (other !== text[index]) {
            refuses(text.slice(0, index) + other + text.slice(index + 1))
          }
        }
      }
    }
  })

  it('is nothing that is made by chance or by somebody else', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => refuses(text)))
    fc.assert(fc.property(fc.stringMatching(/^[a-z2-7]{0,300}$/), (text) => refuses(`potluck1${text}`)))
    refuses('potluck2abcdefgh', 'version')
    refuses('', 'absent')
    refuses('/ip4/192.0.2.1/tcp/9000', 'absent')
    refuses('potluck-secret-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'absent')
    refuses(`potluck1${'7'.repeat(100_000)}`)
  })

  it('has only addresses that are dialled over TCP, however it was made', () => {
    const [peerId = ''] = PEER_IDS
    for (const wrong of [
      '/unix/tmp%2Fx',
      '/ip4/192.0.2.1/udp/9000',
      '/ip4/192.0.2.1/tcp/0',
      '/ip4/192.0.2.1'
    ]) {
      refuses(writeInvitation({ addresses: [wrong], peerId, key: undefined }), 'mistyped')
    }
    const relayed = `/ip4/192.0.2.1/tcp/1/ws`
    refuses(writeInvitation({ addresses: [relayed], peerId, key: undefined }), 'mistyped')
    refuses(writeInvitation({ addresses: [], peerId, key: undefined }), 'mistyped')
    refuses(
      writeInvitation({ addresses: ['/ip4/192.0.2.1/tcp/1'], peerId, key: new Uint8Array(16) }),
      'mistyped'
    )
    assert.throws(() =>
      writeInvitation({ addresses: Array(9).fill('/ip4/192.0.2.1/tcp/1'), peerId, key: undefined })
    )
  })
})

describe('the addresses in an invitation', () => {
  it('fault 54: are of both families when there are many of one', () => {
    const many = Array.from({ length: 20 }, (_, index) => `/ip4/10.0.0.${index + 1}/tcp/9000`)
    const chosen = addressesToInvite([], [...many, '/ip6/2001:db8::1/tcp/9000', '/ip6/fe80::1/tcp/9000'])
    assert.ok(chosen.includes('/ip6/2001:db8::1/tcp/9000'))
    assert.ok(!chosen.some((address) => address.startsWith('/ip6/fe80')))
  })

  it('are what is announced first, and those of this machine alone only where there are no others', () => {
    const own = ['/ip4/127.0.0.1/tcp/9000/p2p/x', '/ip6/::1/tcp/9000'].map((each) =>
      each.replace('x', PEER_IDS[0] ?? '')
    )
    const near = ['/ip4/192.168.1.2/tcp/9000', '/ip6/fe80::1/tcp/9000', '/ip4/10.0.0.3/tcp/9000']
    assert.deepEqual(addressesToInvite([], own), ['/ip4/127.0.0.1/tcp/9000', '/ip6/::1/tcp/9000'])
    assert.deepEqual(
      addressesToInvite(['/ip4/203.0.113.7/tcp/80'], [...own, ...near, '/ip4/203.0.113.7/tcp/80']),
      ['/ip4/203.0.113.7/tcp/80', '/ip4/192.168.1.2/tcp/9000', '/ip4/10.0.0.3/tcp/9000']
    )
  })

  it('are as many as an invitation takes, whatever there is', () => {
    const long = fc
      .array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 })
      .map((labels) => `/dns4/${labels.map((length) => 'a'.repeat(length)).join('.')}/tcp/9000`)
    fc.assert(
      fc.property(fc.array(fc.oneof(address, long), { minLength: 1, maxLength: 40 }), (listening) => {
        const addresses = addressesToInvite([], listening)
        const [peerId = ''] = PEER_IDS
        const text = writeInvitation({ addresses, peerId, key: new Uint8Array(32) })
        assert.ok(addresses.length >= 1 && text.length <= 900)
        assert.equal(readInvitation(text).addresses.length, addresses.length)
      })
    )
  })
})
