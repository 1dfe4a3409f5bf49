/**
 * The names of a set of files, and which of them cannot exist beside one another: one name twice, two names that one
 * file system takes for the same, a file where another needs a folder.
 */

export interface Meeting {
  /** The label of the entry that was there first. */
  label: string
  why: 'twice' | 'spelling' | 'kind'
}

interface NameNode {
  spelling: string
  kind: 'file' | 'folder'
  label: string
  /** Whether it was claimed itself, not only as a folder of another. */
  claimed: boolean
  children: Map<string, NameNode>
}

export class NameTable {
  readonly #fold: (name: string) => string
  readonly #top = new Map<string, NameNode>()

  /** @param fold equal for names that count as the same */
  constructor(fold: (name: string) => string) {
    this.#fold = fold
  }

  /**
   * Adds a name, and those of its folders.
   *
   * @param path parts divided by "/"
   * @param label what to call the entry when another collides with it
   * @returns the entry that it collides with; it was not added then
   */
  claim(path: string, kind: 'file' | 'folder', label: string): Meeting | undefined {
    const names = path.split('/')
    let siblings = this.#top
    for (const [depth, name] of names.entries()) {
      const last = depth === names.length - 1
      const wanted = last ? kind : 'folder'
      let node = siblings.get(this.#fold(name))
      if (node === undefined) {
        node = { spelling: name, kind: wanted, label, claimed: false, children: new Map() }
        siblings.set(this.#fold(name), node)
      }
      const why = meeting(node, name, wanted, last)
      if (why !== undefined) {
        return { label: node.label, why }
      }
      node.claimed ||= last
      siblings = node.children
    }
    return undefined
  }

  /** Whether an entry, or a folder of one, has the name. */
  has(path: string): boolean {
    let siblings: Map<string, NameNode> | undefined = this.#top
    for (const name of path.split('/')) {
      const node: NameNode | undefined = siblings?.get(this.#fold(name))
      if (node === undefined) {
        return false
      }
      siblings = node.children
    }
    return true
  }
}

function meeting(
  node: NameNode,
  name: string,
  wanted: 'file' | 'folder',
  last: boolean
): Meeting['why'] | undefined {
  if (node.spelling !== name) {
    return 'spelling'
  }
  if (node.kind !== wanted) {
    return 'kind'
  }
  return last && node.claimed ? 'twice' : undefined
}
