// Writes the manual pages to man/, or to the given folder. Reads the compiled modules.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { manPage } from '../dist/modules/cli/man-page.js'
import { packageVersion } from '../dist/modules/package.js'
import { pages } from '../dist/modules/programs.js'

const [folder = 'man'] = process.argv.slice(2)
const all = pages()
mkdirSync(folder, { recursive: true })
for (const page of all) {
  const seeAlso = all.map(({ name }) => name).filter((name) => name !== page.name)
  writeFileSync(join(folder, `${page.name}.1`), manPage({ ...page, version: packageVersion(), seeAlso }))
}
