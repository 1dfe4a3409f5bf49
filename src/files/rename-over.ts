/** Gives a finished file the name of an older one, also on file systems that cannot rename over a file. */
import { rename, rm } from 'node:fs/promises'
import { hasCode } from '../core/system-errors.ts'

/** The answers of file systems that cannot rename over a file. */
const NO_REPLACE = ['EEXIST', 'EPERM', 'EACCES', 'ENOSYS']

/**
 * On such a file system, the older file keeps another name until its successor is in place.
 *
 * @throws the system's error; then the older file has its name
 */
export async function renameOver(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
    return
  } catch (error) {
    if (!hasCode(error, ...NO_REPLACE)) {
      throw error
    }
  }
  const aside = `${from}.old`
  await rm(aside, { force: true })
  await rename(to, aside)
  try {
    await rename(from, to)
  } catch (error) {
    await rename(aside, to)
    throw error
  }
  await rm(aside, { force: true })
}
