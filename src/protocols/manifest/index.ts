/**
 * A manifest: one file (or empty folder) described and signed by its origin.
 *
 * The signature covers the body as its origin encoded it, so that a manifest travels through the coordinator
 * without anyone having to encode it the same way again.
 */
import { peerIdFromString } from '@libp2p/peer-id'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import {
  chunkCountOf,
  DIGEST_BYTE_LENGTH,
  type Extent,
  MAX_CHUNK_BYTE_LENGTH,
  MAX_CHUNK_COUNT,
  MIN_CHUNK_BYTE_LENGTH
} from '../../core/chunks.ts'
import { fromHex, toHex } from '../../core/hex.ts'
import { pathProblem, peerNameProblem, printable } from '../../core/names.ts'
import { ProtocolViolation } from '../wire.ts'
import { ManifestBody, SignedManifest as SignedManifestMessage } from './pb/messages.ts'

/** Keeps a signature over a manifest from being taken for one over anything else. */
const SIGNATURE_DOMAIN = fromString('potluck-manifest-v1:')

/** With the longest names it has some 2,400 bytes; what else it may hold nobody reads, and everybody would keep. */
const MAX_BYTE_LENGTH = 4096

const MD5_BYTE_LENGTH = 16

/** Of a swarm's id: no two swarms ever have the same. */
const SWARM_ID_BYTE_LENGTH = 16

/** What an origin says of one file, or of one empty folder (`byteLength` 0, digests empty). */
export interface Manifest extends Extent {
  kind: 'file' | 'folder'
  /** The origin's peer name; the folder of the collection that the file lands in. */
  origin: string
  /** The origin's PeerId. */
  originId: string
  /** Relative, with "/" between its parts. */
  path: string
  /** Lower-case hexadecimal; what the assignment publishes. */
  md5: string
  /**
   * How many bytes are in chunks of zeros, which nobody fetches; left out where none are. Only its origin's word: what goes
   * by it is whether a collection has room.
   */
  zeroByteLength?: number
  /** SHA-256 over all chunk digests, in lower-case hexadecimal: what identifies the content. */
  root: string
}

/** A manifest whose signature was checked, with the bytes that carry it. */
export interface SignedManifest {
  manifest: Manifest
  /** As they travel: the encoded body and its signature. */
  bytes: Uint8Array<ArrayBuffer>
}

/** Signs as one peer; libp2p's private keys do. */
export interface Signer {
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** Whether the peer of the id signed the bytes. Rejects when there can be no such peer. */
export type VerifySignature = (peerId: string, bytes: Uint8Array, signature: Uint8Array) => Promise<boolean>

/** The bytes are not a manifest, break a rule of the format, or are not signed by the origin that they name. */
export class InvalidManifestError extends Error {
  override readonly name = 'InvalidManifestError'
}

/** The id of a new swarm. */
export function newSwarmId(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(SWARM_ID_BYTE_LENGTH))
}

/** What the coordinator tells as its swarm's id. @throws ProtocolViolation when it cannot be one */
export function checkedSwarmId(swarmId: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (swarmId.byteLength !== SWARM_ID_BYTE_LENGTH) {
    throw new ProtocolViolation(`a swarm's id of ${swarmId.byteLength} bytes`)
  }
  return swarmId
}

/** Signs a manifest as its origin, for this swarm. */
export async function signManifest(
  manifest: Manifest,
  swarmId: Uint8Array,
  signer: Signer
): Promise<SignedManifest> {
  const body = ManifestBody.encode({
    ...manifest,
    swarmId: Uint8Array.from(swarmId),
    kind: manifest.kind === 'folder' ? ManifestBody.Kind.FOLDER : ManifestBody.Kind.FILE,
    md5: manifest.kind === 'folder' ? new Uint8Array() : fromHex(manifest.md5),
    root: manifest.kind === 'folder' ? new Uint8Array() : fromHex(manifest.root)
  })
  const signature = Uint8Array.from(await signer.sign(concat([SIGNATURE_DOMAIN, body])))
  return { manifest, bytes: Uint8Array.from(SignedManifestMessage.encode({ body, signature })) }
}

