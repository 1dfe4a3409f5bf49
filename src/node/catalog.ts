/** The catalog as one peer uses it: the contents, their names for people, which of them it wants, and the state of each entry. */
import { Bitfield } from '../core/bitfield.ts'
import { chunkCountOf } from '../core/chunks.ts'
import { manifestKey } from '../core/names.ts'
import { Parents } from '../core/parents.ts'
import type { Manifest } from '../protocols/manifest/index.ts'

/** The entries of one content. */
interface Group {
  entries: Manifest[]
  /** The PeerIds of those that brought it. */
  originIds: Set<string>
  /** How many entries do not have their final place yet. */
  open: number
  /** How many entries this peer does without. */
  declined: number
  /** The first entry that is neither given up nor declined. */
  first: number
}

export class Catalog {
  readonly #entries = new Map<string, Manifest>()
  readonly #byRoot = new Map<string, Group>()
  readonly #open = new Set<string>()
  readonly #failed = new Set<string>()
  readonly #reopened = new Set<string>()
  readonly #parents = new Parents()
  readonly #declined = new Set<string>()
  readonly #chooses: (manifest: Manifest) => boolean

  /** @param chooses whether this peer wants an entry of another peer */
  constructor(chooses: (manifest: Manifest) => boolean = () => true) {
    this.#chooses = chooses
  }

  /**
   * Adds the manifests. Entries of `ownName` are this peer's own, and complete.
   *
   * @returns the entries that were not known
   */
  add(manifests: Manifest[], ownName: string): Manifest[] {
    const fresh = manifests.filter((manifest) => !this.#entries.has(manifestKey(manifest)))
    for (const manifest of fresh) {
      this.#entries.set(manifestKey(manifest), manifest)
      this.#parents.add(manifestKey(manifest))
    }
    this.#choose(fresh.filter(({ origin }) => origin !== ownName))
    for (const manifest of fresh) {
      const isOwn = manifest.origin === ownName
      const isDeclined = this.declines(manifest)
      if (manifest.kind === 'file') {
        const group = this.#byRoot.get(manifest.root) ?? {
          entries: [],
          originIds: new Set(),
          open: 0,
          declined: 0,
          first: 0
        }
        group.entries.push(manifest)
        group.originIds.add(manifest.originId)
        group.open += isOwn || isDeclined ? 0 : 1
        group.declined += isDeclined ? 1 : 0
        this.#byRoot.set(manifest.root, group)
        this.#skip(group)
      }
      if (!isOwn && !isDeclined) {
        this.#open.add(manifestKey(manifest))
      }
    }
    return fresh
  }

