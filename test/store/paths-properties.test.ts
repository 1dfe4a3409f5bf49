import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { foldName } from '#potluck/core/names.js'
import { NameTable } from '#potluck/store/name-table.js'
import { fc } from '../fixtures/properties.js'

describe('name table', () => {
  const name = fc.constantFrom('a', 'A', 'b', '\u00e9', 'e\u0301')
  const claims = fc.array(
    fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
      kind: fc.constantFrom('file' as const, 'folder' as const)
    }),
    { maxLength: 8 }
  )

  /** Every pair compared, in the plainest way. */
  function meets(
    fold: (text: string) => string,
    one: string,
    oneKind: string,
    other: string,
    otherKind: string
  ): boolean {
    const [shorter, longer, shorterKind] =
      one.split('/').length <= other.split('/').length ? [one, other, oneKind] : [other, one, otherKind]
    const parts = shorter.split('/')
    const above = longer.split('/').slice(0, parts.length)
    for (const [depth, part] of parts.entries()) {
      if (fold(part) !== fold(above[depth] ?? '')) {
        return false
      }
      if (part !== above[depth]) {
        return true
      }
    }
    return shorter.length === longer.length || shorterKind === 'file'
  }

  for (const [what, fold] of [
    ['folds', foldName],
    ['tells all apart', (text: string) => text]
  ] as const) {
    it(`fault 35: finds what meets on a file system that ${what}`, () => {
      fc.assert(
        fc.property(claims, (all) => {
          const table = new NameTable(fold)
          const taken: typeof all = []
          for (const { path, kind } of all) {
            const expected = taken.some((one) => meets(fold, one.path, one.kind, path, kind))
            const meeting = table.claim(path, kind, path)
            assert.equal(meeting !== undefined, expected, `${path} after ${taken.map((one) => one.path)}`)
            if (meeting !== undefined) {
              return
            }
            taken.push({ path, kind })
            assert.ok(table.has(path))
          }
        })
      )
    })
  }
})
