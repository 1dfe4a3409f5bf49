/** What has to hold of many manifests together, before anyone stores files by them. */
import { printable } from '../names.ts'
import { type Manifest, manifestKey, sameManifest } from './index.ts'

/**
 * Why the manifests cannot lie in one collection, or undefined when they can: two that differ under one name, or a
 * file where another needs a folder.
 */
export function catalogProblem(manifests: Iterable<Manifest>): string | undefined {
  const byKey = new Map<string, Manifest>()
  for (const manifest of manifests) {
    const key = manifestKey(manifest)
    const other = byKey.get(key)
    if (other !== undefined && !sameManifest(manifest, other)) {
      return `${printable(key)} is described in two ways`
    }
    byKey.set(key, manifest)
  }
  for (const [key, { path }] of byKey) {
    const folder = parentsOf(key, path).find((parent) => byKey.get(parent)?.kind === 'file')
    if (folder !== undefined) {
      return `${printable(folder)} is a file, and ${printable(key)} needs it to be a folder`
    }
  }
  return undefined
}

/** How much it is: files (folders not counted) and their bytes together. */
export function extentOf(entries: Iterable<Pick<Manifest, 'kind' | 'byteLength'>>): {
  files: number
  byteLength: number
} {
  let files = 0
  let byteLength = 0
  for (const entry of entries) {
    if (entry.kind === 'file') {
      files++
      byteLength += entry.byteLength
    }
  }
  return { files, byteLength }
}

function parentsOf(key: string, path: string): string[] {
  const parts = key.split('/')
  const depth = path.split('/').length
  return Array.from({ length: depth - 1 }, (_, index) => parts.slice(0, parts.length - 1 - index).join('/'))
}
