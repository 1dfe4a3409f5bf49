/** A peer that is stopped for longer than a silent connection is kept. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { Workshop } from '../fixtures/processes.js'

const MIB = 1024 * 1024

/** So that there is a middle of the transfer, of not too many bytes. */
const SLOWLY = ['--max-up', '40']

describe('a swarm', () => {
  it('fault 12: a peer that is stopped for long does not keep the others, and catches up', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(3)
      const [ann, ben] = await Promise.all(
        ['ann', 'ben'].map(async (name) => {
          const share = await workshop.write(`${name}.bin`, bytesOf(4 * MIB, name))
          return workshop.peer(name, address, '--share', share, ...SLOWLY)
        })
      )
      const cyd = workshop.peer('cyd', address)
      await cyd.told('chunk-stored', 5)
      cyd.child.kill('SIGSTOP')
      await Promise.all([ann, ben].map((peer) => peer?.told('peer-complete')))
      // Longer than a connection on which nothing comes is kept.
      await ann?.told('peer-stalled')
      cyd.child.kill('SIGCONT')
      for (const command of [ann, ben, cyd, coordinator]) {
        assert.deepEqual(await command?.end(), { code: 0, signal: null }, command?.output.slice(-3000))
      }
      const got = await readFile(join(workshop.folder, 'cyd-got/ann/ann.bin'))
      assert.ok(got.equals(bytesOf(4 * MIB, 'ann')))
    })
  })
})
