/** Finds what killed runs of this benchmark left behind: namespaces and folders. */
import { countOf } from '#potluck/core/units.js'
import { sweepFolders } from '../machine/leftovers.ts'
import { sweepNamespaces } from '../machine/namespaces.ts'
import { NAME_PREFIX } from './network-plan.ts'

/** Removes the leftovers of processes that are gone, recognised by their names. Returns a description. */
export async function sweepLeftovers(): Promise<string | undefined> {
  const namespaces = await sweepNamespaces(NAME_PREFIX)
  const folders = await sweepFolders(NAME_PREFIX)
  return namespaces + folders === 0
    ? undefined
    : `Removed ${countOf(namespaces, 'network namespace')} and ${countOf(folders, 'folder')} that an earlier run left behind.`
}
