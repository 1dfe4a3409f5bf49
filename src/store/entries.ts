/** The catalog's entries that this store was given, and whether their names can exist beside one another here. */
import { PotluckError } from '../core/errors.ts'
import { manifestKey, printable } from '../core/names.ts'
import { Parents } from '../core/parents.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import { type Meeting, NameTable } from './name-table.ts'
import type { Entry } from './stored-content.ts'

export class Entries {
  readonly #byKey = new Map<string, Entry>()
  readonly #parents = new Parents()
  readonly #fold: (name: string) => string
  #names: NameTable

  /** @param fold equal for names that this file system takes for the same */
  constructor(fold: (name: string) => string) {
    this.#fold = fold
    this.#names = new NameTable(fold)
  }

  /** Those that are new or have changed. */
  fresh(manifests: Manifest[]): Manifest[] {
    return manifests.filter((manifest) => {
      const known = this.#byKey.get(manifestKey(manifest))
      return known === undefined || !sameFile(known.manifest, manifest)
    })
  }

  /** The new entries that cannot exist here beside those that come before them, each with the error that says so. */
  meeting(entries: Entry[]): Map<Entry, PotluckError> {
    const errors = new Map<Entry, PotluckError>()
    this.#namesWith(entries, (entry, error) => errors.set(entry, error))
    return errors
  }

  /** Adds entries; the names of those that have failed stay free. */
  add(entries: Entry[]): void {
    this.#names = this.#namesWith(entries, () => undefined)
    for (const entry of entries) {
      const key = manifestKey(entry.manifest)
      const known = this.#byKey.get(key)
      if (known !== undefined) {
        known.state = 'replaced'
      }
      this.#byKey.set(key, entry)
      this.#parents.add(key)
    }
  }

  /** Whether a path relative to the collection is an entry, or a folder of one. */
  readonly taken = (path: string): boolean => this.#names.has(path)

  /** Whether a folder of the catalog contains other entries, including ones that were given up. */
  hasInside({ manifest }: Entry): boolean {
    return this.#parents.has(manifestKey(manifest))
  }

  #namesWith(entries: Entry[], onMeeting: (entry: Entry, error: PotluckError) => void): NameTable {
    const all = new Map(
      [...this.#byKey.values(), ...entries].map((entry) => [manifestKey(entry.manifest), entry])
    )
    const names = new NameTable(this.#fold)
    for (const [key, entry] of all) {
      const meeting = entry.state === 'failed' ? undefined : names.claim(key, entry.manifest.kind, key)
      if (meeting !== undefined) {
        onMeeting(entry, meetingError(key, meeting))
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
