/** Manifests on the wire: signed by their origin, and opened by anyone. */
import { peerIdFromString } from '@libp2p/peer-id'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { fromHex, toHex } from '../../core/hex.ts'
import { printable } from '../../core/names.ts'
import { ProtocolViolation } from '../wire.ts'
import { type Manifest, manifestProblem } from './manifest.ts'
import { ManifestBody, SignedManifest as SignedManifestMessage } from './pb/messages.ts'

/** Separates a signature over a manifest from signatures over anything else. */
const SIGNATURE_DOMAIN = fromString('potluck-manifest-v1:')

/** With the longest names it has about 2,400 bytes. No one reads anything else in it, and everyone would keep it. */
const MAX_BYTE_LENGTH = 4096

/** A manifest whose signature was verified, with the bytes that carry it. */
export interface SignedManifest {
  manifest: Manifest
  /** As on the wire: the encoded body and its signature. */
  bytes: Uint8Array<ArrayBuffer>
}

/** Signs as one peer; libp2p's private keys do. */
export interface Signer {
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** Whether the peer with the id signed the bytes. Rejects when there can be no such peer. */
export type VerifySignature = (peerId: string, bytes: Uint8Array, signature: Uint8Array) => Promise<boolean>

/** The bytes are not a manifest, break a rule of the format, or are not signed by the origin that they name. */
export class InvalidManifestError extends Error {
  override readonly name = 'InvalidManifestError'
}

/** Signs a manifest as its origin, for this swarm. */
export async function signManifest(
  manifest: Manifest,
  swarmId: Uint8Array,
  signer: Signer
): Promise<SignedManifest> {
  const body = ManifestBody.encode({
    isExecutable: false,
    isPrivate: false,
    ...manifest,
    swarmId: Uint8Array.from(swarmId),
    kind: manifest.kind === 'folder' ? ManifestBody.Kind.FOLDER : ManifestBody.Kind.FILE,
    md5: fromHex(manifest.md5),
    root: fromHex(manifest.root)
  })
  const signature = Uint8Array.from(await signer.sign(concat([SIGNATURE_DOMAIN, body])))
  return { manifest, bytes: Uint8Array.from(SignedManifestMessage.encode({ body, signature })) }
}

/** Uses only the caller's thread, and prepares the key each time. */
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
  if (bytes.byteLength > MAX_BYTE_LENGTH) {
    throw new InvalidManifestError(`a manifest of ${bytes.byteLength} bytes`)
  }
  const { manifest, ofSwarm, signed } = await decode(bytes, swarmId, verify).catch((error: unknown) => {
    throw new InvalidManifestError('not a manifest', { cause: error })
  })
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

async function decode(bytes: Uint8Array<ArrayBuffer>, swarmId: Uint8Array, verify: VerifySignature) {
  const { body, signature } = SignedManifestMessage.decode(bytes)
  const { swarmId: ownSwarmId, kind, md5, root, ...rest } = ManifestBody.decode(body)
  const { zeroByteLength, isExecutable, isPrivate, ...told } = rest
  const manifest: Manifest = {
    ...told,
    kind: kind === ManifestBody.Kind.FOLDER ? 'folder' : 'file',
    md5: toHex(md5),
    root: toHex(root),
    ...(zeroByteLength > 0 ? { zeroByteLength } : {}),
    ...(isExecutable ? { isExecutable } : {}),
    ...(isPrivate ? { isPrivate } : {})
  }
  const signed = await verify(manifest.originId, concat([SIGNATURE_DOMAIN, body]), signature)
  return { manifest, ofSwarm: equals(ownSwarmId, swarmId), signed }
}

/** The length of a swarm's id: no two swarms ever have the same id. */
const SWARM_ID_BYTE_LENGTH = 16

export function newSwarmId(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(SWARM_ID_BYTE_LENGTH))
}

/** Reads the swarm's id from the coordinator. @throws ProtocolViolation when it is not valid */
export function checkedSwarmId(swarmId: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (swarmId.byteLength !== SWARM_ID_BYTE_LENGTH) {
    throw new ProtocolViolation(`a swarm's id of ${swarmId.byteLength} bytes`)
  }
  return swarmId
}
