/**
 * Noise, even in a process that has no room for WebAssembly. Its package makes three WebAssembly memories as it is
 * loaded; V8 reserves 10 GiB of addresses for each, and `ulimit -v` or a container may refuse those. Then Node's own
 * ciphers do all of the work; with room they do it for messages from 1,200 bytes on.
 */

import type { ICryptoInterface, NoiseComponents, NoiseInit } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter } from '@libp2p/interface'

/** The exports of the package. */
export interface NoisePackage {
  noise(init: NoiseInit): (components: NoiseComponents) => ConnectionEncrypter
  /** The cryptographic functions that it uses, for `init`. */
  crypto: ICryptoInterface
}

/** The package's three, and one to spare. */
const MEMORIES = 4

/** More than the package makes views of. */
const STAND_IN_BYTE_LENGTH = 1024 * 1024

let loading: Promise<NoisePackage> | undefined

/** The connection encrypter. It is loaded once. */
export function loadNoise(): Promise<NoisePackage> {
  loading ??= hasRoom() ? loadWhole() : loadWithout()
  return loading
}

async function loadWhole(): Promise<NoisePackage> {
  const { noise } = await import('@chainsafe/libp2p-noise')
  const { defaultCrypto } = await import('@chainsafe/libp2p-noise/crypto')
  return { noise, crypto: defaultCrypto }
}

/** Loads the package with a stand-in for the memories that it cannot have, and makes it use nothing of that. */
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
    // All at once, because one that fits says nothing about the next.
    return Array.from({ length: MEMORIES }, () => new WebAssembly.Memory({ initial: 1 })).length === MEMORIES
  } catch {
    return false
  }
}

/** Looks like an instance while the package is loaded. It cannot compute anything, right or wrong. */
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
  // Of the exported addresses.
  { value: 0 }
)
