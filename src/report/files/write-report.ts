/**
 * Writes `report.html` and `report.json` into a folder, each completely or not at all. The newest report has these
 * names: an existing one of another run is moved aside (`report-<time>.html`), one of the same run is replaced.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import * as z from 'zod'
import { codeOf, messageOf, PotluckError } from '../../core/errors.ts'
import { printable } from '../../core/names.ts'
import { renameOver } from '../../files/rename-over.ts'
import { visibleJson } from '../../view/escape.ts'
import { reportPage } from '../html/page.ts'
import type { Report } from '../report.ts'

/** Identifies the run of an earlier report. */
const earlierSchema = z.object({ run: z.object({ id: z.string() }) })

/** A larger file of that name is moved aside unread. */
const MAX_EARLIER_BYTE_LENGTH = 64 * 1024 * 1024

const PAGE = 'report.html'
const DATA = 'report.json'

/** How many reports of one second get names. */
const MAX_SAME_NAMES = 1000

/** @returns the path of the page. @throws PotluckError DISK */
export async function writeReport(folder: string, report: Report): Promise<string> {
  try {
    await mkdir(folder, { recursive: true })
    await moveEarlierAside(folder, report.run.id)
    await replace(join(folder, DATA), `${visibleJson(JSON.stringify(report))}\n`)
    await replace(join(folder, PAGE), reportPage(report))
    return join(folder, PAGE)
  } catch (error) {
    throw new PotluckError(
      'DISK',
      `The report cannot be written to ${printable(folder)} (${messageOf(error)}). Make it from the logs, elsewhere: node dist/coordinator.js report LOGS… --out FOLDER`,
      { cause: error }
    )
  }
}

async function moveEarlierAside(folder: string, id: string): Promise<void> {
  const times = await Promise.all([PAGE, DATA].map((name) => modifiedAt(join(folder, name))))
  const atMs = Math.max(...times.map((time) => time ?? Number.NEGATIVE_INFINITY))
  if (!Number.isFinite(atMs) || (await idOf(join(folder, DATA))) === id) {
    return
  }
  const aside = await freeName(folder, `report-${timeInName(atMs)}`)
  for (const name of [PAGE, DATA]) {
    await rename(join(folder, name), join(folder, aside + extname(name))).catch(unlessAbsent)
  }
}

/** The run of the existing report; undefined if it is unknown. */
async function idOf(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path)
    return size > MAX_EARLIER_BYTE_LENGTH
      ? undefined
      : earlierSchema.parse(JSON.parse(await readFile(path, 'utf8'))).run.id
  } catch {
    // It is not ours, or cut: it counts as another run's.
    return undefined
  }
}

async function modifiedAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(unlessAbsent))?.mtimeMs
}

async function freeName(folder: string, name: string): Promise<string> {
  for (let number = 1; number < MAX_SAME_NAMES; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`
    const taken = [PAGE, DATA].map((file) => existsSync(join(folder, candidate + extname(file))))
    if (!taken.includes(true)) {
      return candidate
    }
  }
  throw new Error(`there are ${MAX_SAME_NAMES} reports called ${name} already`)
}

/** `2026-11-26-022015`, UTC: it sorts by time, and is valid as a name on every system. */
function timeInName(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')
}

async function replace(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(temporary, content)
    await renameOver(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function unlessAbsent(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') {
    return undefined
  }
  throw error
}
