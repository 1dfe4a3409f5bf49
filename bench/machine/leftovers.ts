/**
 * Recognises what a killed benchmark left behind by its name: the benchmark's prefix, the id of its process, a hyphen,
 * and more.
 */
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasCode } from '#potluck/core/system-errors.js'

/** The process that made the thing with this name, or undefined when the name does not have the prefix. */
export function ownerOf(prefix: string, name: string): number | undefined {
  const processId = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined
  return processId === undefined ? undefined : Number(processId)
}

/** Whether the process that made it is gone. */
export function isLeftOver(prefix: string, name: string): boolean {
  const owner = ownerOf(prefix, name)
  if (owner === undefined) {
    return false
  }
  try {
    process.kill(owner, 0)
    return false
  } catch (error) {
    // A process of another user cannot be signalled, but exists.
    return hasCode(error, 'ESRCH')
  }
}

/** Removes temporary folders of processes that are gone. Returns how many. */
export async function sweepFolders(prefix: string): Promise<number> {
  const folders = (await readdir(tmpdir())).filter((name) => isLeftOver(prefix, name))
  for (const folder of folders) {
    await rm(join(tmpdir(), folder), { recursive: true, force: true })
  }
  return folders.length
}
