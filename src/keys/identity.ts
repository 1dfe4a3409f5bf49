/** A node's own key: made at the first start, and the same from then on. */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { messageOf, PotluckError } from '../core/errors.ts'
import { PRIVATE_FOLDER, printable } from '../core/names.ts'
import {
  awaitWritten,
  MAX_KEY_BYTE_LENGTH,
  readPrivateFile,
  replacePrivateFile,
  UnprotectedError,
  writePrivateFile
} from './private-file.ts'
import { nameOfCollection, type PrivatePlace, privatePlaceOf } from './private-place.ts'

const IDENTITY_FILE = 'identity.key'
/** What identifies a collection if its identity cannot be stored in it. */
const ID_FILE = 'id'

export interface OwnIdentity {
  privateKey: PrivateKey
  /** Where the key is, in a sentence for people, when it is not in the collection. */
  note: string | undefined
}

/** The default place of a peer's identity: with its collection, so that both return together. */
export function identityFileIn(collection: string): string {
  return join(collection, PRIVATE_FOLDER, IDENTITY_FILE)
}

/**
 * The identity of a peer without a configured file. It is in the collection, or in the user's state folder if the
 * collection's file system keeps no permissions, or for this run only if the state folder is unusable too.
 *
 * @throws PotluckError as `loadIdentity`
 */
export async function loadIdentityOf(collection: string): Promise<OwnIdentity> {
  const wanted = identityFileIn(collection)
  const folder = dirname(wanted)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unusable(wanted, error)
  }
  let place: PrivatePlace | undefined
  try {
    place = await privatePlaceOf(wanted, MAX_KEY_BYTE_LENGTH, () => nameOfCollection(join(folder, ID_FILE)))
    const privateKey = await loadIdentity(place.path)
    const note = `The identity of this peer is kept in ${printable(place.path)}.`
    return { privateKey, note: place.elsewhere ? note : undefined }
  } catch (error) {
    const isOfFile = error instanceof PotluckError && error.code === 'CONFIGURATION'
    if (place !== undefined && (!place.elsewhere || (isOfFile && !(error instanceof UnprotectedError)))) {
      throw error
    }
    return await identityOfThisRun(error)
  }
}

/** An identity that is kept nowhere. */
export async function passingIdentity(): Promise<PrivateKey> {
  return await generateKeyPair('Ed25519')
}

async function identityOfThisRun(error: unknown): Promise<OwnIdentity> {
  return {
    privateKey: await passingIdentity(),
    note: `The identity of this peer is for this run only (${messageOf(error)}); name a file for it with "identityFile".`
  }
}

/**
 * The key in the file; makes the file if there is none.
 *
 * @throws PotluckError CONFIGURATION when others may read it or it is not a key; DISK when it can be neither read nor
 * made
 */
export async function loadIdentity(path: string): Promise<PrivateKey> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const stored = (await readKey(path)) ?? (await makeIdentity(path))
    return openIdentity(stored, path)
  } catch (error) {
    throw unusable(path, error)
  }
}

function unusable(path: string, error: unknown): PotluckError {
  return PotluckError.of(
    error,
    'DISK',
    (why) =>
      `the identity ${printable(path)} can be neither read nor made (${why}); choose a folder that can be written to`
  )
}

async function makeIdentity(path: string): Promise<Uint8Array> {
  const made = privateKeyToProtobuf(await generateKeyPair('Ed25519'))
  if (await writePrivateFile(path, made)) {
    return made
  }
  const stored = await awaitWritten(() => readKey(path))
  if (stored !== undefined) {
    return stored
  }
  // The process that made the file was killed before the key was in it.
  await replacePrivateFile(path, made)
  return (await readKey(path)) ?? made
}

/** Also undefined when the file is (still) empty. */
async function readKey(path: string): Promise<Uint8Array | undefined> {
  const stored = await readPrivateFile(path)
  return stored === undefined || stored.byteLength === 0 ? undefined : stored
}

function openIdentity(stored: Uint8Array, path: string): PrivateKey {
  try {
    const key = privateKeyFromProtobuf(stored)
    if (key.type === 'Ed25519') {
      return key
    }
  } catch {
    // The error does not show the file's content: it may be another secret.
  }
  throw new PotluckError(
    'CONFIGURATION',
    `${printable(path)} does not hold an identity of Potluck; name another file with "identityFile", or remove this one to have a new identity made`
  )
}
