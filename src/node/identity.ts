/** The peer's own key: made at the first start, kept in the collection's private folder, the same ever after. */
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
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
    // Whole or not at all: a link is made only when there is none, so of two that start at once both use the first.
    const draft = `${path}.${process.pid}`
    await writeFile(draft, privateKeyToProtobuf(privateKey), { mode: 0o600 })
    await link(draft, path).catch(unlessThere)
    await rm(draft)
    return privateKeyFromProtobuf(await readFile(path))
  } catch (error) {
    throw new PotluckError(
      'DISK',
      `the collection folder ${collection} cannot be used: this peer's identity in it can be neither read nor made (${messageOf(error)}); choose a folder that can be written to`,
      { cause: error }
    )
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') {
    throw error
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') {
    throw error
  }
}
