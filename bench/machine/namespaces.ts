/** Network namespaces: made from a plan, removed again, and cleaned up after a killed benchmark. Root on Linux only. */
import { PotluckError } from '#potluck/core/errors.js'
import { outputOf, succeedsNow } from './commands.ts'
import { isLeftOver } from './leftovers.ts'
import type { NamespacePlan } from './network-commands.ts'
import type { Package } from './packages.ts'

export const IPROUTE: Package = {
  name: 'iproute2',
  what: 'makes namespaces and shapes links',
  probe: ['ip', '-Version']
}

export class Namespaces {
  readonly #names: readonly string[]
  /** Also runs when the process ends in any way except by a signal without a handler. */
  readonly #removeNow = (): void => {
    for (const name of this.#names) {
      succeedsNow(['ip', 'netns', 'delete', name])
    }
  }

  private constructor(names: readonly string[]) {
    this.#names = names
    process.on('exit', this.#removeNow)
  }

  /** @throws PotluckError CONFIGURATION when this system or this user cannot make them */
  static async make({ commands, namespaces }: NamespacePlan): Promise<Namespaces> {
    const made = new Namespaces(namespaces)
    try {
      for (const command of commands) {
        await outputOf(command)
      }
    } catch (error) {
      made.remove()
      throw error
    }
    return made
  }

  remove(): void {
    this.#removeNow()
    process.off('exit', this.#removeNow)
  }
}

/** Removes those of processes that are gone, by their names. Returns how many. */
export async function sweepNamespaces(prefix: string): Promise<number> {
  const lines = (await outputOf(['ip', 'netns', 'list'])).split('\n')
  const names = lines.map((line) => line.split(' ')[0] ?? '').filter((name) => isLeftOver(prefix, name))
  for (const name of names) {
    await outputOf(['ip', 'netns', 'delete', name])
  }
  return names.length
}

/** @param bench the beginning of the error's sentence. @throws PotluckError CONFIGURATION */
export function requireRootOnLinux(bench: string): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new PotluckError(
      'CONFIGURATION',
      `${bench} makes network namespaces and shapes their links, which only root on Linux can. Run it as root on a Linux machine or in a virtual machine; "npm run simulate" needs neither.`
    )
  }
}
