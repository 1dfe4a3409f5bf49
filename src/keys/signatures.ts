/**
 * Signs and verifies as libp2p's keys do, on Node's threads and with keys that are prepared once. libp2p prepares each
 * key for every signature, on the caller's thread: for a peer that brings thousands of files nothing else takes so
 * long.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Signer, verifyByLibp2p } from '../protocols/manifest/index.ts'

/** Keys of peers in the cache; others are prepared again. Remote peers decide how many there are. */
const MAX_READY_KEYS = 256

/** The two parts of an Ed25519 key, in bytes: the private key, followed by the public one. */
const SEED_BYTE_LENGTH = 32

/** By PeerId; undefined for a peer that only libp2p can verify. */
const readyKeys = new Map<string, KeyObject | undefined>()

export function signerOf(privateKey: PrivateKey): Signer {
  if (privateKey.type !== 'Ed25519') {
    return privateKey
  }
  const { raw } = privateKey
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      d: base64url(raw.subarray(0, SEED_BYTE_LENGTH)),
      x: base64url(raw.subarray(SEED_BYTE_LENGTH))
    }
  })
  return {
    sign: (bytes) =>
      new Promise((resolve, reject) => {
        sign(null, bytes, key, (error, signature) => (error === null ? resolve(signature) : reject(error)))
      })
  }
}

/** Whether the peer with the id signed the bytes. Rejects when there can be no such peer. */
export async function verifySignature(
  peerId: string,
  bytes: Uint8Array,
  signature: Uint8Array
): Promise<boolean> {
  const key = keyOf(peerId)
  if (key === undefined) {
    return await verifyByLibp2p(peerId, bytes, signature)
  }
  return await new Promise((resolve, reject) => {
    verify(null, bytes, key, signature, (error, isGood) => (error === null ? resolve(isGood) : reject(error)))
  })
}

function keyOf(peerId: string): KeyObject | undefined {
  if (!readyKeys.has(peerId)) {
    if (readyKeys.size >= MAX_READY_KEYS) {
      readyKeys.clear()
    }
    readyKeys.set(peerId, readyKeyOf(peerId))
  }
  return readyKeys.get(peerId)
}

function readyKeyOf(peerId: string): KeyObject | undefined {
  const { publicKey } = peerIdFromString(peerId)
  return publicKey?.type === 'Ed25519'
    ? createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey.raw) } })
    : undefined
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
