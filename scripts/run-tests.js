// Runs every compiled test, or those whose path contains one of the arguments, and ends with a line that counts them.

import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
// The import also bundles the commands, so that tests never start commands of an earlier state.
import { bundleTests } from './bundle-tests.js'

// These tests compute or wait longest. They begin first, so that none of them still runs when all others are done.
const LONGEST = [
  'commands',
  'dashboard',
  'odd-stores',
  'network-faults',
  'torments',
  'stopped-peer',
  'never-reading',
  'stalled-readers',
  'invitation',
  'gather',
  'interruptions',
  'report',
  'changed-share',
  'full-disk',
  'few-descriptors',
  'closed-world',
  'store',
  'protocols'
]
const rank = (file) => {
  const index = LONGEST.indexOf(basename(file).replace(/(-[0-9a-f]{8})?\.test\.js$/, ''))
  return index === -1 ? LONGEST.length : index
}
const bundled = await bundleTests(process.argv.slice(2))
const files = bundled.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))

const counts = { passed: 0, failed: 0, skipped: 0 }
const count = (kind) => (event) => {
  if (event.details.type !== 'suite') {
    counts[event.skip !== undefined && event.skip !== false ? 'skipped' : kind]++
  }
}

// Three more than there are processors: many tests wait, some for half a minute until a silent connection is noticed.
run({ files, concurrency: availableParallelism() + 3, timeout: 240_000 })
  .on('test:pass', count('passed'))
  .on('test:fail', count('failed'))
  .compose(new spec())
  .on('end', () => {
    const { passed, failed, skipped } = counts
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0
  })
  .pipe(process.stdout)
