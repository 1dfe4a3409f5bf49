/**
 * The limit on a process's address space (`ulimit -v`). If it is too low, V8 aborts the process in the middle of its
 * work, with a dump and no sentence.
 */
import { readFileSync } from 'node:fs'
import { PotluckError } from '../core/errors.ts'
import { formatBytes } from '../core/units.ts'

const GIB = 1024 ** 3

/** A peer ran with 1.7 GiB, and not with 1.4: its store's thread reserves 0.8 GiB. Its buffers need more on top. */
export const PEER_ADDRESS_SPACE_BYTES = 2 * GIB

/** A coordinator ran with 1.1 GiB, and not with 1.0. */
export const COORDINATOR_ADDRESS_SPACE_BYTES = 1.25 * GIB

/**
 * @param limits the content of `/proc/self/limits`
 * @returns undefined if there is room, or nothing is known of it
 */
export function addressSpaceProblem(limits: string, neededBytes: number): string | undefined {
  const allowed = Number(/^Max address space +(\d+) /m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  return allowed >= neededBytes
    ? undefined
    : `this process may use ${formatBytes(allowed)} of address space (ulimit -v), and needs ${formatBytes(neededBytes)}; raise the limit, or lift it with "ulimit -v unlimited"`
}

/** @throws PotluckError CONFIGURATION if there is less than that */
export function requireAddressSpace(neededBytes: number): void {
  const problem = addressSpaceProblem(limitsOfThisProcess(), neededBytes)
  if (problem !== undefined) {
    throw new PotluckError('CONFIGURATION', problem)
  }
}

/** Only Linux has this file; elsewhere nothing is known. */
function limitsOfThisProcess(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
