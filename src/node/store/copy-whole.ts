/**
 * Copies a file, by the file system itself where it can. Node copies the permissions as well, which file systems without any
 * refuse; there the bytes are copied one piece after another.
 */
import { constants } from 'node:fs'
import { copyFile, type FileHandle, open, rm } from 'node:fs/promises'
import { hasCode } from './disk-errors.ts'

/** What is copied at a time. */
const COPY_BYTE_LENGTH = 1024 * 1024

/** @param copy a file that is not there yet; half of it may be when this throws */
export async function copyWhole(source: string, copy: string): Promise<void> {
  try {
    await copyFile(source, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    return
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL')) {
      throw error
    }
  }
  await rm(copy, { force: true })
  const from = await open(source, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const to = await open(copy, 'wx')
    try {
      await copyBytes(from, to)
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

async function copyBytes(from: FileHandle, to: FileHandle): Promise<void> {
  const buffer = Buffer.allocUnsafe(COPY_BYTE_LENGTH)
  for (let byteOffset = 0; ; ) {
    const { bytesRead } = await from.read(buffer, 0, buffer.byteLength, byteOffset)
    if (bytesRead === 0) {
      return
    }
    for (let written = 0; written < bytesRead; ) {
      const rest = bytesRead - written
      written += (await to.write(buffer, written, rest, byteOffset + written)).bytesWritten
    }
    byteOffset += bytesRead
  }
}
