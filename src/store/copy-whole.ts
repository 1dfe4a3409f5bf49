/**
 * Copies a file, by the file system itself if it can. Node also copies the permissions, which some file systems refuse;
 * there the bytes are copied piece by piece.
 */
import { constants } from 'node:fs'
import { copyFile, type FileHandle, open, rm, stat } from 'node:fs/promises'
import { hasCode } from '../core/system-errors.ts'
import { READ_FLAGS } from './descriptors.ts'

/** The length of a piece. */
const COPY_BYTE_LENGTH = 1024 * 1024

/** The unit of a file's allocated blocks. */
const BLOCK_BYTE_LENGTH = 512

/** A gap needs this many zeros, a few blocks, to be found. */
const GAP_BYTE_LENGTH = 64 * 1024

const ZEROS = Buffer.alloc(GAP_BYTE_LENGTH)

/** @param copy a file that does not exist yet; part of it may exist when this throws */
export async function copyWhole(source: string, copy: string): Promise<void> {
  // Node fills the gaps of a file, unless the file system lets both share their blocks.
  const { size, blocks } = await stat(source)
  const isSparse = blocks * BLOCK_BYTE_LENGTH < size
  const clones = isSparse ? constants.COPYFILE_FICLONE_FORCE : constants.COPYFILE_FICLONE
  try {
    await copyFile(source, copy, constants.COPYFILE_EXCL | clones)
    return
  } catch (error) {
    if (!isSparse && !hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL')) {
      throw error
    }
  }
  await rm(copy, { force: true })
  const from = await open(source, READ_FLAGS)
  try {
    const to = await open(copy, 'wx')
    await copyBytes(from, to, isSparse).finally(() => to.close())
  } finally {
    await from.close()
  }
}

/** @param leavesGaps whether to leave out pieces of zeros */
async function copyBytes(from: FileHandle, to: FileHandle, leavesGaps: boolean): Promise<void> {
  const buffer = Buffer.allocUnsafe(COPY_BYTE_LENGTH)
  for (let byteOffset = 0; ; ) {
    const { bytesRead } = await from.read(buffer, 0, buffer.byteLength, byteOffset)
    if (bytesRead === 0) {
      if (leavesGaps) {
        await to.truncate(byteOffset)
      }
      return
    }
    const pieceByteLength = leavesGaps ? GAP_BYTE_LENGTH : bytesRead
    for (let start = 0; start < bytesRead; start += pieceByteLength) {
      const piece = buffer.subarray(start, Math.min(start + pieceByteLength, bytesRead))
      if (!leavesGaps || !piece.equals(ZEROS.subarray(0, piece.byteLength))) {
        await writePiece(to, piece, byteOffset + start)
      }
    }
    byteOffset += bytesRead
  }
}

async function writePiece(to: FileHandle, piece: Uint8Array, byteOffset: number): Promise<void> {
  for (let written = 0; written < piece.byteLength; ) {
    const rest = piece.byteLength - written
    written += (await to.write(piece, written, rest, byteOffset + written)).bytesWritten
  }
}
