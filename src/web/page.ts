/** The dashboard's page: everything that it needs is of this package or a dependency, and is served from here. */
import { fileOfPackage } from '../package.ts'
import { loadAssets } from './assets.ts'
import type { Route } from './server.ts'

const PAGE_FILES = {
  '/': 'web/index.html',
  '/dashboard.css': 'web/dashboard.css',
  '/icon.svg': 'web/icon.svg',
  '/page.js': 'dist/page.js'
}

const CHARTS_FILES = { '/uplot/uPlot.min.css': 'uPlot.min.css' }

/** By path. */
export async function loadPage(): Promise<Array<[path: string, route: Route]>> {
  const loaded = await Promise.all([
    loadAssets(fileOfPackage(''), PAGE_FILES),
    loadAssets(new URL('./', import.meta.resolve('uplot')), CHARTS_FILES)
  ])
  return loaded.flat()
}
