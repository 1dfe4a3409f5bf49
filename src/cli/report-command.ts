/**
 * The report of a run: written when a coordinator ends, or made from logs by `node dist/coordinator.js report LOGS…`.
 */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { EXIT_CODES, messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { RunRecords } from '../report/choose-run.ts'
import { CoordinatorRecord } from '../report/records.ts'
import { callOf } from './calls.ts'
import type { Output } from './output.ts'
import { absolute, checkRelative, shownPath } from './working-folder.ts'

export interface ReportArguments {
  /** Logs, and folders of logs. */
  paths: string[]
  /** Where to write the report; by default, where the first log is. */
  folder: string | undefined
}

export function addReportCommand(program: Command, onGiven?: (given: ReportArguments) => void): void {
  program
    .command('report')
    .description('make report.html and report.json again, from the logs of a finished run')
    .argument('<logs...>', 'the .jsonl files of the coordinator and of peers, or folders of them')
    .option('--out <folder>', 'folder for both files (default: beside the logs)')
    .showHelpAfterError(`See "${callOf('coordinator')} report --help" for its arguments.`)
    .action((paths: string[], { out }: { out?: string }) => onGiven?.({ paths, folder: out }))
}

/** @returns the exit code. @throws PotluckError CONFIGURATION, DISK */
export async function reportCommand({ paths, folder }: ReportArguments, output: Output): Promise<number> {
  checkRelative([...paths, folder])
  const page = await reportFromLogs(paths, folder ?? folderOf(paths[0] ?? '.'))
  output.screen.line(`Report: ${shownPath(page)}`)
  return EXIT_CODES.ok
}

/** A folder itself, or the folder of a file. */
function folderOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : dirname(path)
}

/** @returns the path of the page. @throws PotluckError CONFIGURATION, DISK; the signal's reason */
export async function reportFromLogs(
  paths: readonly string[],
  folder: string,
  signal?: AbortSignal
): Promise<string> {
  const [{ readLogs }, { chooseRun }] = await Promise.all([
    import('../report/files/read-logs.ts'),
    import('../report/choose-run.ts')
  ])
  const run = chooseRun(await readLogs(paths, signal))
  if (run === undefined) {
    throw new PotluckError(
      'CONFIGURATION',
      `There is no run in ${paths.map(printable).join(', ')}: name the .jsonl files that a coordinator or peers have written, or a folder of them.`
    )
  }
  return await writeReportOf(run, folder)
}

/** The modules of the report are loaded when one is made, so that no run waits for them at its start. */
async function writeReportOf(run: RunRecords, folder: string): Promise<string> {
  const [{ buildReport }, { writeReport }] = await Promise.all([
    import('../report/build-report.ts'),
    import('../report/files/write-report.ts')
  ])
  return await writeReport(folder, buildReport(run, Date.now()))
}

/** Listens to a coordinator, and writes the report after its end. */
export class LiveReport {
  readonly #folder: string
  readonly #output: Output
  readonly #record = new CoordinatorRecord()

  constructor(folder: string, output: Output) {
    this.#folder = absolute(folder)
    this.#output = output
  }

  note(event: CoordinatorEvent): void {
    this.#record.note(event)
  }

  /** If the report cannot be written, the run was no worse for it: the failure is printed, and nothing else changes. */
  async write(): Promise<void> {
    if (!this.#record.isRun) {
      return
    }
    try {
      const coordinator = { record: this.#record, source: 'live' } as const
      const page = await writeReportOf({ coordinator, peers: [], leftOut: [], brokenLines: 0 }, this.#folder)
      this.#output.screen.line(`Report: ${shownPath(page)}`)
    } catch (error) {
      this.#output.complain(messageOf(error))
    }
  }
}
