/** Where this package lies, which version it is, and the files that it brings. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PACKAGE_URL = packageAbove(import.meta.url)

/** The folder that holds package.json, config/ and dist/. */
export const PACKAGE_FOLDER = fileURLToPath(PACKAGE_URL)

/** @param path relative to the package, with `/` between its parts; a folder's ends with one */
export function fileOfPackage(path: string): URL {
  return new URL(path, PACKAGE_URL)
}

/** The `version` of package.json. */
export function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(fileOfPackage('package.json'), 'utf8'))
  return version
}

/** Where a module lies depends on whether it was bundled: the nearest folder above it that has a package.json. */
function packageAbove(moduleUrl: string): URL {
  for (let folder = new URL('.', moduleUrl); ; ) {
    if (existsSync(new URL('package.json', folder))) {
      return folder
    }
    const above = new URL('..', folder)
    if (above.href === folder.href) {
      throw new Error(`no package.json lies above ${moduleUrl}`)
    }
    folder = above
  }
}
