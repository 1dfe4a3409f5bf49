/**
 * Copies a file, by the file system itself where it can. Node copies the permissions as well, which file systems without any
 * refuse; there the bytes are copied one piece after another.
 */
import { constants } from 'node:fs'
import { copyFile, type FileHandle, open, rm, stat } from 'node:fs/promises'
import { hasCode } from '../core/system-errors.ts'
import { READ_FLAGS } from './descriptors.ts'

/** What is copied at a time. */
const COPY_BYTE_LENGTH = 1024 * 1024

/** What a block of a file is counted in. */
const BLOCK_BYTE_LENGTH = 512

/** A gap is found when it has so many zeros: a few blocks. */
const GAP_BYTE_LENGTH = 64 * 1024

const ZEROS = Buffer.alloc(GAP_BYTE_LENGTH)

/** @param copy a file that is not there yet; half of it may be when this throws */
export async function copyWhole(source: string, copy: string): Promise<void> {
  // Node fills the gaps of a file, unless the file system has both share their blocks.
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

/** @param leavesGaps whether pieces of zeros are left out */
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
