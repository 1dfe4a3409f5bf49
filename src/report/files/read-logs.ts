/** Reads log files into records: those that are named, and the `.jsonl` files of folders that are. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOf, messageOf, PotluckError } from '../../core/errors.ts'
import { printable } from '../../core/names.ts'
import { type LogRecords, LogReduction } from '../log-reduction.ts'
import { forEachLine } from './log-lines.ts'

const LOG_FILE = /\.jsonl$/

/** @throws PotluckError CONFIGURATION when something cannot be read; the signal's reason */
export async function readLogs(paths: readonly string[], signal?: AbortSignal): Promise<LogRecords[]> {
  const files: string[] = []
  for (const path of paths) {
    files.push(...(await filesOf(path)))
  }
  const records: LogRecords[] = []
  for (const file of new Set(files)) {
    const reduction = new LogReduction(basename(file))
    try {
      await forEachLine(file, (line) => reduction.note(line), signal)
    } catch (error) {
      signal?.throwIfAborted()
      throw unreadable(file, error)
    }
    records.push(reduction.records)
  }
  return records
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) {
      return [path]
    }
    const names = (await readdir(path)).filter((name) => LOG_FILE.test(name)).sort()
    return names.map((name) => join(path, name))
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): PotluckError {
  const why = codeOf(error) === 'ENOENT' ? 'there is no such file or folder' : messageOf(error)
  return new PotluckError(
    'CONFIGURATION',
    `The log ${printable(path)} cannot be read: ${why}. Name .jsonl files that coordinators and peers have written, or the folders of these.`,
    { cause: error }
  )
}
