/** Which of the others' files a peer fetches, by the patterns of its configuration. Pure. */
import { manifestKey } from '../core/names.ts'
import { matcherOf } from '../core/path-patterns.ts'
import type { Manifest } from '../protocols/manifest/index.ts'

export interface ChoiceInit {
  /** The files to fetch; everything without patterns. */
  only: readonly string[]
  /** The files not to fetch, whatever `only` says. */
  except: readonly string[]
}

/** Whether to fetch an entry of another peer: the patterns match `<origin>/<path>`. */
export function choiceOf({ only, except }: ChoiceInit): (manifest: Manifest) => boolean {
  const isAmong = only.length === 0 ? () => true : matcherOf(only)
  const isExcepted = matcherOf(except)
  return (manifest) => {
    const path = manifest.kind === 'folder' ? `${manifestKey(manifest)}/` : manifestKey(manifest)
    return isAmong(path) && !isExcepted(path)
  }
}