/** Takes no thread but the caller's, and makes the key ready each time. */
export async function verifyByLibp2p(
  peerId: string,
  bytes: Uint8Array,
  signature: Uint8Array
): Promise<boolean> {
  const { publicKey } = peerIdFromString(peerId)
  return publicKey !== undefined && (await publicKey.verify(bytes, signature))
}

/**
 * Decodes a manifest from anywhere and checks its rules, its signature, and that it was published in this swarm.
 *
 * @throws InvalidManifestError
 */
export async function openManifest(
  bytes: Uint8Array<ArrayBuffer>,
  swarmId: Uint8Array,
  verify: VerifySignature = verifyByLibp2p
): Promise<SignedManifest> {
  let manifest: Manifest
  let signed: boolean
  let ofSwarm: boolean
  if (bytes.byteLength > MAX_BYTE_LENGTH) {
    throw new InvalidManifestError(`a manifest of ${bytes.byteLength} bytes`)
  }
  try {
    const { body, signature } = SignedManifestMessage.decode(bytes)
    const fields = ManifestBody.decode(body)
    manifest = fromBody(fields)
    ofSwarm = equals(fields.swarmId, swarmId)
    signed = await verify(manifest.originId, concat([SIGNATURE_DOMAIN, body]), signature)
  } catch (error) {
    throw new InvalidManifestError('not a manifest', { cause: error })
  }
  const problem = manifestProblem(manifest)
  if (problem !== undefined) {
    throw new InvalidManifestError(`${printable(manifest.path)}: ${problem}`)
  }
  if (!signed) {
    throw new InvalidManifestError(
      `${printable(manifest.path)}: not signed by its origin, ${manifest.originId}`
    )
  }
  if (!ofSwarm) {
    throw new InvalidManifestError(`${printable(manifest.path)}: published in another swarm`)
  }
  return { manifest, bytes }
}

/** Whether both describe the same content under the same name. */
export function sameManifest(a: Manifest, b: Manifest): boolean {
  return (
    a.kind === b.kind &&
    a.origin === b.origin &&
    a.originId === b.originId &&
    a.path === b.path &&
    a.byteLength === b.byteLength &&
    a.chunkByteLength === b.chunkByteLength &&
    a.md5 === b.md5 &&
    a.root === b.root
  )
}

function fromBody(body: ManifestBody): Manifest {
  const { kind, origin, originId, path, byteLength, chunkByteLength, md5, root, zeroByteLength } = body
  return {
    kind: kind === ManifestBody.Kind.FOLDER ? 'folder' : 'file',
    origin,
    originId,
    path,
    byteLength,
    chunkByteLength,
    md5: toHex(md5),
    root: toHex(root),
    ...(zeroByteLength > 0 ? { zeroByteLength } : {})
  }
}

function manifestProblem(manifest: Manifest): string | undefined {
  const { kind, origin, path, byteLength, chunkByteLength, md5, root, zeroByteLength = 0 } = manifest
  const nameProblem = peerNameProblem(origin)
  if (nameProblem !== undefined) {
    return `its origin's name has ${nameProblem}`
  }
  const problem = pathProblem(path)
  if (problem !== undefined) {
    return `its path has ${problem}`
  }
  if (kind === 'folder') {
    return byteLength === 0 && md5 === '' && root === '' ? undefined : 'a folder with content'
  }
  if (!Number.isSafeInteger(byteLength) || byteLength < 0) {
    return 'an impossible length'
  }
  if (!Number.isSafeInteger(zeroByteLength) || zeroByteLength < 0 || zeroByteLength > byteLength) {
    return 'more zeros than bytes'
  }
  if (chunkByteLength < MIN_CHUNK_BYTE_LENGTH || chunkByteLength > MAX_CHUNK_BYTE_LENGTH) {
    return `chunks of ${chunkByteLength} bytes`
  }
  if (chunkCountOf(manifest) > MAX_CHUNK_COUNT) {
    return `more than ${MAX_CHUNK_COUNT} chunks; a larger chunkByteLength at the coordinator makes fewer`
  }
  if (md5.length !== 2 * MD5_BYTE_LENGTH || root.length !== 2 * DIGEST_BYTE_LENGTH) {
    return 'a digest of the wrong length'
  }
  return undefined
}
