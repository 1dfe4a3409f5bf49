/** All contents that this store knows, its own shares among them. */
import type { Extent } from '../../protocols/chunks.ts'
import { PotluckError } from '../../protocols/errors.ts'
import type { Manifest } from '../../protocols/manifest/index.ts'
import { manifestKey } from '../../protocols/manifest/key.ts'
import { printable } from '../../protocols/names.ts'
import { Content, type ContentComponents, type Entry } from './content.ts'
import { EMPTY_ROOT } from './digest-list.ts'
import type { OwnShare } from './own-shares.ts'

export class Contents {
  readonly #byRoot = new Map<string, Content>()
  readonly #components: ContentComponents
  #shares: OwnShare[] = []

  constructor(components: ContentComponents) {
    this.#components = components
  }

  get(root: string): Content | undefined {
    return this.#byRoot.get(root)
  }

  all(): Content[] {
    return [...this.#byRoot.values()]
  }

  add(content: Content): void {
    this.#byRoot.set(content.root, content)
  }

  /**
   * The contents that entries want, known ones and new ones; the new ones are not added yet.
   *
   * @param onFalse hears of each entry that wants none, because its description cannot be true
   */
  wantedBy(entries: Entry[], onFalse: (entry: Entry, error: PotluckError) => void): Map<Content, Entry[]> {
    const wanted = new Map<string, { content: Content; entries: Entry[] }>()
    for (const entry of entries) {
      const { manifest } = entry
      if (manifest.kind === 'folder') {
        continue
      }
      const content = wanted.get(manifest.root)?.content ?? this.#contentOf(manifest.root, manifest)
      const falsehood = falsehoodOf(
        content,
        manifest,
        wanted.get(manifest.root)?.entries[0] ?? content.entries[0]
      )
      if (falsehood !== undefined) {
        onFalse(entry, falsehood)
        continue
      }
      const group = wanted.get(manifest.root) ?? { content, entries: [] }
      group.entries.push(entry)
      wanted.set(manifest.root, group)
    }
    return new Map([...wanted.values()].map((group) => [group.content, group.entries]))
  }

  /** Puts what this peer shares now in the place of what it shared before. */
  takeShares(shares: OwnShare[], chunkByteLength: number): void {
    for (const { localPath, entry } of this.#shares) {
      const content = this.#byRoot.get(entry.root)
      content?.files.delete(localPath)
      if (content?.files.size === 0 && content.entries.length === 0) {
        this.#byRoot.delete(content.root)
      }
    }
    for (const { localPath, read } of shares) {
      if (read !== undefined) {
        const { hashed } = read
        const content = this.#contentOf(hashed.root, { byteLength: hashed.byteLength, chunkByteLength })
        content.addFile(localPath, hashed)
        this.add(content)
      }
    }
    this.#shares = shares
  }

  /** What this peer shares from a path. */
  shareAt(path: string): OwnShare | undefined {
    return this.#shares.find(({ localPath, read }) => localPath === path && read !== undefined)
  }

  moveFile(from: string, to: string): void {
    for (const content of this.#byRoot.values()) {
      content.moveFile(from, to)
    }
  }

  #contentOf(root: string, extent: Extent): Content {
    return this.#byRoot.get(root) ?? new Content(root, extent, this.#components)
  }
}

function falsehoodOf(
  content: Content,
  manifest: Manifest,
  other: Entry | undefined
): PotluckError | undefined {
  const name = printable(manifestKey(manifest))
  const origin = printable(manifest.origin)
  if (!content.divides(manifest)) {
    const rest = other === undefined ? 'a share of this peer' : printable(manifestKey(other.manifest))
    return new PotluckError(
      'INTEGRITY',
      `${name} and ${rest} are published as the same content with different lengths, so one is false; ` +
        `${origin} or the other's origin has to share it again`
    )
  }
  if (manifest.byteLength === 0 && manifest.root !== EMPTY_ROOT) {
    return new PotluckError(
      'INTEGRITY',
      `${name} is published as empty, but with the SHA-256 root of something else; ${origin} has to share it again`
    )
  }
  return undefined
}
