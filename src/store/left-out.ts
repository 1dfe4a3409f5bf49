/** What of the shares is not shared, and one sentence for each kind of it. */
import { countOf } from '../core/units.ts'
import { leftOutWarning, somePaths } from './own-files.ts'

export type LeftOutKind = 'own' | 'collection' | 'link' | 'special' | 'system' | 'pattern' | 'name'

type Sentence = (paths: readonly string[]) => string

/** The log has room for 300 characters of each. */
const SENTENCES: Readonly<Record<LeftOutKind, Sentence>> = {
  own: leftOutWarning,
  collection: (paths) => `The collection lies inside a share and is not shared: ${somePaths(paths)}.`,
  link: (paths) => `Symbolic links are not shared; left out ${somePaths(paths)}.`,
  special: (paths) => `Sockets, pipes and devices are not shared; left out ${somePaths(paths)}.`,
  system: (paths) =>
    `Left out ${countOf(paths.length, 'file')} that the system or Office made (.DS_Store, Thumbs.db, desktop.ini, ~$…): ${somePaths(paths)}.`,
  pattern: (paths) =>
    `Left out ${countOf(paths.length, 'path')} by --exclude or .potluckignore: ${somePaths(paths)}.`,
  name: (paths) =>
    `Left out ${countOf(paths.length, 'path')} with a name that not every system can store: ${somePaths(paths)}.`
}

export class LeftOut {
  readonly #paths = new Map<LeftOutKind, string[]>()

  /** @param path as the others would have seen it */
  add(kind: LeftOutKind, path: string): void {
    const paths = this.#paths.get(kind) ?? []
    paths.push(path)
    this.#paths.set(kind, paths)
  }

  get sentences(): string[] {
    return [...this.#paths].map(([kind, paths]) => SENTENCES[kind](paths))
  }
}
