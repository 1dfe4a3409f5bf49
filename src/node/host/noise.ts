/**
 * Noise, also in a process that has no room for WebAssembly: its package makes three WebAssembly memories as it is loaded,
 * for each of which V8 reserves 10 GiB of addresses, and `ulimit -v` or a container may refuse those. Node's own ciphers do
 * all of the work there; with room they do it for messages from 1,200 bytes on.
 */

import type { ICryptoInterface, NoiseComponents, NoiseInit } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter } from '@libp2p/interface'

/** What the package offers. */
export interface NoisePackage {
  noise(init: NoiseInit): (components: NoiseComponents) => ConnectionEncrypter
  /** What it computes with, for `init`. */
  crypto: ICryptoInterface
}

/** The package's three, and one to spare. */
const MEMORIES = 4

/** More than the package takes views of. */
const STAND_IN_BYTE_LENGTH = 1024 * 1024

let loading: Promise<NoisePackage> | undefined

/** What makes connections private. It is loaded once. */
export function loadNoise(): Promise<NoisePackage> {
  loading ??= hasRoom() ? loadWhole() : loadWithout()
  return loading
}

async function loadWhole(): Promise<NoisePackage> {
  const { noise } = await import('@chainsafe/libp2p-noise')
  const { defaultCrypto } = await import('@chainsafe/libp2p-noise/crypto')
  return { noise, crypto: defaultCrypto }
}

/** Loads the package with a stand-in for what it cannot have, and has it use nothing of that. */
async function loadWithout(): Promise<NoisePackage> {
  const { Instance } = WebAssembly
  Reflect.set(WebAssembly, 'Instance', StandIn)
  try {
    const { noise } = await import('@chainsafe/libp2p-noise')
    const { defaultCrypto, nodeCrypto } = await import('@chainsafe/libp2p-noise/crypto')
    return { noise, crypto: { ...defaultCrypto, ...nodeCrypto } }
  } finally {
    Reflect.set(WebAssembly, 'Instance', Instance)
  }
}

function hasRoom(): boolean {
  try {
    // All at once, since one that fits says nothing of the next.
    return Array.from({ length: MEMORIES }, () => new WebAssembly.Memory({ initial: 1 })).length === MEMORIES
  } catch {
    return false
  }
}

/** Looks like an instance while it is loaded. Nothing can be computed with it, neither rightly nor wrongly. */
class StandIn {
  readonly exports = new Proxy(
    {},
    { get: (_, name) => (name === 'memory' ? { buffer: new ArrayBuffer(STAND_IN_BYTE_LENGTH) } : noRoom) }
  )
}

const noRoom = Object.assign(
  (): never => {
    throw new Error('this process has no room for WebAssembly')
  },
  // Of the addresses that are exported.
  { value: 0 }
)
