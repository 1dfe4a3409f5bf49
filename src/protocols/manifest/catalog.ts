/** Rules for many manifests together, to be checked before anyone stores files by them. */
import { manifestKey, printable } from '../../core/names.ts'
import { type Manifest, sameManifest } from './manifest.ts'

/**
 * Why the manifests cannot share one collection, or undefined when they can: two differ under one name, one needs a folder
 * where another has a file, or there are too many.
 */
export function catalogProblem(
  manifests: Iterable<Manifest>,
  maxEntries = Number.POSITIVE_INFINITY
): string | undefined {
  const byKey = new Map<string, Manifest>()
  for (const manifest of manifests) {
    const key = manifestKey(manifest)
    const other = byKey.get(key)
    if (other !== undefined && !sameManifest(manifest, other)) {
      return `${printable(key)} is described in two ways`
    }
    byKey.set(key, manifest)
  }
  if (byKey.size > maxEntries) {
    return `it has more than ${maxEntries} entries`
  }
  // Sorted with "/" at their ends, paths that need a folder directly follow that folder's own name.
  const names = [...byKey.keys()].map((key) => `${key}/`).sort()
  for (const [index, name] of names.entries()) {
    const folder = names[index - 1]
    const key = folder?.slice(0, -1) ?? ''
    if (folder !== undefined && name.startsWith(folder) && byKey.get(key)?.kind === 'file') {
      return `${printable(key)} is a file, and ${printable(name.slice(0, -1))} needs it to be a folder`
    }
  }
  return undefined
}

/** The number of files (folders not counted), and their bytes together. */
export function extentOf(entries: readonly Pick<Manifest, 'kind' | 'byteLength'>[]) {
  const files = entries.filter(({ kind }) => kind === 'file')
  return { files: files.length, byteLength: files.reduce((sum, { byteLength }) => sum + byteLength, 0) }
}
