/** `potluck`, the command of an install: what it calls, and what it says of itself. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { type Command, Workshop } from '../fixtures/processes.js'

async function endsWith(command: Command, code: number): Promise<void> {
  assert.deepEqual(await command.end(), { code, signal: null }, command.output.slice(-3000))
}

describe('potluck', () => {
  it('calls the commands, each with its own help, and suggests what was meant', async () => {
    await Workshop.run(async (workshop) => {
      const cases: [string[], number, RegExp][] = [
        [['--help'], 0, /^Usage: node dist\/potluck\.js <command>.*coordinator .*peer .*start /s],
        [[], 0, /^Usage: node dist\/potluck\.js <command>/],
        [['help', 'peer'], 0, /^Usage: node dist\/potluck\.js peer \[options\].*--join/s],
        [['coordinator', '--help'], 0, /^Usage: node dist\/potluck\.js coordinator \[options\].*--peers/s],
        [['start', '--help'], 0, /^Usage: node dist\/potluck\.js start \[options\].*--size/s],
        [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
        [['pear'], 2, /unknown command 'pear'\n\(Did you mean peer\?\)/],
        [['--hlep'], 2, /unknown option '--hlep'\n\(Did you mean --help\?\)/],
        [['peer', '--jion', 'x'], 2, /unknown option '--jion'\n\(Did you mean .*--join/],
        [['peer', '--shrae', 'x'], 2, /unknown option '--shrae'\n\(Did you mean --share\?\)/],
        [['coordinator', '--poers', '3'], 2, /unknown option '--poers'\n\(Did you mean --peers\?\)/]
      ]
      for (const [args, code, pattern] of cases) {
        const command = workshop.start('potluck.js', ...args)
        await endsWith(command, code)
        assert.match(command.output, pattern)
      }
    })
  })

  it('runs a coordinator and peers, which are invited by their name there', async () => {
    await Workshop.run(async (workshop) => {
      const coordinator = workshop.start(
        'potluck.js',
        'coordinator',
        '--listen',
        '/ip4/127.0.0.1/tcp/0',
        '--peers',
        '1'
      )
      const line = await coordinator.printed(/^node dist\/potluck\.js peer --join potluck1\w+ .*\n/m)
      const ann = workshop.start('potluck.js', 'peer', '--join', line.split(' ')[4] ?? '')
      for (const command of [ann, coordinator]) {
        await endsWith(command, 0)
      }
      assert.ok((await readdir(workshop.folder)).includes('potluck'))
    })
  })
})
