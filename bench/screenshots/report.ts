/** Pictures of the report of a real run. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { PACKAGE_FOLDER } from '#potluck/package.js'
import { launchBrowser } from '../machine/browser.ts'
import { smallPng } from './small-png.ts'

const SIZE = '160MiB'

/** Writes `report.png`, `report-dark.png` and `report-phone.png`. */
export async function takeReport(folder: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'potluck-report-'))
  try {
    const run = join(scratch, 'run')
    await promisify(execFile)(process.execPath, ['dist/swarm.js', '--size', SIZE, '--dir', run], {
      cwd: PACKAGE_FOLDER
    })
    const report = pathToFileURL(join(run, 'logs', 'report.html')).href
    await picture(report, join(folder, 'report.png'), { width: 1100, dark: false })
    await picture(report, join(folder, 'report-dark.png'), { width: 1100, dark: true })
    await picture(report, join(folder, 'report-phone.png'), { width: 360, dark: false })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function picture(
  url: string,
  path: string,
  { width, dark }: { width: number; dark: boolean }
): Promise<void> {
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage({
      viewport: { width, height: 800 },
      colorScheme: dark ? 'dark' : 'light'
    })
    await page.goto(url)
    await writeFile(path, smallPng(await page.screenshot({ fullPage: true })))
  } finally {
    await browser.close()
  }
}
