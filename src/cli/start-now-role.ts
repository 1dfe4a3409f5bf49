/** Has a running coordinator of this user start, or wait for another number of people. */
import type { Command } from 'commander'
import { EXIT_CODES, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { countOf, named } from '../core/units.ts'
import { callOf } from './calls.ts'
import { socketPaths } from './control-folder.ts'
import { askCoordinator, type ControlRequest, type CoordinatorStatus } from './control-socket.ts'
import type { Output } from './output.ts'

interface Running {
  path: string
  status: CoordinatorStatus
}

/** @returns the exit code @throws PotluckError COORDINATOR_UNREACHABLE, CONFIGURATION, REFUSED */
export async function runStartNow(program: Command, { screen }: Output): Promise<number> {
  const [which] = program.args
  const { peers } = program.opts<{ peers?: number | string }>()
  if (process.platform === 'win32') {
    throw new PotluckError(
      'CONFIGURATION',
      `${callOf('start-now')} does not work on Windows. Press Enter in the coordinator's window instead.`
    )
  }
  if (typeof peers === 'string') {
    throw new PotluckError(
      'CONFIGURATION',
      `--peers cannot be "${printable(peers)}": it must be a whole number.`
    )
  }
  const { path } = chosen(await allRunning(), which)
  const asked: ControlRequest = peers === undefined ? { ask: 'start' } : { ask: 'wait', expectedPeers: peers }
  const status = await askCoordinator(path, asked)
  if (status === undefined) {
    throw noneRuns()
  }
  screen.line(outcomeText(status))
  return EXIT_CODES.ok
}

/** @throws PotluckError when some run and none answers */
export async function allRunning(paths = socketPaths()): Promise<Running[]> {
  const asked = await Promise.allSettled(
    paths.map(async (path) => {
      const status = await askCoordinator(path, { ask: 'status' })
      return status === undefined ? [] : [{ path, status }]
    })
  )
  const running = asked
    .flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
    .sort((a, b) => Number(portOf(a.status)) - Number(portOf(b.status)))
  const failed = asked.find((each) => each.status === 'rejected')
  // One that hangs keeps nobody from the others.
  if (running.length === 0 && failed !== undefined) {
    throw failed.reason
  }
  return running
}

/** @param which its port or name; undefined if there is only one */
export function chosen<Each extends Pick<Running, 'status'>>(
  running: readonly Each[],
  which: string | undefined
): Each {
  if (running.length === 0) {
    throw noneRuns()
  }
  const fitting = running.filter(({ status }) => which === undefined || isCalled(status, which))
  if (fitting.length === 0) {
    throw new PotluckError(
      'CONFIGURATION',
      `No coordinator here has the port or the name "${printable(which ?? '')}". Those that run: ${listed(running)}.`
    )
  }
  const waiting = fitting.filter(({ status }) => status.isWaiting)
  const [first] = waiting
  if (first === undefined) {
    throw new PotluckError('REFUSED', 'The swarm has started already.')
  }
  if (waiting.length > 1) {
    throw new PotluckError(
      'CONFIGURATION',
      `${countOf(waiting.length, 'coordinator')} wait for people here: ${listed(waiting)}. Name one by its port, such as "${callOf('start-now')} ${portOf(first.status)}".`
    )
  }
  return first
}

function noneRuns(): PotluckError {
  return new PotluckError(
    'COORDINATOR_UNREACHABLE',
    'No coordinator of this user runs on this machine. Run this command on the machine of the coordinator, as the user who started it.'
  )
}

function isCalled(status: CoordinatorStatus, which: string): boolean {
  return status.name.toLowerCase() === which.toLowerCase() || portOf(status) === which
}

function portOf({ addresses }: CoordinatorStatus): string {
  return /\/tcp\/(\d+)/.exec(addresses[0] ?? '')?.[1] ?? ''
}

/** `coordinator at port 9000 (1 of 3 people)` */
function listed(running: readonly Pick<Running, 'status'>[]): string {
  return named(
    running.map(({ status }) => {
      const { name, names, expectedPeers, isWaiting } = status
      const state = isWaiting ? `${names.length} of ${people(expectedPeers)}` : 'started'
      return `${printable(name)} at port ${portOf(status)} (${state})`
    })
  )
}

export function outcomeText({ isWaiting, expectedPeers, names }: CoordinatorStatus): string {
  const who = named(names.map(printable))
  if (!isWaiting) {
    return `The swarm starts with ${people(names.length)}: ${who}.`
  }
  const here =
    names.length === 0
      ? 'nobody is here yet'
      : `${names.length} of them ${names.length === 1 ? 'is' : 'are'} here: ${who}`
  return `The coordinator waits for ${people(expectedPeers)} now; ${here}.`
}

function people(count: number): string {
  return countOf(count, 'person', 'people')
}
