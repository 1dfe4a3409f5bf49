/** The names of what is shared: those that not every system can store are refused, left out, or shared as other names. */
import { PotluckError } from '../core/errors.ts'
import { nameProblem, printable } from '../core/names.ts'
import { nameProblems, type PortableNames, portableNames } from '../core/portable-names.ts'
import { countOf } from '../core/units.ts'
import type { LeftOut } from './left-out.ts'
import type { Found, Sibling } from './walk.ts'

/** An event keeps so many lines; a screen shows fewer. */
const MAX_LISTED = 1000

interface BadName extends Pick<Found, 'kind' | 'localPath'> {
  problem: string
}

export class ShareNames {
  readonly #how: PortableNames
  readonly #leftOut: LeftOut
  readonly #bad: BadName[] = []
  readonly #renamed: { from: string; to: string }[] = []

  constructor(how: PortableNames, leftOut: LeftOut) {
    this.#how = how
    this.#leftOut = leftOut
  }

  /** Those of one folder to go on with. What is refused is still looked into, so that all bad names are found at once. */
  select(siblings: Sibling[], pathOf: (localPath: string) => string): Sibling[] {
    const names = siblings.map(({ name }) => name)
    if (this.#how === 'rename') {
      const portable = portableNames(names)
      return siblings.map((sibling) => this.#renamedTo(portable.get(sibling.name) ?? sibling.name, sibling))
    }
    const problems = nameProblems(names)
    return siblings.filter(({ name, kind, localPath }) => {
      const problem = problems.get(name)
      const isKept = problem === undefined || this.#keepsBad({ kind, localPath, problem }, pathOf(localPath))
      // What only meets another name would meet it again with all that is in it.
      return isKept && (problem === undefined || nameProblem(name) !== undefined)
    })
  }

  /** What no other name helps: it is left out, or refused. @param path as the others would see it */
  refuse(bad: BadName, path: string): void {
    this.#keepsBad(bad, path)
  }

  /** What there is to say of names that were changed: nothing, or a list of all. */
  get sentences(): string[] {
    if (this.#renamed.length === 0) {
      return []
    }
    const lines = this.#renamed.map(({ from, to }) => `  ${printable(from)} → ${printable(to)}`)
    const head = `${countOf(this.#renamed.length, 'path')} shared under another name:`
    return [listed(head, lines)]
  }

  /** @throws PotluckError SHARE_UNUSABLE with all names that are refused */
  check(): void {
    if (this.#bad.length === 0) {
      return
    }
    const [it, cures] = this.#bad.length === 1 ? ['it', 'shares it'] : ['them', 'shares them']
    const rename = this.#how === 'refuse' ? `--portable-names rename (${cures} under other names) or ` : ''
    const head = `${countOf(this.#bad.length, 'name')} cannot be stored on every system; rename ${it}, or start with ${rename}--portable-names skip (leaves ${it} out):`
    const lines = this.#bad.map(
      ({ localPath, kind, problem }) => `  ${printable(localPath)}${kind === 'folder' ? '/' : ''}: ${problem}`
    )
    throw new PotluckError('SHARE_UNUSABLE', listed(head, lines))
  }

  #keepsBad(bad: BadName, path: string): boolean {
    if (this.#how === 'skip') {
      this.#leftOut.add('name', path)
      return false
    }
    this.#bad.push(bad)
    return true
  }

  #renamedTo(name: string, sibling: Sibling): Sibling {
    if (name !== sibling.name) {
      this.#renamed.push({ from: sibling.localPath, to: name })
    }
    return { ...sibling, name }
  }
}

/** One line for each, as far as an event has room. */
function listed(head: string, lines: readonly string[]): string {
  const more = lines.length - MAX_LISTED
  return [head, ...lines.slice(0, MAX_LISTED), ...(more > 0 ? [`  and ${more} more`] : [])].join('\n')
}
