/** All contents that this store knows, including its own shares. */
import { PotluckError } from '../core/errors.ts'
import { manifestKey, printable } from '../core/names.ts'
import { countOf } from '../core/units.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import { EMPTY_ROOT } from './digest-list.ts'
import type { OwnShare } from './shares.ts'
import { type Entry, StoredContent, type StoredContentComponents } from './stored-content.ts'

export class Contents {
  readonly #byKey = new Map<string, StoredContent>()
  /** By root, contents of which at most one exists. */
  readonly #disputed = new Map<string, StoredContent[]>()
  readonly #components: StoredContentComponents
  #shares: OwnShare[] = []

  constructor(components: StoredContentComponents) {
    this.#components = components
  }

  /** @param key its root, unless it is disputed */
  get(key: string): StoredContent | undefined {
    return this.#byKey.get(key)
  }

  all(): StoredContent[] {
    return [...this.#byKey.values()]
  }

  add(content: StoredContent): void {
    this.#byKey.set(content.key, content)
  }

  /**
   * The contents that entries want, known ones and new ones; the new ones are not added yet. If members describe one
   * root with different lengths, and none of them is known to be true, each description is a content, and disputed.
   *
   * @param onFalse called for each entry that wants none, because its description cannot be true
   */
  wantedBy(
    entries: Entry[],
    onFalse: (entry: Entry, error: PotluckError) => void
  ): Map<StoredContent, Entry[]> {
    const wanted = new Map<string, Map<StoredContent, Entry[]>>()
    for (const entry of entries.filter(({ manifest }) => manifest.kind === 'file')) {
      const { manifest } = entry
      const known = this.#byKey.get(manifest.root)
      const falsehood = falsehoodOf(manifest, known)
      if (falsehood !== undefined) {
        onFalse(entry, falsehood)
        continue
      }
      const candidates = wanted.get(manifest.root) ?? new Map<StoredContent, Entry[]>()
      const all = [...(known === undefined ? this.#candidates(manifest.root) : [known]), ...candidates.keys()]
      const content =
        all.find((one) => one.divides(manifest)) ??
        new StoredContent(manifest.root, manifest, this.#components)
      candidates.set(content, [...(candidates.get(content) ?? []), entry])
      wanted.set(manifest.root, candidates)
    }
    for (const [root, candidates] of wanted) {
      dropContradictions(candidates, onFalse)
      this.#dispute(root, [...candidates.keys()])
    }
    return new Map([...wanted.values()].flatMap((candidates) => [...candidates]))
  }

  /** A disputed content is as described. @returns the others, which do not exist */
  settle(content: StoredContent): StoredContent[] {
    const rivals = this.#candidates(content.root).filter((one) => one !== content)
    this.#disputed.delete(content.root)
    for (const one of [content, ...rivals]) {
      this.#byKey.delete(one.key)
    }
    content.key = content.root
    this.add(content)
    return rivals
  }

  #dispute(root: string, candidates: readonly StoredContent[]): void {
    const all = [...new Set([...this.#candidates(root), ...candidates])]
    if (all.length > 1) {
      for (const content of all) {
        content.key = `${root}/${content.extent.byteLength}`
      }
      this.#disputed.set(root, all)
    }
  }

  /** Replaces what this peer shared before by what it shares now. */
  takeShares(shares: OwnShare[], chunkByteLength: number): void {
    for (const { localPath, entry } of this.#shares) {
      const content = this.#byKey.get(entry.root)
      content?.files.delete(localPath)
      if (content?.files.size === 0 && content.entries.length === 0) {
        this.#byKey.delete(content.root)
      }
    }
    for (const { localPath, read } of shares) {
      if (read !== undefined) {
        const { root, byteLength } = read.hashed
        const extent = { byteLength, chunkByteLength }
        const content = this.#byKey.get(root) ?? new StoredContent(root, extent, this.#components)
        content.addFile(localPath, read)
        this.add(content)
      }
    }
    this.#shares = shares
  }

  shareAt(path: string): OwnShare | undefined {
    return this.#shares.find(({ localPath, read }) => localPath === path && read !== undefined)
  }

  moveFile(from: string, to: string): void {
    for (const content of this.#byKey.values()) {
      content.moveFile(from, to)
    }
  }

  #candidates(root: string): readonly StoredContent[] {
    return this.#disputed.get(root) ?? []
  }
}

/** One member's own descriptions contradict one another: none of them is believed. */
function dropContradictions(
  candidates: Map<StoredContent, Entry[]>,
  onFalse: (entry: Entry, error: PotluckError) => void
): void {
  const contentOf = new Map<string, StoredContent>()
  const liars = new Set<string>()
  for (const [content, entries] of candidates) {
    for (const { manifest } of entries) {
      if ((contentOf.get(manifest.originId) ?? content) !== content) {
        liars.add(manifest.originId)
      }
      contentOf.set(manifest.originId, content)
    }
  }
  for (const [content, entries] of liars.size > 0 ? [...candidates] : []) {
    for (const entry of entries.filter(({ manifest }) => liars.has(manifest.originId))) {
      onFalse(entry, lengthError(entry.manifest, 'in another entry it gives the same content another length'))
    }
    const honest = entries.filter(({ manifest }) => !liars.has(manifest.originId))
    if (honest.length > 0) {
      candidates.set(content, honest)
    } else {
      candidates.delete(content)
    }
  }
}

/** The entry's origin gave a wrong length for its content. */
export function falseLengthError(manifest: Manifest, { extent }: StoredContent): PotluckError {
  return lengthError(manifest, `the content, verified by SHA-256, has ${countOf(extent.byteLength, 'byte')}`)
}

function lengthError(manifest: Manifest, why: string): PotluckError {
  const origin = printable(manifest.origin)
  return new PotluckError(
    'INTEGRITY',
    `${printable(manifestKey(manifest))}: ${origin} published a length of ${countOf(manifest.byteLength, 'byte')}, but ${why}; ` +
      `${origin} must share the file again`
  )
}

/** @param known the content known to have the root, if any */
function falsehoodOf(manifest: Manifest, known: StoredContent | undefined): PotluckError | undefined {
  if ((manifest.byteLength === 0) !== (manifest.root === EMPTY_ROOT)) {
    return lengthError(manifest, 'its SHA-256 root is that of another one')
  }
  if (known === undefined || known.divides(manifest)) {
    return undefined
  }
  const other = known.entries[0]
  return known.files.size > 0 || other === undefined
    ? falseLengthError(manifest, known)
    : lengthError(
        manifest,
        `${printable(manifestKey(other.manifest))} was published as the same content before, with another one`
      )
}
