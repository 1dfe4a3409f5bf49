/** Names that lie in one folder, and what every system can store in their place. Pure. */
import { foldName, nameProblem, portableName, printable, suffixedName } from './names.ts'

/** What can be done about names that not every system can store: share nothing, leave them out, or share them under other names. */
export const PORTABLE_NAMES = ['refuse', 'skip', 'rename'] as const

export type PortableNames = (typeof PORTABLE_NAMES)[number]

/**
 * Another name for each that not every system can store, or that some systems take for the same as another. A name that can stay
 * stays, so that no new name takes its place. The same names give the same answer, in whatever order they come.
 *
 * @returns a name for each, all of them different on every system
 */
export function portableNames(names: readonly string[]): Map<string, string> {
  const chosen = new Map<string, string>()
  const taken = new Set<string>()
  const choose = (name: string, portable: string): void => {
    chosen.set(name, portable)
    taken.add(foldName(portable))
  }
  const sorted = [...new Set(names)].sort()
  for (const name of sorted) {
    if (nameProblem(name) === undefined && !taken.has(foldName(name))) {
      choose(name, name)
    }
  }
  const next = new Map<string, number>()
  for (const name of sorted.filter((one) => !chosen.has(one))) {
    const portable = portableName(name)
    let candidate = portable
    let number = next.get(portable) ?? 2
    while (taken.has(foldName(candidate))) {
      candidate = suffixedName(portable, `~${number}`)
      number++
    }
    next.set(portable, number)
    choose(name, candidate)
  }
  return chosen
}

/** Why names cannot lie in one folder on every system, as the end of a sentence; of those that can, nothing. */
export function nameProblems(names: readonly string[]): Map<string, string> {
  const problems = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const name of [...new Set(names)].sort()) {
    const problem = nameProblem(name)
    const other = taken.get(foldName(name))
    if (problem !== undefined) {
      problems.set(name, `its name has ${problem}`)
    } else if (other !== undefined) {
      problems.set(name, `some systems take its name for the same as ${printable(other)}`)
    } else {
      taken.set(foldName(name), name)
    }
  }
  return problems
}
