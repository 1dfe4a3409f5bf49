/** A real browser without a window, for the dashboard: Debian's Chromium, or what `CHROMIUM` says. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const USUAL_PATH = '/usr/bin/chromium'

/** It asks nobody for anything: no updates, no lists, no account. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** Where a Chromium is looked for. */
export function chromiumPath(): string {
  return process.env['CHROMIUM'] ?? USUAL_PATH
}

/** Why there is no browser; undefined where there is one. */
export function browserProblem(): string | undefined {
  return existsSync(chromiumPath())
    ? undefined
    : `no Chromium at ${chromiumPath()}: browser tests are not run`
}

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: chromiumPath(), args: FLAGS })
}
