/** What runs of this bench left behind that were killed before they could clean up: namespaces and folders. */
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countOf } from '#potluck/protocols/units.js'
import { outputOf } from './commands.ts'
import { ownerOf } from './network-plan.ts'

/** Removes what belongs to processes that are gone, by its name. Returns what is to be said of it. */
export async function sweepLeftovers(): Promise<string | undefined> {
  const lines = (await outputOf(['ip', 'netns', 'list'])).split('\n')
  const namespaces = lines.map((line) => line.split(' ')[0] ?? '').filter(isLeftOver)
  for (const namespace of namespaces) {
    await outputOf(['ip', 'netns', 'delete', namespace])
  }
  const folders = (await readdir(tmpdir())).filter(isLeftOver)
  for (const folder of folders) {
    await rm(join(tmpdir(), folder), { recursive: true, force: true })
  }
  return namespaces.length + folders.length === 0
    ? undefined
    : `Removed ${countOf(namespaces.length, 'network namespace')} and ${countOf(folders.length, 'folder')} that an earlier run left behind.`
}

function isLeftOver(name: string): boolean {
  const owner = ownerOf(name)
  if (owner === undefined) {
    return false
  }
  try {
    process.kill(owner, 0)
    return false
  } catch {
    // Only root runs this, so it is not that the process may not be asked: there is none.
    return true
  }
}
