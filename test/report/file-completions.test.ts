/** Completions of files, beside a plain list of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileCompletions } from '#potluck/report/file-completions.js'
import { fc } from '../fixtures/properties.js'

interface Told {
  file: number
  peer: string
  atMs: number
}

const told = fc.array<Told>(
  fc.record({
    file: fc.integer({ min: 0, max: 70 }),
    peer: fc.constantFrom<string>('ann', 'ben', 'cat'),
    atMs: fc.integer({ min: 0, max: 1000 })
  }),
  { maxLength: 150, size: 'max' }
)

test('each file has its first and last time and its copies, whatever is told twice', () => {
  fc.assert(
    fc.property(told, told, (before, after) => {
      const completions = new FileCompletions()
      const plain = new Map<string, number>()
      const add = (all: FileCompletions, { file, peer, atMs }: Told): void => {
        // What ann brought, she does not complete.
        const origin = file % 2 === 0 ? 'ann' : 'dan'
        all.add({ file: `f${file}`, origin, byteLength: file, md5: '' }, peer, atMs)
      }
      const note = ({ file, peer, atMs }: Told): void => {
        const key = `f${file} ${peer}`
        if (!(file % 2 === 0 && peer === 'ann') && !plain.has(key)) {
          plain.set(key, atMs)
        }
      }
      for (const one of before) {
        add(completions, one)
        note(one)
      }
      const copy = completions.copy()
      const own = new FileCompletions()
      for (const one of after.map((each) => ({ ...each, peer: 'ben' }))) {
        add(own, one)
        note(one)
      }
      copy.addOf('ben', own)
      const expected = new Map<string, number[]>()
      for (const [key, atMs] of plain) {
        const file = key.split(' ')[0] ?? ''
        expected.set(file, [...(expected.get(file) ?? []), atMs])
      }
      const found = [...copy.all].map(({ file, copies, firstAtMs, lastAtMs }) => [
        file,
        [copies, firstAtMs, lastAtMs]
      ])
      assert.deepEqual(
        Object.fromEntries(found),
        Object.fromEntries(
          [...expected].map(([file, times]) => [file, [times.length, Math.min(...times), Math.max(...times)]])
        )
      )
      completions.addOf('ben', own)
      assert.deepEqual([...completions.all], [...copy.all], 'a copy leaves the other as it was')
    })
  )
})
