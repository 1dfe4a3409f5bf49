/** Lists of manifests, which either end sends in messages of bounded length. */
import type { SignedManifest } from '../manifest/index.ts'
import { MANIFESTS_PER_PAGE } from './constants.ts'
import type { ManifestPage } from './pb/messages.ts'

/** The manifests in pages that fit a message, the last one marked; one empty page when there are none. */
export function* manifestPages(manifests: readonly SignedManifest[]): Generator<ManifestPage> {
  let start = 0
  do {
    const end = start + MANIFESTS_PER_PAGE
    yield {
      manifests: manifests.slice(start, end).map(({ bytes }) => bytes),
      last: end >= manifests.length
    }
    start = end
  } while (start < manifests.length)
}
