/** The programs in `examples/`, as their readers run them. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'

const example = (name: string): string => resolve('examples', name)

async function endsWell(command: Command): Promise<void> {
  assert.deepEqual(await command.end(), { code: 0, signal: null }, command.output)
}

describe('examples', () => {
  it('run a whole swarm in one process', async () => {
    await Workshop.run(async (workshop) => {
      const run = workshop.start(example('one-process.js'))
      await endsWell(run)
      assert.match(run.stdout, /^ann has ben\/ben\.txt$/m)
      assert.match(run.stdout, /^complete after \d+ ms$/m)
    })
  })

  it('host a swarm, and join it by the invitation', async () => {
    await Workshop.run(async (workshop) => {
      const host = workshop.start(example('host.js'), '2')
      const invitation = await host.printed(/^potluck1\w+$/m)
      const peers = await Promise.all(
        ['ann', 'ben'].map(async (name) => {
          const share = await workshop.write(`${name}.bin`, bytesOf(300_000, name))
          return workshop.start(example('join.js'), invitation, name, share, `${name}-got`)
        })
      )
      await Promise.all([host, ...peers].map(endsWell))
      assert.match(host.stdout, /^complete after \d+ ms$/m)
      assert.match(peers[0]?.stdout ?? '', /^ben\/ben\.bin: 300000 bytes, MD5 [0-9a-f]{32}$/m)
      const got = await readFile(join(workshop.folder, 'ann-got/ben/ben.bin'))
      assert.ok(got.equals(bytesOf(300_000, 'ben')))
    })
  })

  it('say what is wrong with an invitation', async () => {
    await Workshop.run(async (workshop) => {
      const peer = workshop.start(example('join.js'), 'nonsense')
      assert.deepEqual(await peer.end(), { code: 2, signal: null })
      assert.match(peer.stderr, /\(CONFIGURATION\)/)
    })
  })
})
