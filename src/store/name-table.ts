/**
 * The names of a set of files, and which of them cannot lie beside one another: one name twice, two names that one
 * file system takes for the same, a file where another needs a folder.
 */

export interface Meeting {
  /** What the entry that was there first is called. */
  label: string
  why: 'twice' | 'spelling' | 'kind'
}

interface NameNode {
  spelling: string
  kind: 'file' | 'folder'
  label: string
  /** Whether it was claimed itself, not only passed through. */
  claimed: boolean
  children: Map<string, NameNode>
}

export class NameTable {
  readonly #fold: (name: string) => string
  readonly #top = new Map<string, NameNode>()

  /** @param fold equal for names that are to count as the same */
  constructor(fold: (name: string) => string) {
    this.#fold = fold
  }

  /**
   * Takes a name, and those of the folders it lies in.
   *
   * @param path parts divided by "/"
   * @param label what to call the entry when another meets it
   * @returns the entry that it meets; it has not been taken then
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

  /** Whether the name is taken, by an entry or by a folder of one. */
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
