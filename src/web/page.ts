/** The dashboard's page: everything that it needs is of this package or a dependency, and is served from here. */
import { loadAssets } from './assets.ts'
import type { Route } from './server.ts'

/** Beside `dist`. */
const PAGE_FOLDER = new URL('../../web/', import.meta.url)

const PAGE_FILES = {
  '/': 'index.html',
  '/dashboard.css': 'dashboard.css',
  '/icon.svg': 'icon.svg'
}

/** Compiled modules that run in the browser, those of the page and those it shares, at the same places as in `dist`. */
const MODULES_FOLDER = new URL('../', import.meta.url)

const MODULES = [
  'page/main.js',
  'page/curves.js',
  'page/dom.js',
  'page/flows.js',
  'page/grid.js',
  'page/log.js',
  'page/maps.js',
  'page/overview.js',
  'page/peers.js',
  'page/state.js',
  'page/theme.js',
  'protocols/names.js',
  'protocols/units.js',
  'view/names.js',
  'view/units.js'
]

const CHARTS_FOLDER = new URL('./', import.meta.resolve('uplot'))

const CHARTS_FILES = {
  '/uplot/uPlot.esm.js': 'uPlot.esm.js',
  '/uplot/uPlot.min.css': 'uPlot.min.css'
}

/** By path. */
export async function loadPage(): Promise<Array<[path: string, route: Route]>> {
  const modules = Object.fromEntries(MODULES.map((file) => [`/${file}`, file]))
  const loaded = await Promise.all([
    loadAssets(PAGE_FOLDER, PAGE_FILES),
    loadAssets(MODULES_FOLDER, modules),
    loadAssets(CHARTS_FOLDER, CHARTS_FILES)
  ])
  return loaded.flat()
}
