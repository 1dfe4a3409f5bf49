/** What runs of this bench left behind that were killed before they could clean up: namespaces and folders. */
import { countOf } from '#potluck/protocols/units.js'
import { outputOf } from '../machine/commands.ts'
import { isLeftOver, sweepFolders } from '../machine/leftovers.ts'
import { NAME_PREFIX } from './network-plan.ts'

/** Removes what belongs to processes that are gone, by its name. Returns what is to be said of it. */
export async function sweepLeftovers(): Promise<string | undefined> {
  const lines = (await outputOf(['ip', 'netns', 'list'])).split('\n')
  const namespaces = lines
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => isLeftOver(NAME_PREFIX, name))
  for (const namespace of namespaces) {
    await outputOf(['ip', 'netns', 'delete', namespace])
  }
  const folders = await sweepFolders(NAME_PREFIX)
  return namespaces.length + folders === 0
    ? undefined
    : `Removed ${countOf(namespaces.length, 'network namespace')} and ${countOf(folders, 'folder')} that an earlier run left behind.`
}
