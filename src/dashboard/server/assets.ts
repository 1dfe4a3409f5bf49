/** Files of this package that are served as they are: read once, at the start. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Route } from '../../http/server.ts'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml'
}

/** A route for each path of the table, to the file in the folder. The table is ours: nobody else names files. */
export async function loadAssets(
  folder: URL,
  files: Readonly<Record<string, string>>
): Promise<Array<[path: string, route: Route]>> {
  return await Promise.all(
    Object.entries(files).map(async ([path, file]): Promise<[string, Route]> => {
      const type = CONTENT_TYPES[extname(file)] ?? 'application/octet-stream'
      return [path, assetRoute(await readFile(new URL(file, folder)), type)]
    })
  )
}

/** Serves the bytes; a browser that has them already is told so. */
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
