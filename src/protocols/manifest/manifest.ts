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

/** Whether both describe the same content under the same name. */
export function sameManifest(a: Manifest, b: Manifest): boolean {
  return IDENTIFYING.every((field) => a[field] === b[field])
}

const IDENTIFYING = [
  ...(['kind', 'origin', 'originId', 'path'] as const),
  ...(['byteLength', 'chunkByteLength', 'md5', 'root'] as const)
]

/** Which rule of the format it breaks; undefined when none. */
export function manifestProblem(manifest: Manifest): string | undefined {
  const { kind, origin, path, byteLength, chunkByteLength, md5, root, zeroByteLength = 0 } = manifest
  const nameProblem = peerNameProblem(origin)
  const problem = pathProblem(path)
  if (nameProblem !== undefined || problem !== undefined) {
    return nameProblem === undefined ? `its path has ${problem}` : `its origin's name has ${nameProblem}`
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
