/**
 * When each file was complete at the first peer and at the last, besides its origin. A large swarm may have a million
 * files, so each takes only a few numbers, and one bit per peer.
 */
import type { FileComplete } from '../events/peer.ts'

export type CompletedFile = Pick<FileComplete, 'file' | 'origin' | 'byteLength' | 'md5'>

export interface FileCompletion extends CompletedFile {
  /** How many peers had it. */
  copies: number
  firstAtMs: number
  lastAtMs: number
}

const FIRST_BYTE_LENGTH = 4

export class FileCompletions {
  readonly #files = new Map<string, FileCompletion & { index: number }>()
  /** By the peer's name, a bit for each file that it has reported. */
  readonly #told = new Map<string, Uint8Array>()

  /** The first report of a peer counts: after a restart it may report again. */
  add({ file, origin, byteLength, md5 }: CompletedFile, peer: string, atMs: number): void {
    if (peer === origin) {
      return
    }
    const fresh = { file, origin, byteLength, md5, copies: 0, firstAtMs: atMs, lastAtMs: atMs }
    const known = this.#files.get(file) ?? { ...fresh, index: this.#files.size }
    if (this.#isNews(peer, known.index)) {
      this.#files.set(file, known)
      known.copies++
      known.firstAtMs = Math.min(known.firstAtMs, atMs)
      known.lastAtMs = Math.max(known.lastAtMs, atMs)
    }
  }

  /** Adds what one peer reported of itself. */
  addOf(peer: string, own: FileCompletions): void {
    for (const completion of own.#files.values()) {
      this.add(completion, peer, completion.firstAtMs)
    }
  }

  copy(): FileCompletions {
    const copy = new FileCompletions()
    for (const [file, completion] of this.#files) {
      copy.#files.set(file, { ...completion })
    }
    for (const [peer, told] of this.#told) {
      copy.#told.set(peer, told.slice())
    }
    return copy
  }

  get(file: string): FileCompletion | undefined {
    return this.#files.get(file)
  }

  get all(): Iterable<FileCompletion> {
    return this.#files.values()
  }

  /** Whether this is the peer's first report of the file, which it also records. */
  #isNews(peer: string, index: number): boolean {
    const told = this.#roomFor(peer, index >> 3)
    const [byte = 0, bit] = [told[index >> 3], 1 << (index & 7)]
    told[index >> 3] = byte | bit
    return (byte & bit) === 0
  }

  #roomFor(peer: string, byteIndex: number): Uint8Array {
    const told = this.#told.get(peer) ?? new Uint8Array(FIRST_BYTE_LENGTH)
    if (byteIndex < told.byteLength) {
      this.#told.set(peer, told)
      return told
    }
    const roomy = new Uint8Array(2 * byteIndex)
    roomy.set(told)
    this.#told.set(peer, roomy)
    return roomy
  }
}
