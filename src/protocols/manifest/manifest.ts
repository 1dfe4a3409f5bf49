/** What an origin says of a file or an empty folder, and the rules that it has to keep. */
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

/** What fits into the times of Windows, and has four digits in its year: from 1601 to 9999. */
const MIN_MODIFIED_MS = Date.UTC(1601, 0, 1)
const MAX_MODIFIED_MS = Date.UTC(10_000, 0, 1) - 1

/** What belongs to a file or folder beside its name and bytes, and travels with it. */
export interface Attributes {
  /** When it was last modified, in milliseconds since 1970, rounded down; left out where no manifest can say it. */
  modifiedMs?: number
  /** Its owner may execute it; left out where not, and of folders. */
  isExecutable?: true
  /** Neither its owner's group nor others may read it; left out where they may. */
  isPrivate?: true
}

/** What an origin says of one file, or of one empty folder (`byteLength` 0, digests empty). */
export interface Manifest extends Extent, Attributes {
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

/** Whether both describe the same content under the same name. */
export function sameManifest(a: Manifest, b: Manifest): boolean {
  return IDENTIFYING.every((field) => a[field] === b[field])
}

const IDENTIFYING = [
  ...(['kind', 'origin', 'originId', 'path'] as const),
  ...(['byteLength', 'chunkByteLength', 'md5', 'root'] as const)
]

/** Whether a manifest can have the date, in milliseconds since 1970. */
export function isModificationTime(modifiedMs: number): boolean {
  return Number.isSafeInteger(modifiedMs) && modifiedMs >= MIN_MODIFIED_MS && modifiedMs <= MAX_MODIFIED_MS
}

/** Which rule of the format it breaks; undefined when none. */
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
