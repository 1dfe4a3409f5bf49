/** The catalog's entries that this store was given, and whether their names can lie beside one another here. */
import { PotluckError } from '../../protocols/errors.ts'
import type { Manifest } from '../../protocols/manifest/index.ts'
import { manifestKey } from '../../protocols/manifest/key.ts'
import { printable } from '../../protocols/names.ts'
import type { Entry } from './content.ts'
import { type Meeting, NameTable } from './name-table.ts'

export class Entries {
  readonly #byKey = new Map<string, Entry>()
  readonly #fold: (name: string) => string
  #names: NameTable

  /** @param fold equal for names that this file system takes for the same */
  constructor(fold: (name: string) => string) {
    this.#fold = fold
    this.#names = new NameTable(fold)
  }

  /** Those that are new, or not what they were. */
  fresh(manifests: Manifest[]): Manifest[] {
    return manifests.filter((manifest) => {
      const known = this.#byKey.get(manifestKey(manifest))
      return known === undefined || !sameFile(known.manifest, manifest)
    })
  }

  /** @throws PotluckError DISK when two of all cannot both lie here */
  check(entries: Entry[]): void {
    this.#namesWith(entries)
  }

  /** Takes entries that were checked. */
  add(entries: Entry[]): void {
    this.#names = this.#namesWith(entries)
    for (const entry of entries) {
      const key = manifestKey(entry.manifest)
      const known = this.#byKey.get(key)
      if (known !== undefined) {
        known.state = 'replaced'
      }
      this.#byKey.set(key, entry)
    }
  }

  /** Whether a path relative to the collection is an entry, or a folder of one. */
  readonly taken = (path: string): boolean => this.#names.has(path)

  #namesWith(entries: Entry[]): NameTable {
    const all = new Map(
      [...this.#byKey.values(), ...entries].map((entry) => [manifestKey(entry.manifest), entry])
    )
    const names = new NameTable(this.#fold)
    for (const [key, { manifest }] of all) {
      const meeting = names.claim(key, manifest.kind, key)
      if (meeting !== undefined) {
        throw meetingError(key, meeting)
      }
    }
    return names
  }
}

/** Whether a disk could tell the two apart; who signed them makes no difference to it. */
function sameFile(a: Manifest, b: Manifest): boolean {
  return a.kind === b.kind && a.byteLength === b.byteLength && a.md5 === b.md5 && a.root === b.root
}

function meetingError(key: string, { label, why }: Meeting): PotluckError {
  const both = `${printable(key)} and ${printable(label)}`
  return new PotluckError(
    'DISK',
    why === 'kind'
      ? `${both} cannot both be collected: one name would be a file and a folder; an origin has to rename it`
      : `${both} would be one name on this file system; choose a collection folder on one that tells them apart, ` +
          'or have an origin rename it'
  )
}
