/** What runs of this bench left behind that were killed before they could clean up: namespaces and folders. */
import { countOf } from '#potluck/core/units.js'
import { sweepFolders } from '../machine/leftovers.ts'
import { sweepNamespaces } from '../machine/namespaces.ts'
import { NAME_PREFIX } from './network-plan.ts'

/** Removes what belongs to processes that are gone, by its name. Returns what is to be said of it. */
export async function sweepLeftovers(): Promise<string | undefined> {
  const namespaces = await sweepNamespaces(NAME_PREFIX)
  const folders = await sweepFolders(NAME_PREFIX)
  return namespaces + folders === 0
    ? undefined
    : `Removed ${countOf(namespaces, 'network namespace')} and ${countOf(folders, 'folder')} that an earlier run left behind.`
}
