/** An origin's description of a file or a folder, and the rules for it. */
import {
  chunkCountOf,
  DIGEST_BYTE_LENGTH,
  type Extent,
  MAX_CHUNK_BYTE_LENGTH,
  MAX_CHUNK_COUNT,
  MIN_CHUNK_BYTE_LENGTH
} from '../../core/chunks.ts'
import { pathProblem, peerNameProblem } from '../../core/names.ts'

const MD5_BYTE_LENGTH = 16

/** The range of times that Windows can store and whose year has four digits: 1601 to 9999. */
const MIN_MODIFIED_MS = Date.UTC(1601, 0, 1)
const MAX_MODIFIED_MS = Date.UTC(10_000, 0, 1) - 1

/** Attributes of a file or folder, besides its name and bytes, that are sent with it. */
export interface Attributes {
  /** When it was last modified, in milliseconds since 1970, rounded down; absent if no manifest can express it. */
  modifiedMs?: number
  /** Its owner may execute it; absent if not, and for folders. */
  isExecutable?: true
  /** Neither its owner's group nor others may read it; absent if they may. */
  isPrivate?: true
}

/** The description of one file, or of one folder (`byteLength` 0, digests empty). */
export interface Manifest extends Extent, Attributes {
  kind: 'file' | 'folder'
  /** The origin's peer name, which is also the folder of the collection that the file is stored in. */
  origin: string
  /** The origin's PeerId. */
  originId: string
  /** Relative, with "/" between its parts. */
  path: string
  /** Lower-case hexadecimal; the assignment asks for it. */
  md5: string
  /**
   * How many bytes are in chunks of zeros, which no one fetches; absent if there are none. It is the origin's claim,
   * and only the check of a collection's free space relies on it.
   */
  zeroByteLength?: number
  /** SHA-256 over all chunk digests, in lower-case hexadecimal: it identifies the content. */
  root: string
}

/** Whether both describe the same content under the same name. */
export function sameManifest(a: Manifest, b: Manifest): boolean {
  return IDENTIFYING.every((field) => a[field] === b[field])
}

const IDENTIFYING = [
  ...(['kind', 'origin', 'originId', 'path'] as const),
  ...(['byteLength', 'chunkByteLength', 'md5', 'root'] as const)
]

/** Whether a manifest can express the date, in milliseconds since 1970. */
export function isModificationTime(modifiedMs: number): boolean {
  return Number.isSafeInteger(modifiedMs) && modifiedMs >= MIN_MODIFIED_MS && modifiedMs <= MAX_MODIFIED_MS
}

/** The rule of the format that it breaks; undefined when it breaks none. */
export function manifestProblem(manifest: Manifest): string | undefined {
  const { kind, origin, path, byteLength, chunkByteLength, md5, root, zeroByteLength = 0 } = manifest
  const { modifiedMs = 0, isExecutable = false } = manifest
  const nameProblem = peerNameProblem(origin)
  const problem = pathProblem(path)
  if (nameProblem !== undefined || problem !== undefined) {
    return nameProblem === undefined ? `its path has ${problem}` : `its origin's name has ${nameProblem}`
  }
  if (!isModificationTime(modifiedMs)) {
    return 'an impossible date'
  }
  if (kind === 'folder') {
    const isEmpty = byteLength === 0 && md5 === '' && root === ''
    return isEmpty && !isExecutable ? undefined : 'a folder with content, or one to execute'
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
