/** A peer that may open few files. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { Workshop } from '../fixtures/processes.js'

const FILES = 80

/** Two chunks, so that there are digests, a state and a part file of each. */
const BYTE_LENGTH = 270_000

/** Node itself needs more than that to load its modules, and closes them then. */
const LIMIT = 64

function canLimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'])
    return true
  } catch {
    return false
  }
}

describe('a peer with few descriptors', { skip: !canLimit() && 'prlimit (Linux) sets the limit' }, () => {
  it('fault 7: completes with 64 of them', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(2)
      const folder = join(workshop.folder, 'many')
      await mkdir(folder)
      for (let number = 0; number < FILES; number++) {
        await writeFile(join(folder, String(number)), bytesOf(BYTE_LENGTH, number))
      }
      const ben = workshop.peer('ben', address)
      await ben.told('registered')
      execFileSync('prlimit', ['--pid', String(ben.child.pid), `--nofile=${LIMIT}:${LIMIT}`])
      const ann = workshop.peer('ann', address, '--share', folder)
      for (const command of [ben, ann, coordinator]) {
        assert.equal((await command.end()).code, 0, command.output.slice(-2000))
      }
      const got = join(workshop.folder, 'ben-got/ann/many')
      const wanted = Array.from({ length: FILES }, (_, number) => String(number))
      assert.deepEqual((await readdir(got)).sort(), wanted.sort(), ben.output.slice(-3000))
      assert.ok((await readFile(join(got, '77'))).equals(bytesOf(BYTE_LENGTH, 77)))
    })
  })
})
