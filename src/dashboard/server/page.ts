/** The dashboard's page: everything that it needs is of this package or a dependency, and is served from here. */

import type { Route } from '../../http/server.ts'
import { fileOfPackage } from '../../package.ts'
import { loadAssets } from './assets.ts'

const PAGE_FILES = {
  '/': 'index.html',
  '/dashboard.css': 'dashboard.css',
  '/icon.svg': 'icon.svg',
  '/page.js': 'page.js'
}

const CHARTS_FILES = { '/uplot/uPlot.min.css': 'uPlot.min.css' }

/** By path. */
export async function loadPage(): Promise<Array<[path: string, route: Route]>> {
  const loaded = await Promise.all([
    loadAssets(fileOfPackage('dist/assets/'), PAGE_FILES),
    loadAssets(new URL('./', import.meta.resolve('uplot')), CHARTS_FILES)
  ])
  return loaded.flat()
}
