/** The command behind `npm run torture`: every torment at its full count, or at a share of it. */
import { InvalidArgumentError, Option } from 'commander'
import { createProgram } from '#potluck/cli/command.js'
import type { Output } from '#potluck/cli/output.js'
import { messageOf } from '#potluck/core/errors.js'
import { tableOf } from '#potluck/view/table.js'
import { someOf } from '../machine/arguments.ts'
import { runInterruptible } from '../machine/interruptible.ts'
import { falseFrames } from './frames.ts'
import { killsAtAnyTime, killsAtCalls } from './kills.ts'
import { lyingPeers } from './liars.ts'
import { hostileNames } from './names.ts'
import { powerLosses } from './power-loss.ts'
import { killsOfSwarms } from './swarm-kills.ts'
import type { Torment } from './torments.ts'

const TORMENTS: readonly Torment[] = [
  killsAtCalls,
  killsAtAnyTime,
  killsOfSwarms,
  powerLosses,
  hostileNames,
  falseFrames,
  lyingPeers
]
const NAMES = TORMENTS.map(({ name }) => name)

/** The exit code after a broken promise. */
const BROKEN_EXIT_CODE = 1

/** How often the progress of a torment is printed. */
const PROGRESS_INTERVAL_MS = 10_000

interface TortureOptions {
  seed: number
  only: readonly string[]
  share: number
}

/** @throws CommanderError */
export function readTortureArguments(argv: string[]): TortureOptions {
  const figures = TORMENTS.map(
    ({ name, what, figure, unit, minutes }) =>
      `  ${name.padEnd(7)} ${figure.toLocaleString('en')} ${unit}, about ${minutes} min: ${what}`
  )
  return createProgram(
    'npm run torture --',
    'Kills, cuts the power, sends false frames and hostile names, has peers lie, over and over, and looks whether anything is lost or wrong.'
  )
    .addOption(
      new Option('--seed <number>', 'decides all that is random')
        .argParser(parseSeed)
        .default(Date.now() % 1_000_000, 'another one each time')
    )
    .addOption(
      new Option('--only <torments>', `some of ${NAMES.join(',')}`)
        .argParser(someOf(NAMES))
        .default(NAMES, 'all')
    )
    .addOption(new Option('--share <part>', 'of the figures below').argParser(parseShare).default(1))
    .addHelpText('after', `\n${figures.join('\n')}\n\nThe minutes are of two cores of a cloud machine.`)
    .parse(argv, { from: 'user' })
    .opts<TortureOptions>()
}

/** Resolves with the exit code. */
export async function tortureCommand(argv: string[], output: Output): Promise<number> {
  const { seed, only, share } = readTortureArguments(argv)
  const { screen } = output
  let isBroken = false
  screen.line(`seed ${seed}`)
  const exitCode = await runInterruptible(output, 'removing the files', async (signal) => {
    const rows: string[][] = []
    for (const torment of TORMENTS.filter(({ name }) => only.includes(name))) {
      const count = Math.max(1, Math.round(torment.figure * share))
      const outcome = await tormented(torment, count, seed, signal, (line) => screen.line(line))
      isBroken ||= outcome.why !== undefined
      rows.push([
        torment.name,
        `${outcome.done.toLocaleString('en')} ${torment.unit}`,
        seconds(outcome.elapsedMs),
        outcome.why === undefined ? 'held' : 'BROKEN'
      ])
      if (outcome.why !== undefined) {
        screen.line(`${torment.name}: ${outcome.why}`)
        screen.line(`again: npm run torture -- --only ${torment.name} --seed ${seed} --share ${share}`)
      }
    }
    screen.line(...tableOf(['torment', 'done', 'time', 'the promise'], rows))
  })
  return isBroken ? BROKEN_EXIT_CODE : exitCode
}

interface Outcome {
  done: number
  elapsedMs: number
  /** Undefined if the promise held. */
  why: string | undefined
}

async function tormented(
  torment: Torment,
  count: number,
  seed: number,
  signal: AbortSignal,
  tell: (line: string) => void
): Promise<Outcome> {
  const startedAtMs = performance.now()
  let reportedAtMs = startedAtMs
  let done = 0
  const onProgress = (now: number): void => {
    done = now
    if (performance.now() - reportedAtMs > PROGRESS_INTERVAL_MS) {
      reportedAtMs = performance.now()
      tell(`${torment.name}: ${done.toLocaleString('en')} of ${count.toLocaleString('en')} ${torment.unit}`)
    }
  }
  try {
    await torment.run({ count, seed, signal, onProgress })
    return { done, elapsedMs: performance.now() - startedAtMs, why: undefined }
  } catch (error) {
    signal.throwIfAborted()
    return { done, elapsedMs: performance.now() - startedAtMs, why: withCauses(error) }
  }
}

/** The error, and its causes. */
function withCauses(error: unknown): string {
  const { cause } = error instanceof Error ? error : {}
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${withCauses(cause)}`
}

function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1000).toFixed(1)} s`
}

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError('It has to be a whole number below 1,000,000,000.')
  }
  return Number(text)
}

function parseShare(text: string): number {
  const share = Number(text)
  if (!(share > 0 && share <= 1)) {
    throw new InvalidArgumentError('It has to be more than 0 and at most 1.')
  }
  return share
}
