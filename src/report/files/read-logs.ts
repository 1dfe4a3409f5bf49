/** Reads log files into records: the given files, and the `.jsonl` files of the given folders. */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOf, messageOf, PotluckError } from '../../core/errors.ts'
import { printable } from '../../core/names.ts'
import { LogRecords } from '../log-records.ts'

const LOG_FILE = /\.jsonl$/

/** The catalog of a hundred thousand files is one line of 30 MB. */
const MAX_LINE_BYTE_LENGTH = 64 * 1024 * 1024

const READ_BYTE_LENGTH = 256 * 1024

const LINE_END = 0x0a

/** @throws PotluckError CONFIGURATION when something cannot be read; the signal's reason */
export async function readLogs(paths: readonly string[], signal?: AbortSignal): Promise<LogRecords[]> {
  const files: string[] = []
  for (const path of paths) {
    files.push(...(await filesOf(path)))
  }
  const records: LogRecords[] = []
  for (const file of new Set(files)) {
    const log = new LogRecords(basename(file))
    try {
      await forEachLine(file, (line) => log.note(line), signal)
    } catch (error) {
      signal?.throwIfAborted()
      throw unreadable(file, error)
    }
    records.push(log)
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

/**
 * Calls with each line of a file, without its end; `undefined` stands for a line that is too long to be an event. Uses
 * bounded memory whatever the file is. Rejects if reading fails.
 */
export async function forEachLine(
  path: string,
  onLine: (line: string | undefined) => void,
  signal?: AbortSignal,
  maxByteLength = MAX_LINE_BYTE_LENGTH
): Promise<void> {
  const kept: Buffer[] = []
  let keptByteLength = 0
  let tooLong = false
  const keep = (part: Buffer): void => {
    keptByteLength += part.byteLength
    tooLong ||= keptByteLength > maxByteLength
    if (tooLong) {
      kept.length = 0
    } else {
      kept.push(part)
    }
  }
  const end = (): void => {
    onLine(tooLong ? undefined : Buffer.concat(kept).toString('utf8'))
    kept.length = 0
    keptByteLength = 0
    tooLong = false
  }
  const stream = createReadStream(path, {
    highWaterMark: READ_BYTE_LENGTH,
    ...(signal === undefined ? {} : { signal })
  })
  for await (const chunk of stream) {
    const bytes: Buffer = chunk
    let from = 0
    for (let to = bytes.indexOf(LINE_END); to >= 0; to = bytes.indexOf(LINE_END, from)) {
      keep(bytes.subarray(from, to))
      end()
      from = to + 1
    }
    if (from < bytes.byteLength) {
      keep(bytes.subarray(from))
    }
  }
  if (keptByteLength > 0) {
    end()
  }
}
