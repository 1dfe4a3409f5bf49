/** Peers whose terminal takes nothing or goes away. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'
import { Terminal, type TerminalCall, whyNoTerminal } from '../fixtures/terminal.js'

const BYTES = bytesOf(600_000, 'shown')

describe('a peer on a terminal', { skip: whyNoTerminal() }, () => {
  it('fault 46: that takes no output serves the others, and ends like any other', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(2)
      await Terminal.run(await ann(workshop, address), async (terminal) => {
        await terminal.printed('registered')
        terminal.stop()
        const ben = workshop.peer('ben', address)
        await bothEnd(ben, coordinator)
        assert.equal(await terminal.code(), 0)
      })
      assert.ok((await readFile(join(workshop.folder, 'ben-got', 'ann', 'a.bin'))).equals(BYTES))
    })
  })

  it('fault 46: that takes no output ends at SIGTERM', async () => {
    await Workshop.run(async (workshop) => {
      await Terminal.run(await ann(workshop, '/ip4/127.0.0.1/tcp/1'), async (terminal) => {
        await terminal.printed('Connecting to the coordinator')
        terminal.stop()
        terminal.interrupt()
        assert.equal(await terminal.code(), 130)
      })
    })
  })

  it('fault 47: that is closed goes on, beside one without a working folder, and ends with 0', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(2)
      await Terminal.run(await ann(workshop, address), async (terminal) => {
        await terminal.printed('registered')
        terminal.close()
        await terminal.exited
        const absolute = ['--into', join(workshop.folder, 'ben-got'), '--logs', join(workshop.folder, 'logs')]
        await mkdir(join(workshop.folder, 'gone'))
        const gone = ['sh', '-c', 'cd gone && rmdir ../gone && exec "$@"', 'sh']
        const ben = workshop.startBy(gone, 'peer.js', '--name', 'ben', '--coordinator', address, ...absolute)
        await bothEnd(ben, coordinator)
        assert.equal(await terminal.code(), 0)
      })
    })
  })
})

async function ann({ folder }: Workshop, coordinator: string): Promise<TerminalCall> {
  const share = ['--share', 'a.bin']
  await writeFile(join(folder, 'a.bin'), BYTES)
  const args = [
    '--name',
    'ann',
    '--coordinator',
    coordinator,
    '--into',
    'ann-got',
    '--logs',
    'logs',
    ...share
  ]
  return { folder, name: 'ann', script: 'peer.js', args }
}

async function bothEnd(...commands: Command[]): Promise<void> {
  for (const command of commands) {
    assert.equal((await command.end()).code, 0, command.output.slice(-2000))
  }
}
