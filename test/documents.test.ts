/** The targets of the documents exist: links between them, and the code's names and paths. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, it } from 'node:test'

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'deploy/README.md'],
  ...filesIn('docs', '.md').filter((path) => !path.startsWith('docs/api/'))
]

/** These describe the code at the time when they were written. */
const HISTORY = /^(CHANGELOG|docs\/decisions)/

const ROOMS = ['src', 'sim', 'test/world', 'bench']

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => posix.join(folder, String(name).replaceAll('\\', '/')))
    .filter((path) => path.endsWith(extension))
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): string[] {
  return [...readFileSync(document, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-')
  )
}

describe('documents', () => {
  for (const document of DOCUMENTS) {
    it(`${document} links to what is there`, () => {
      const links = readFileSync(document, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)
      for (const [link, path = '', anchor] of links) {
        const target = path === '' ? document : posix.join(posix.dirname(document), path)
        assert.ok(existsSync(target), link)
        assert.ok(anchor === undefined || anchorsOf(target).includes(anchor), link)
      }
    })
  }

  it('the map names every document', () => {
    const map = readFileSync('docs/README.md', 'utf8')
    const missing = filesIn('docs', '.md').filter(
      (path) => path !== 'docs/README.md' && !map.includes(`](${posix.relative('docs', path)})`)
    )
    assert.deepEqual(missing, [])
  })

  it('the files of the code that they name are there', () => {
    const files = ['src', 'sim', 'test', 'bench', 'scripts'].flatMap((room) => filesIn(room, '.ts'))
    for (const document of DOCUMENTS.filter((path) => !HISTORY.test(path))) {
      for (const [, name = ''] of readFileSync(document, 'utf8').matchAll(/`([\w./-]+\.ts)`/g)) {
        assert.ok(
          files.some((file) => `/${file}`.endsWith(`/${name}`)),
          `${name} of ${document}`
        )
      }
    }
  })

  it('the glossary is in order, and its names are in the code', () => {
    const code = ROOMS.flatMap((room) => filesIn(room, '.ts'))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n')
    const rows = readFileSync('docs/glossary.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2)
    const words = rows.map((row) => row.split('|')[1]?.trim())
    assert.deepEqual(words, [...words].sort())
    assert.ok(words.length > 50)
    for (const row of rows) {
      const [, , , places = ''] = row.split('|')
      const names = [...places.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
      assert.ok(names.length > 0, row)
      for (const name of names) {
        const isThere =
          name.includes('/') || name.endsWith('.ts')
            ? existsSync(name) || existsSync(`src/${name}`)
            : name.split('.').every((part) => new RegExp(`\\b${part}\\b`).test(code))
        assert.ok(isThere, `${name} of ${row}`)
      }
    }
  })
})
