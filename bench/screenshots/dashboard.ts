/** Pictures of the dashboard: 4 and 64 peers, light and dark, on a desktop and on a phone, and with a missing peer. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../machine/browser.ts'
import { type PicturedPeer, PicturedSwarm } from './pictured-swarm.ts'
import { smallPng } from './small-png.ts'

const KIB = 1024
const MIB = 1024 * KIB

interface View {
  file: string
  width: number
  dark: boolean
  /** More device pixels per CSS pixel, as on phones. */
  scale: number
}

const FEW: readonly PicturedPeer[] = [
  { name: 'client1', files: { 'film.mkv': 48 * MIB, 'film.en.srt': 90_000 } },
  { name: 'client2', files: { 'measurements/2026-11.parquet': 40 * MIB } },
  { name: 'client3', files: { 'album/01 Overture.flac': 20 * MIB, 'album/02 Andante.flac': 16 * MIB } },
  { name: 'client4', files: { 'backup.tar.zst': 56 * MIB } }
]

/** This many connections keep a machine busy: the files are small. */
const MANY: readonly PicturedPeer[] = Array.from({ length: 64 }, (_, index) => ({
  name: `client${index + 1}`,
  files: { 'part.bin': (1 + (index % 3)) * 64 * KIB }
}))

export async function takeDashboard(folder: string): Promise<void> {
  await takeFew(folder)
  await takeMany(folder)
}

async function takeFew(folder: string): Promise<void> {
  await pictures({ peers: FEW, chunkByteLength: 256 * KIB, share: 0.45 }, [
    { file: join(folder, 'dashboard.png'), width: 1280, dark: false, scale: 1 },
    { file: join(folder, 'dashboard-dark.png'), width: 1280, dark: true, scale: 1 },
    { file: join(folder, 'dashboard-phone.png'), width: 360, dark: false, scale: 1.5 }
  ])
}

export async function takeMany(folder: string): Promise<void> {
  await pictures({ peers: MANY, chunkByteLength: 64 * KIB, share: 0.3 }, [
    { file: join(folder, 'dashboard-64.png'), width: 1280, dark: false, scale: 1 },
    { file: join(folder, 'dashboard-64-phone.png'), width: 360, dark: true, scale: 1.5 }
  ])
}

interface Scene {
  peers: readonly PicturedPeer[]
  chunkByteLength: number
  /** The progress at which the pictures are taken. */
  share: number
}

/** Runs the swarm and takes its pictures during the run. */
async function pictures({ peers, chunkByteLength, share }: Scene, views: readonly View[]): Promise<void> {
  const browser = await launchBrowser()
  try {
    await PicturedSwarm.run(peers.length, chunkByteLength, async (swarm) => {
      const pages = await Promise.all(views.map((view) => open(browser, view, swarm.url)))
      await swarm.join(peers)
      for (const [index, view] of views.entries()) {
        const page = pages[index]
        if (page !== undefined) {
          await take(page, view, share)
        }
      }
    })
  } finally {
    await browser.close()
  }
}

async function take(page: Page, { file }: View, share: number): Promise<void> {
  await held(page, share)
  const png = await page.screenshot({ fullPage: true, animations: 'disabled' })
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, smallPng(png))
  const drawnMs = await page.evaluate(`performance.getEntriesByName('drawn').at(-1)?.duration`)
  process.stdout.write(`${file} (drawn in ${Number(drawnMs).toFixed(1)} ms)\n`)
}

/** Waits until all together have this much. The page's own policy lets no condition run in it. */
async function held(page: Page, share: number): Promise<void> {
  while (Number(await page.locator('#progress').getAttribute('value')) < 100 * share) {
    await sleep(100)
  }
}

async function open(browser: Browser, { width, dark, scale }: View, url: string): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    deviceScaleFactor: scale,
    colorScheme: dark ? 'dark' : 'light'
  })
  const page = await context.newPage()
  page.on('console', (message) => process.stderr.write(`the page: ${message.text()}\n`))
  page.on('pageerror', (error) => process.stderr.write(`the page: ${error.message}\n`))
  await page.goto(url)
  return page
}
