/** How a file divides into chunks: all have one length, except the last, which has the rest. */
import type { Bitfield } from './bitfield.ts'

/** 256 KiB, the assignment's chunk. */
export const DEFAULT_CHUNK_BYTE_LENGTH = 256 * 1024

/** Below 1 KiB the digests would weigh more than a thirtieth of the data. */
export const MIN_CHUNK_BYTE_LENGTH = 1024

/** A whole chunk is in memory, many times over: 4 MiB keeps that bounded. */
export const MAX_CHUNK_BYTE_LENGTH = 4 * 1024 * 1024

/** Keeps a bitfield within 512 KiB, so that it fits a frame: 1 TiB at 256 KiB per chunk. */
export const MAX_CHUNK_COUNT = 4 * 1024 * 1024

/** SHA-256 in bytes. */
export const DIGEST_BYTE_LENGTH = 32

/** A file's extent and its division. */
export interface Extent {
  byteLength: number
  chunkByteLength: number
}

/** How many chunks a file has; an empty file has none. */
export function chunkCountOf({ byteLength, chunkByteLength }: Extent): number {
  return Math.ceil(byteLength / chunkByteLength)
}

/** The total bytes of the chunks in a set. */
export function heldBytesOf(extent: Extent, held: Bitfield): number {
  const last = held.length - 1
  const lastMissing = held.has(last) ? extent.chunkByteLength - byteLengthOfChunk(extent, last) : 0
  return held.count * extent.chunkByteLength - lastMissing
}

/** Where a chunk starts in its file, in bytes. */
export function chunkByteOffset({ chunkByteLength }: Extent, chunkIndex: number): number {
  return chunkIndex * chunkByteLength
}

/** How many bytes the chunk has; 0 for an index that the file does not have. */
export function byteLengthOfChunk(extent: Extent, chunkIndex: number): number {
  if (!Number.isInteger(chunkIndex) || chunkIndex < 0) {
    return 0
  }
  const left = extent.byteLength - chunkByteOffset(extent, chunkIndex)
  return Math.max(0, Math.min(extent.chunkByteLength, left))
}
