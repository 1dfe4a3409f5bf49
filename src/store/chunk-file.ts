/** The chunks of one content in one file: only this module reads them from a disk, verifies them, and writes them. */
import { byteLengthOfChunk, chunkByteOffset, type Extent } from '../core/chunks.ts'
import { hasCode } from '../core/system-errors.ts'
import { unfilledBytes } from './chunk-cache.ts'
import type { Access, Descriptors } from './descriptors.ts'
import { isChunk } from './digest-list.ts'

export interface ChunkFileInit {
  path: string
  extent: Extent
  digests: Uint8Array
  descriptors: Descriptors
}

export class ChunkFile {
  readonly extent: Extent
  readonly path: string
  readonly #init: ChunkFileInit
  readonly #access: Access

  constructor(init: ChunkFileInit, access: Access) {
    this.extent = init.extent
    this.path = init.path
    this.#init = init
    this.#access = access
  }

  isChunk(bytes: Uint8Array, chunkIndex: number): boolean {
    return isChunk(bytes, this.#init.digests, this.extent, chunkIndex)
  }

  /**
   * Fills the bytes from the file. @returns whether it has all of them
   *
   * @throws the system's error if it says nothing of the bytes, such as too many open files
   */
  fill(bytes: Uint8Array, byteOffset: number): boolean {
    try {
      return this.#init.descriptors.read(this.path, this.#access, bytes, byteOffset) === bytes.byteLength
    } catch (error) {
      if (!hasCode(error, 'EIO')) {
        throw error
      }
      return false
    }
  }

  /**
   * A chunk as it was verified; undefined when the file has something else.
   *
   * @param bytes the target; by default a new buffer
   * @throws as `fill`
   */
  read(
    chunkIndex: number,
    bytes: Uint8Array = unfilledBytes(byteLengthOfChunk(this.extent, chunkIndex))
  ): Uint8Array | undefined {
    const isFilled = this.fill(bytes, chunkByteOffset(this.extent, chunkIndex))
    return isFilled && this.isChunk(bytes, chunkIndex) ? bytes : undefined
  }

  /**
   * A chunk as the file has it, not verified; undefined when the file does not have all of it.
   *
   * @param bytes the target
   * @throws as `fill`
   */
  readUnverified(chunkIndex: number, bytes: Uint8Array): Uint8Array | undefined {
    return this.fill(bytes, chunkByteOffset(this.extent, chunkIndex)) ? bytes : undefined
  }

  /** A chunk into bytes that the next call overwrites. @throws as `fill` */
  peek(chunkIndex: number): Uint8Array | undefined {
    return this.read(chunkIndex, this.#init.descriptors.scratch(byteLengthOfChunk(this.extent, chunkIndex)))
  }

  /** @returns where the bytes end in the file */
  write(chunkIndex: number, bytes: Uint8Array): number {
    const byteOffset = chunkByteOffset(this.extent, chunkIndex)
    this.#init.descriptors.write(this.path, bytes, byteOffset)
    return byteOffset + bytes.byteLength
  }
}
