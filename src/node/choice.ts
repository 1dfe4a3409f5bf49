/** What a peer fetches of what the others bring, by the patterns of its configuration. Pure. */
import { manifestKey } from '../core/names.ts'
import { matcherOf } from '../core/path-patterns.ts'
import type { Manifest } from '../protocols/manifest/index.ts'

export interface ChoiceInit {
  /** What is fetched; everything where there are none. */
  only: readonly string[]
  /** What is not fetched, whatever `only` says. */
  except: readonly string[]
}

/** Whether an entry of another peer is to be fetched: the patterns are of `<origin>/<path>`. */
export function choiceOf({ only, except }: ChoiceInit): (manifest: Manifest) => boolean {
  const isAmong = only.length === 0 ? () => true : matcherOf(only)
  const isExcepted = matcherOf(except)
  return (manifest) => {
    const path = manifest.kind === 'folder' ? `${manifestKey(manifest)}/` : manifestKey(manifest)
    return isAmong(path) && !isExcepted(path)
  }
}
