/** All that can be typed after `potluck`, for what is made of it: completions of shells, and manual pages. */
import type { Command } from 'commander'
import { type CommandName, installedCall } from './cli/calls.ts'
import { completionProgram } from './cli/completion-command.ts'
import { coordinatorProgram } from './cli/coordinator-command.ts'
import { hostProgram } from './cli/host-command.ts'
import { joinProgram } from './cli/join-command.ts'
import type { Manual } from './cli/manual.ts'
import {
  completionManual,
  coordinatorManual,
  hostManual,
  joinManual,
  peerManual,
  potluckManual,
  startManual,
  startNowManual
} from './cli/manuals.ts'
import { peerProgram } from './cli/peer-command.ts'
import { COMMANDS, potluckProgram } from './cli/potluck-command.ts'
import { addReportCommand } from './cli/report-command.ts'
import { startNowProgram } from './cli/start-now-command.ts'
import { startProgram } from './local-run/options.ts'

/** A new one for each call, called as after an install. */
const PROGRAMS: Readonly<Record<CommandName, () => Command>> = {
  host: () => hostProgram(installedCall),
  join: () => joinProgram(installedCall),
  'start-now': () => startNowProgram(installedCall),
  coordinator: () => {
    const program = coordinatorProgram(installedCall)
    addReportCommand(program)
    return program
  },
  peer: () => peerProgram(installedCall),
  start: () => startProgram(installedCall),
  completion: () => completionProgram(installedCall)
}

const NAMES = [
  'host',
  'join',
  'start-now',
  'coordinator',
  'peer',
  'start',
  'completion'
] as const satisfies CommandName[]

/** Each command with all that it takes, in the order of the help. */
export function programs(): ReadonlyMap<string, Command> {
  return new Map(NAMES.map((name) => [name, PROGRAMS[name]().summary(COMMANDS[name])]))
}

/** A manual page: its name, a line that says what it is of, and what it is made of. */
export interface Page {
  name: string
  summary: string
  program: Command
  manual: Manual
}

const MANUALS: Readonly<Record<CommandName, (own: string) => Manual>> = {
  host: hostManual,
  join: joinManual,
  'start-now': startNowManual,
  coordinator: coordinatorManual,
  peer: peerManual,
  start: startManual,
  completion: completionManual
}

/** `potluck` itself, and each of its commands. */
export function pages(): Page[] {
  const whole = potluckProgram('potluck', installedCall)
  return [
    {
      name: 'potluck',
      summary: 'copies the files of a group of machines to all of them',
      program: whole,
      manual: potluckManual('potluck', installedCall)
    },
    ...NAMES.map((name) => ({
      name: `potluck-${name}`,
      summary: COMMANDS[name],
      program: PROGRAMS[name](),
      manual: MANUALS[name](installedCall(name))
    }))
  ]
}
