/** The peer's own key: made at the first start, kept in the collection's private folder, the same ever after. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { messageOf, PotluckError } from '../protocols/errors.ts'
import { PRIVATE_FOLDER } from '../protocols/names.ts'

const IDENTITY_FILE = 'identity.key'

/** @throws PotluckError DISK when the key can be neither read nor made */
export async function loadIdentity(collection: string): Promise<PrivateKey> {
  const folder = join(collection, PRIVATE_FOLDER)
  const path = join(folder, IDENTITY_FILE)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const stored = await readFile(path).catch(absent)
    if (stored !== undefined) {
      return privateKeyFromProtobuf(stored)
    }
    const privateKey = await generateKeyPair('Ed25519')
    // "wx": of two processes that start at once one makes the key, and the lock of the collection stops the other.
    await writeFile(path, privateKeyToProtobuf(privateKey), { mode: 0o600, flag: 'wx' })
    await chmod(path, 0o600)
    return privateKey
  } catch (error) {
    throw new PotluckError(
      'DISK',
      `the identity in ${path} can be neither read nor made (${messageOf(error)}); check that the collection folder is writable, or move the file away to become a new peer`,
      { cause: error }
    )
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') {
    throw error
  }
}
