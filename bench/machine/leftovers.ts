/**
 * What a killed bench left behind is known by its name: a prefix of the bench's own, the id of its process, and more
 * behind a hyphen.
 */
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasCode } from '#potluck/core/system-errors.js'

/** The process that made what has this name, or undefined when the name is none of the prefix's. */
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
    // A process of somebody else may not be asked, but is there.
    return hasCode(error, 'ESRCH')
  }
}

/** Removes folders for temporary files that belong to processes that are gone. Returns how many. */
export async function sweepFolders(prefix: string): Promise<number> {
  const folders = (await readdir(tmpdir())).filter((name) => isLeftOver(prefix, name))
  for (const folder of folders) {
    await rm(join(tmpdir(), folder), { recursive: true, force: true })
  }
  return folders.length
}
