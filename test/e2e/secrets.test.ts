/** The commands with a secret; what they refuse and warn of is in integration/secrets.test.ts. */
import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Command, Workshop } from '../fixtures/processes.js'

async function endsWith(command: Command, code: number): Promise<void> {
  assert.equal((await command.end()).code, code, command.output)
}

/** The process's arguments as the system shows them; empty if it does not. */
async function argumentsOf({ child }: Command): Promise<string> {
  return await readFile(`/proc/${child.pid}/cmdline`, 'utf8').catch(() => '')
}

describe('a list of PeerIds', () => {
  it('fault 28: ends a peer that is not on it at once, with the PeerId to put there', async () => {
    await Workshop.run(async (workshop) => {
      const settings = { listen: ['/ip4/127.0.0.1/tcp/0'], allow: [], dashboard: 'off' }
      await workshop.write('listed.json', JSON.stringify(settings))
      const coordinator = workshop.start(
        'coordinator.js',
        '--config',
        'listed.json',
        '--logs',
        'logs',
        '--json'
      )
      const { multiaddrs } = await coordinator.told('started')
      const ann = workshop.peer('ann', String([multiaddrs].flat()[0]))
      assert.equal((await ann.end()).code, 3, ann.output)
      const [started] = ann.eventsOf('started')
      assert.match(ann.stderr, new RegExp(`"allow" list; give ${started?.['peerId']} to the person who runs`))
      assert.equal(ann.eventsOf('coordinator-unreachable').length, 0, 'it does not try again')
      const refused = coordinator.eventsOf('refused').map(({ code, peerId }) => [code, peerId])
      assert.deepEqual(refused, [['NOT_ALLOWED', started?.['peerId']]], 'it came once')
    })
  })
})

describe('the swarm secret', () => {
  it('fault 38: lets a swarm gather, and is in no argument, event, log or message', async () => {
    await Workshop.run(async (workshop) => {
      const made = workshop.start('coordinator.js', '--new-secret', 'secret')
      await endsWith(made, 0)
      const line = (await readFile(join(workshop.folder, 'secret'), 'utf8')).trim()
      if (process.platform !== 'win32') {
        assert.equal((await stat(join(workshop.folder, 'secret'))).mode & 0o777, 0o600)
      }
      await workshop.write('a.bin', 'what ann brings')
      await workshop.write('b.bin', 'what ben brings')
      const listen = ['--listen', '/ip4/127.0.0.1/tcp/0', '--peers', '2', '--logs', 'logs', '--json']
      const coordinator = workshop.start('coordinator.js', ...listen, '--secret-file', 'secret')
      const { multiaddrs } = await coordinator.told('started')
      const address = String([multiaddrs].flat()[0])
      const ann = workshop.peer('ann', address, '--share', 'a.bin', '--secret-file', 'secret')
      await ann.told('registered')
      // Strangers do not take places, and are told what is missing.
      const eve = workshop.peer('eve', address)
      await endsWith(eve, 3)
      assert.match(eve.stderr, /this one has none; give it a copy of the coordinator's secret/)
      const ben = workshop.startWith(
        { POTLUCK_SECRET: line },
        'peer.js',
        ...['--name', 'ben', '--coordinator', address, '--share', 'b.bin', '--into', 'ben-got'],
        ...['--logs', 'logs', '--json']
      )
      await ben.told('started')
      const seen = await Promise.all([coordinator, ann, ben].map(argumentsOf))
      for (const command of [ann, ben, coordinator]) {
        await endsWith(command, 0)
      }
      assert.equal(await readFile(join(workshop.folder, 'ann-got/ben/b.bin'), 'utf8'), 'what ben brings')
      assert.equal(coordinator.eventsOf('refused').length, 1)
      seen.push(...[made, coordinator, ann, ben, eve].map(({ output }) => output))
      for (const file of await readdir(join(workshop.folder, 'logs'))) {
        seen.push(await readFile(join(workshop.folder, 'logs', file), 'utf8'))
      }
      const [, encoded = ''] = /secret-(.*)/.exec(line) ?? []
      const key = Buffer.from(encoded, 'base64url')
      for (const form of [encoded, key.toString('base64'), key.toString('hex')]) {
        assert.ok(form.length > 40 && seen.every((text) => !text.includes(form)))
      }
    })
  })
})
