/** Parses arguments that several benchmarks have. */
import { InvalidArgumentError, Option } from 'commander'
import { PotluckError } from '#potluck/core/errors.js'
import { parseByteLength } from '#potluck/local-run/options.js'

/** The limit for one measurement; no one would wait for more. */
const MAX_RUNS = 100

/** A parser of names separated by commas; it returns them in the order of `names`. */
export function someOf<Name extends string>(names: readonly Name[]): (text: string) => Name[] {
  return (text) => {
    const words = text.split(',')
    const chosen = names.filter((name) => words.includes(name))
    if (chosen.length !== words.length) {
      throw new InvalidArgumentError(`It has to be some of ${names.join(',')}, with commas between them.`)
    }
    return chosen
  }
}

/** `--runs`, for a benchmark whose table shows medians. */
export function runsOption(defaultRuns: number): Option {
  return new Option('--runs <number>', 'how often each is run; the table shows medians')
    .default(defaultRuns)
    .argParser(parseRuns)
}

export function parseRuns(text: string): number {
  const runs = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(runs >= 1 && runs <= MAX_RUNS)) {
    throw new InvalidArgumentError(`It has to be a whole number from 1 to ${MAX_RUNS}.`)
  }
  return runs
}

/** `64MiB`. @throws PotluckError CONFIGURATION when it is no size, or 0 */
export function parsePositiveByteLength(text: string, flag: string): number {
  const byteLength = parseByteLength(text, flag)
  if (byteLength === 0) {
    throw new PotluckError('CONFIGURATION', `${flag} cannot be 0: there has to be something to send.`)
  }
  return byteLength
}
