// Runs every compiled test, or those whose path contains one of the arguments, and closes with a line that counts them.

import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, sep } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
// Tests that start a command start what was bundled: never of an earlier state.
import './bundle.js'

const wanted = process.argv.slice(2)

// These take longest: begun last, one of them would run on by itself when all others are done.
const LONGEST = ['odd-stores', 'nat', 'commands', 'torments', 'gather', 'stopped-peer', 'network-faults']
const rank = (file) => {
  const index = LONGEST.findIndex((name) => file.endsWith(`${sep}${name}.test.js`))
  return index === -1 ? LONGEST.length : index
}
const files = readdirSync('build/test', { recursive: true })
  .map((name) => join('build/test', name))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))

const counts = { passed: 0, failed: 0, skipped: 0 }
const count = (kind) => (event) => {
  if (event.details.type !== 'suite') {
    counts[event.skip !== undefined && event.skip !== false ? 'skipped' : kind]++
  }
}

// Two more than there are processors: some tests wait for half a minute until a silent connection is noticed.
run({ files, concurrency: availableParallelism() + 2, timeout: 240_000 })
  .on('test:pass', count('passed'))
  .on('test:fail', count('failed'))
  .compose(new spec())
  .on('end', () => {
    const { passed, failed, skipped } = counts
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0
  })
  .pipe(process.stdout)
