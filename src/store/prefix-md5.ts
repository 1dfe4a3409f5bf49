/**
 * The MD5 of an unfinished content, as far as its bytes are here without a gap: it needs a file in order, while chunks
 * arrive in any order.
 */
import type { Bitfield } from '../core/bitfield.ts'
import { chunkByteOffset, chunkCountOf, type Extent } from '../core/chunks.ts'
import type { ChunkFile } from './chunk-file.ts'
import { Md5 } from './md5/md5.ts'
import { type Md5Lanes, SLOT_BYTE_LENGTH } from './md5/md5-lanes.ts'

export interface PrefixMd5Init {
  /** Chunks that are not in memory are read from it. */
  file: Pick<ChunkFile, 'extent' | 'fill' | 'read'>
  held: Bitfield
  lanes: Md5Lanes
  /** A chunk that is in memory. */
  cached(chunkIndex: number): Uint8Array | undefined
  /** The MD5 has taken all of the chunk. */
  onTaken(chunkIndex: number): void
  /** It is lost. */
  lose(chunkIndex: number): void
}

export class PrefixMd5 {
  readonly #init: PrefixMd5Init
  #md5: Md5
  #takenByteLength = 0
  /** Of all bytes taken, once it was computed: it is needed several times. */
  #digest: string | undefined
  /** The first chunk after those that are here without a gap, as far as was checked. */
  #endChunk = 0
  /** Whether chunks from the disk are verified again. */
  #verifies = false

  constructor(init: PrefixMd5Init) {
    this.#init = init
    this.#md5 = new Md5(init.lanes)
  }

  get #extent(): Extent {
    return this.#init.file.extent
  }

  get md5(): Md5 {
    return this.#md5
  }

  /** Of the whole, once all of it is here and was taken; lower-case hexadecimal. */
  get digest(): string | undefined {
    if (!this.isWhole || this.#takenByteLength !== this.#extent.byteLength) {
      return undefined
    }
    this.#digest ??= this.#md5.digest()
    return this.#digest
  }

  get isWhole(): boolean {
    return this.#init.held.complete
  }

  hasTaken(chunkIndex: number): boolean {
    return chunkIndex < this.#takenChunks
  }

  /** Bytes that are here without a gap and were not taken yet. */
  get waitingByteLength(): number {
    const { held } = this.#init
    const extent = this.#extent
    while (held.has(this.#endChunk)) {
      this.#endChunk++
    }
    const here = Math.min(extent.byteLength, chunkByteOffset(extent, this.#endChunk))
    return Math.max(0, here - this.#takenByteLength)
  }

  /**
   * The next bytes that wait: from memory, or read into the slot; undefined when they could not be read, and chunks
   * that the disk corrupted are lost.
   *
   * @throws the system's error if that says nothing of the bytes
   */
  next(slot: (byteLength: number) => Uint8Array): Uint8Array | undefined {
    const { file, cached, lose } = this.#init
    const { waitingByteLength } = this
    if (waitingByteLength === 0) {
      return undefined
    }
    const chunkIndex = this.#chunkAt(this.#takenByteLength)
    if (this.#verifies) {
      const bytes = file.read(chunkIndex)
      if (bytes === undefined) {
        lose(chunkIndex)
      }
      return bytes
    }
    const chunk = cached(chunkIndex)
    if (chunk !== undefined) {
      const start = this.#takenByteLength - chunkByteOffset(this.#extent, chunkIndex)
      return chunk.subarray(start, start + SLOT_BYTE_LENGTH)
    }
    const byteLength = Math.min(SLOT_BYTE_LENGTH, waitingByteLength)
    const bytes = slot(byteLength)
    if (file.fill(bytes, this.#takenByteLength)) {
      return bytes
    }
    this.#loseSpoilt(chunkIndex, this.#chunkAt(this.#takenByteLength + byteLength - 1))
    return undefined
  }

  /** The MD5 has taken the next bytes. */
  took(byteLength: number): void {
    const from = this.#takenChunks
    this.#takenByteLength += byteLength
    for (let chunkIndex = from; chunkIndex < this.#takenChunks; chunkIndex++) {
      this.#init.onTaken(chunkIndex)
    }
  }

  /** A chunk that was read for another purpose: taken when it is the next one. */
  offer(chunkIndex: number, bytes: Uint8Array): void {
    if (chunkByteOffset(this.#extent, chunkIndex) === this.#takenByteLength) {
      this.#md5.update(bytes)
      this.took(bytes.byteLength)
    }
  }

  /**
   * A chunk is lost. If the MD5 has taken it, the MD5 need not go back: the chunk that is fetched again is the same.
   */
  onLost(chunkIndex: number): void {
    this.#endChunk = Math.min(this.#endChunk, Math.max(chunkIndex, this.#chunkAt(this.#takenByteLength)))
  }

  /**
   * Starts again, this time with chunks that are verified again, so that one that the disk corrupted is found.
   *
   * @returns false when it took such chunks already
   */
  doubt(): boolean {
    if (this.#verifies) {
      return false
    }
    this.#verifies = true
    this.#md5 = new Md5(this.#init.lanes)
    this.#digest = undefined
    this.#takenByteLength = 0
    this.#endChunk = 0
    return true
  }

  /** The chunks of which it has taken everything. */
  get #takenChunks(): number {
    const extent = this.#extent
    return this.#takenByteLength === extent.byteLength
      ? chunkCountOf(extent)
      : this.#chunkAt(this.#takenByteLength)
  }

  #loseSpoilt(firstChunk: number, lastChunk: number): void {
    const { file, lose } = this.#init
    for (let chunkIndex = firstChunk; chunkIndex <= lastChunk; chunkIndex++) {
      if (file.read(chunkIndex) === undefined) {
        lose(chunkIndex)
      }
    }
  }

  #chunkAt(byteOffset: number): number {
    return Math.floor(byteOffset / this.#extent.chunkByteLength)
  }
}
