/** `potluck`, the command of an install: the commands that it calls, and its help. */
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
      // Other output and refusals are in integration/commands.test.ts.
      const cases: [string[], number, RegExp][] = [
        [['--help'], 0, /^Usage: node dist\/potluck\.js <command>.*coordinator .*peer .*start /s],
        [['help', 'peer'], 0, /^Usage: node dist\/potluck\.js peer \[options\].*--join/s],
        [['start', '--help'], 0, /^Usage: node dist\/potluck\.js start \[options\].*--size/s],
        [['pear'], 2, /unknown command 'pear'\n\(Did you mean peer\?\)/]
      ]
      for (const [args, code, pattern] of cases) {
        const command = workshop.start('potluck.js', ...args)
        await endsWith(command, code)
        assert.match(command.output, pattern)
      }
    })
  })

  it('runs a coordinator and peers of one machine, which are invited by their name there, without a key', async () => {
    await Workshop.run(async (workshop) => {
      const listen = ['--listen', '/ip4/127.0.0.1/tcp/0', '--peers', '1']
      const coordinator = workshop.start('potluck.js', 'coordinator', ...listen)
      const line = await coordinator.printed(/^node dist\/potluck\.js peer --join potluck1\w+ .*\n/m)
      assert.match(
        coordinator.stdout,
        /Only this machine can reach this coordinator \(--listen 9000: all can\)/
      )
      const ann = workshop.start('potluck.js', 'peer', '--join', line.split(' ')[4] ?? '', '--json')
      for (const command of [ann, coordinator]) {
        await endsWith(command, 0)
      }
      const [started] = ann.eventsOf('started')
      assert.match(String(started?.['multiaddrs']), /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+$/)
      assert.ok((await readdir(workshop.folder)).includes('potluck'))
    })
  })
})
