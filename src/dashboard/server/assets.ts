/** The dashboard's page: all its files are in this package, and are read once, at the start. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Route } from '../../http/server.ts'
import { fileOfPackage } from '../../package.ts'

/** By path: the file and its type. */
const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/dashboard.css': ['dashboard.css', 'text/css; charset=utf-8'],
  '/uplot/uPlot.min.css': ['uPlot.min.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8']
}

export async function loadPage(): Promise<Array<[path: string, route: Route]>> {
  const folder = fileOfPackage('dist/assets/')
  return await Promise.all(
    Object.entries(FILES).map(
      async ([path, [file, type]]): Promise<[string, Route]> => [
        path,
        assetRoute(await readFile(new URL(file, folder)), type)
      ]
    )
  )
}

/** Serves the bytes; a browser that has them already gets 304. */
export function assetRoute(body: Uint8Array, type: string): Route {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return ({ request, response }) => {
    response.setHeader('Cache-Control', 'no-cache')
    response.setHeader('ETag', etag)
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304).end()
      return
    }
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.byteLength }).end(body)
  }
}
