/** The catalog as one peer uses it: which contents there are, what people call them, how far each entry is. */
import { chunkCountOf } from '../protocols/chunks.ts'
import { type Manifest, manifestKey } from '../protocols/manifest/index.ts'

export class Catalog {
  readonly #entries = new Map<string, Manifest>()
  readonly #byRoot = new Map<string, Manifest>()
  readonly #originIds = new Map<string, Set<string>>()
  readonly #open = new Set<string>()

  /**
   * Takes the manifests in. Entries of `ownName` are this peer's own, and complete.
   *
   * @returns the entries that were not known
   */
  add(manifests: Manifest[], ownName: string): Manifest[] {
    const fresh = manifests.filter((manifest) => !this.#entries.has(manifestKey(manifest)))
    for (const manifest of fresh) {
      this.#entries.set(manifestKey(manifest), manifest)
      if (manifest.kind === 'file' && !this.#byRoot.has(manifest.root)) {
        this.#byRoot.set(manifest.root, manifest)
      }
      if (manifest.kind === 'file') {
        const origins = this.#originIds.get(manifest.root) ?? new Set()
        this.#originIds.set(manifest.root, origins.add(manifest.originId))
      }
      if (manifest.origin !== ownName) {
        this.#open.add(manifestKey(manifest))
      }
    }
    return fresh
  }

  get entries(): Manifest[] {
    return [...this.#entries.values()]
  }

  /** The entries of others that are not in their final place. */
  get incomplete(): number {
    return this.#open.size
  }

  /** The entry is in its final place. @returns whether that is news */
  complete(manifest: Manifest): boolean {
    return this.#open.delete(manifestKey(manifest))
  }

  /** Whether any entry has this content. */
  has(root: string): boolean {
    return this.#byRoot.has(root)
  }

  byteLengthOf(root: string): number {
    return this.#byRoot.get(root)?.byteLength ?? 0
  }

  chunkCountOf(root: string): number {
    const manifest = this.#byRoot.get(root)
    return manifest === undefined ? 0 : chunkCountOf(manifest)
  }

  /** What people call a content: the first entry that has it. */
  fileOf(root: string): string {
    const manifest = this.#byRoot.get(root)
    return manifest === undefined ? root : manifestKey(manifest)
  }

  /** The PeerId of the only peer that brought a content; undefined when several did. */
  onlyOriginIdOf(root: string): string | undefined {
    const origins = this.#originIds.get(root)
    return origins?.size === 1 ? [...origins][0] : undefined
  }

  isOriginId(root: string, peerId: string): boolean {
    return this.#originIds.get(root)?.has(peerId) === true
  }

  originOf(root: string): string {
    return this.#byRoot.get(root)?.origin ?? 'nobody'
  }
}
