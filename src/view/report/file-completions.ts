/** When each file was complete at the first peer and at the last, besides its origin. */
import type { FileComplete } from '../../events/peer.ts'

export interface FileCompletion {
  file: string
  origin: string
  byteLength: number
  md5: string
  /** Peers that had it, by name, and when. */
  atMs: Map<string, number>
}

type CompletedFile = Pick<FileComplete, 'file' | 'origin' | 'byteLength' | 'md5'>

export class FileCompletions {
  readonly #files = new Map<string, FileCompletion>()

  /** The first time that a peer tells of counts: after a new start it may tell again. */
  add({ file, origin, byteLength, md5 }: CompletedFile, peer: string, atMs: number): void {
    const known = this.#files.get(file) ?? { file, origin, byteLength, md5, atMs: new Map<string, number>() }
    this.#files.set(file, known)
    if (!known.atMs.has(peer)) {
      known.atMs.set(peer, atMs)
    }
  }

  addAll(others: FileCompletions): void {
    for (const file of others.#files.values()) {
      for (const [peer, atMs] of file.atMs) {
        this.add(file, peer, atMs)
      }
    }
  }

  get(file: string): FileCompletion | undefined {
    return this.#files.get(file)
  }

  get all(): FileCompletion[] {
    return [...this.#files.values()]
  }
}
