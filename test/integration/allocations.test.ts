/** How much garbage the exchange makes for each chunk: collecting it takes time. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../fixtures/allocations.js', import.meta.url))

/** Of both peers together. Measured on a busy machine, 2026-11-30: 45,000 to 48,000. */
const MAX_BYTES_PER_CHUNK = 56_000

describe('a chunk', () => {
  it('costs the networks of its two peers few bytes of heap', (test) => {
    const bytes = Number(execFileSync(process.execPath, [PROGRAM], { encoding: 'utf8' }))
    test.diagnostic(`${bytes} bytes`)
    assert.ok(bytes > 0 && bytes < MAX_BYTES_PER_CHUNK, `${bytes} bytes`)
  })
})
