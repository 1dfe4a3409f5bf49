/** A node's own key: made at the first start, the same ever after. */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { messageOf, PotluckError } from '../protocols/errors.ts'
import { PRIVATE_FOLDER, printable } from '../protocols/names.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

const IDENTITY_FILE = 'identity.key'

/** Where a peer's identity is unless it is told another place: with what it has collected, so that both return together. */
export function identityFileIn(collection: string): string {
  return join(collection, PRIVATE_FOLDER, IDENTITY_FILE)
}

/**
 * The key in the file, which is made where there is none.
 *
 * @throws PotluckError CONFIGURATION when others may read it or it is none; DISK when it can be neither read nor made
 */
export async function loadIdentity(path: string): Promise<PrivateKey> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const stored = (await readPrivateFile(path)) ?? (await makeIdentity(path))
    return openIdentity(stored, path)
  } catch (error) {
    if (error instanceof PotluckError) {
      throw error
    }
    throw new PotluckError(
      'DISK',
      `the identity ${printable(path)} can be neither read nor made (${messageOf(error)}); choose a folder that can be written to`,
      { cause: error }
    )
  }
}

async function makeIdentity(path: string): Promise<Uint8Array> {
  const made = privateKeyToProtobuf(await generateKeyPair('Ed25519'))
  if (await writePrivateFile(path, made)) {
    return made
  }
  return (await readPrivateFile(path)) ?? new Uint8Array()
}

function openIdentity(stored: Uint8Array, path: string): PrivateKey {
  try {
    const key = privateKeyFromProtobuf(stored)
    if (key.type === 'Ed25519') {
      return key
    }
  } catch {
    // What it is instead is nobody's business: it may be another secret.
  }
  throw new PotluckError(
    'CONFIGURATION',
    `${printable(path)} does not hold an identity of Potluck; name another file with "identityFile", or remove this one to have a new identity made`
  )
}
