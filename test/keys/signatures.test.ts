import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { signerOf, verifySignature } from '#potluck/keys/signatures.js'
import { verifyByLibp2p } from '#potluck/protocols/manifest/index.js'

const BYTES = Buffer.from('what was signed')

describe('signatures on other threads', () => {
  for (const type of ['Ed25519', 'secp256k1'] as const) {
    it(`fault 57: are those of libp2p, and taken and refused as by it, with ${type}`, async () => {
      const privateKey = await generateKeyPair(type)
      const peerId = peerIdFromPrivateKey(privateKey).toString()
      const other = peerIdFromPrivateKey(await generateKeyPair(type)).toString()
      const signature = await signerOf(privateKey).sign(BYTES)
      assert.deepEqual(Buffer.from(signature), Buffer.from(await privateKey.sign(BYTES)))
      for (const verify of [verifySignature, verifyByLibp2p]) {
        // Twice: the second time the key is ready.
        assert.equal(await verify(peerId, BYTES, signature), true)
        assert.equal(await verify(peerId, BYTES, signature), true)
        assert.equal(await verify(other, BYTES, signature), false)
        assert.equal(await verify(peerId, Buffer.from('something else'), signature), false)
        const cut = await verify(peerId, BYTES, signature.subarray(1)).catch(() => false)
        assert.equal(cut, false)
        await assert.rejects(verify('no peer', BYTES, signature))
      }
    })
  }

  it('fault 57: are checked of more peers than keys are kept ready', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const signature = await signerOf(privateKey).sign(BYTES)
    const peerId = peerIdFromPrivateKey(privateKey).toString()
    for (let count = 0; count < 300; count++) {
      const stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
      assert.equal(await verifySignature(stranger, BYTES, signature), false)
    }
    assert.equal(await verifySignature(peerId, BYTES, signature), true)
  })
})
