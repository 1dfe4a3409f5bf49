/** A real browser without a window, for the dashboard: Debian's Chromium, or the one in `CHROMIUM`. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const USUAL_PATH = '/usr/bin/chromium'

/** It contacts no other server: no updates, no lists, no account. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

/** The paths where a Chromium may be. */
export function chromiumPath(): string {
  return process.env['CHROMIUM'] ?? USUAL_PATH
}

/** The reason why there is no browser; undefined if there is one. */
export function browserProblem(): string | undefined {
  return existsSync(chromiumPath())
    ? undefined
    : `no Chromium at ${chromiumPath()}: browser tests are not run`
}

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: chromiumPath(), args: FLAGS })
}