  /** A folder with content exists if any of its content is wanted. */
  #choose(foreign: readonly Manifest[]): void {
    const chosen = new Parents()
    for (const manifest of foreign) {
      if (this.isParent(manifest)) {
        continue
      }
      if (this.#chooses(manifest)) {
        chosen.add(manifestKey(manifest))
      } else {
        this.#declined.add(manifestKey(manifest))
      }
    }
    for (const manifest of foreign) {
      if (this.isParent(manifest) && !chosen.has(manifestKey(manifest))) {
        this.#declined.add(manifestKey(manifest))
      }
    }
  }

  get entries(): Manifest[] {
    return [...this.#entries.values()]
  }

  /** Of all entries. */
  get size(): number {
    return this.#entries.size
  }

  /** The entries of others that are to get their final place, and are not there yet. */
  get incomplete(): number {
    return this.#open.size
  }

  /** The entry is in its final place. @returns whether that is new */
  complete(manifest: Manifest): boolean {
    return this.#close(manifest)
  }

  /** Whether the entry is a folder that contains other entries. */
  isParent(manifest: Manifest): boolean {
    return this.#parents.has(manifestKey(manifest))
  }

  /** The entry is given up. @returns whether that is new */
  fail(manifest: Manifest): boolean {
    if (!this.#close(manifest)) {
      return false
    }
    this.#failed.add(manifestKey(manifest))
    this.#skip(this.#byRoot.get(manifest.root))
    return true
  }

  /** Of the files that are given up. */
  get failedBytes(): number {
    return [...this.#failed].reduce((sum, key) => sum + (this.#entries.get(key)?.byteLength ?? 0), 0)
  }

  /** Whether this peer does without the entry. */
  declines(manifest: Manifest): boolean {
    return this.#declined.has(manifestKey(manifest))
  }

  /** The contents of which this peer does without every entry, each by one of them. */
  get declinedContents(): Manifest[] {
    return [...this.#byRoot.values()].flatMap(({ entries, declined }) =>
      declined === entries.length ? entries.slice(0, 1) : []
    )
  }

  /** Whether this peer does without every entry of the content. */
  declinesContent(root: string): boolean {
    const group = this.#byRoot.get(root)
    return group !== undefined && group.declined === group.entries.length
  }

  /**
   * The entries that this peer does without: by origin, a bit for each of its entries, in the order of the catalog. Origins
   * of which it wants everything are absent.
   */
  get choice(): Map<string, Bitfield> {
    const byOrigin = new Map<string, Manifest[]>()
    for (const manifest of this.#declined.size === 0 ? [] : this.#entries.values()) {
      const entries = byOrigin.get(manifest.origin) ?? []
      entries.push(manifest)
      byOrigin.set(manifest.origin, entries)
    }
    const choice = new Map<string, Bitfield>()
    for (const [origin, entries] of byOrigin) {
      const declined = new Bitfield(entries.length)
      for (const [index, manifest] of entries.entries()) {
        if (this.declines(manifest)) {
          declined.add(index)
        }
      }
      if (declined.count > 0) {
        choice.set(origin, declined)
      }
    }
    return choice
  }

  /** Whether an entry of the content does not have its final place yet. */
  wants(root: string): boolean {
    return (this.#byRoot.get(root)?.open ?? 0) > 0
  }

  /** The entry is not in its final place any more. @returns whether that is new */
  reopen(manifest: Manifest): boolean {
    const key = manifestKey(manifest)
    if (!this.#entries.has(key) || this.#open.has(key)) {
      return false
    }
    this.#open.add(key)
    this.#reopened.add(key)
    const group = this.#byRoot.get(manifest.root)
    if (group !== undefined) {
      group.open++
    }
    return true
  }

  /** Whether the entry was in its final place before. */
  wasReopened(manifest: Manifest): boolean {
    return this.#reopened.has(manifestKey(manifest))
  }

  /** Whether any entry has this content. */
  has(root: string): boolean {
    return this.#byRoot.has(root)
  }

  /** How many bytes of a content are zeros, as its origin says. */
  zeroByteLengthOf(root: string): number {
    return this.#entryOf(root)?.zeroByteLength ?? 0
  }

  chunkCountOf(root: string): number {
    const manifest = this.#entryOf(root)
    return manifest === undefined ? 0 : chunkCountOf(manifest)
  }

  /** The name of a content for people: the first entry that has it, preferably one that is not given up. */
  fileOf(root: string): string {
    const manifest = this.#entryOf(root)
    return manifest === undefined ? root : manifestKey(manifest)
  }

  /** The PeerId of the only peer that brought a content; undefined when several did. */
  onlyOriginIdOf(root: string): string | undefined {
    const { originIds } = this.#byRoot.get(root) ?? {}
    return originIds?.size === 1 ? [...originIds][0] : undefined
  }

  isOriginId(root: string, peerId: string): boolean {
    return this.#byRoot.get(root)?.originIds.has(peerId) === true
  }

  originOf(root: string): string {
    return this.#entryOf(root)?.origin ?? 'nobody'
  }

  #entryOf(root: string): Manifest | undefined {
    const { entries = [], first = 0 } = this.#byRoot.get(root) ?? {}
    return entries[first] ?? entries[0]
  }

  /** Moves on to the first entry that this peer wants and has not given up. */
  #skip(group: Group | undefined): void {
    while (group !== undefined && this.#isWithout(group.entries[group.first])) {
      group.first++
    }
  }

  #isWithout(entry: Manifest | undefined): boolean {
    const key = entry && manifestKey(entry)
    return key !== undefined && (this.#failed.has(key) || this.#declined.has(key))
  }

  /** The entry is no longer open. @returns whether that is new */
  #close(manifest: Manifest): boolean {
    if (!this.#open.delete(manifestKey(manifest))) {
      return false
    }
    const group = this.#byRoot.get(manifest.root)
    if (group !== undefined) {
      group.open--
    }
    return true
  }
}
