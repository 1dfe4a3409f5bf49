/** How entries are told apart. By itself: a store's thread needs it, and nothing that loads libp2p. */
import type { Manifest } from './index.ts'

/** What identifies an entry of the catalog: two manifests of one key have to be equal. */
export function manifestKey({ origin, path }: Pick<Manifest, 'origin' | 'path'>): string {
  return `${origin}/${path}`
}
