/** The commands, as far as secrets and open doors go. */
import assert from 'node:assert/strict'
import { chmod, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Command, Workshop } from '../fixtures/processes.js'

/** A listener that others could reach. Nobody connects: most of these end before they listen. */
const EXPOSED = '/ip4/0.0.0.0/tcp/0'

const NOBODY = '/ip4/127.0.0.1/tcp/1'

async function endsWith(command: Command, code: number): Promise<void> {
  assert.equal((await command.end()).code, code, command.output)
}

/** Makes a secret with the command and returns its line. */
async function newSecret(workshop: Workshop, file: string): Promise<string> {
  const command = workshop.start('coordinator.js', '--new-secret', file)
  await endsWith(command, 0)
  assert.match(command.output, new RegExp(`A new secret is in ${file}.*--secret-file ${file}`, 's'))
  const line = (await readFile(join(workshop.folder, file), 'utf8')).trim()
  assert.ok(!command.output.includes(line))
  return line
}

/** How the system has the process's arguments; nothing where it does not say. */
async function argumentsOf({ child }: Command): Promise<string> {
  return await readFile(`/proc/${child.pid}/cmdline`, 'utf8').catch(() => '')
}

describe('a listener that others can reach', () => {
  it('fault 30: is not opened by a peer without a secret, which says how to have one or to do without', async () => {
    await Workshop.run(async (workshop) => {
      await workshop.write(
        'exposed.json',
        JSON.stringify({ name: 'ann', coordinator: NOBODY, collection: 'got', listen: [EXPOSED] })
      )
      for (const command of [
        workshop.peer('ben', NOBODY, '--listen', EXPOSED),
        workshop.start('peer.js', '--config', 'exposed.json')
      ]) {
        await endsWith(command, 2)
        assert.match(
          command.stderr,
          /\(--join\).*--new-secret <file>.*--secret-file <file>.*"open": true \(--open\)/
        )
        assert.doesNotMatch(command.output, /listens on/)
      }
    })
  })

  it('fault 30: of a coordinator without a secret is open to nobody but whom it invites', async () => {
    await Workshop.run(async (workshop) => {
      for (const listen of [EXPOSED, '/ip6/::/tcp/0']) {
        const coordinator = workshop.start('coordinator.js', '--listen', listen, '--logs', 'logs', '--json')
        const { multiaddrs } = await coordinator.told('started')
        const address = String([multiaddrs].flat()[0])
        const eve = workshop.peer('eve', address)
        await endsWith(eve, 3)
        assert.match(eve.stderr, /this one has none.*by the invitation that the coordinator shows \(--join\)/)
        await coordinator.told('refused')
        coordinator.child.kill('SIGINT')
        await endsWith(coordinator, 130)
        assert.deepEqual(coordinator.eventsOf('registered'), [])
      }
    })
  })

  it('fault 30: is opened with a secret, and without one by "open", which is warned of in a line', async () => {
    await Workshop.run(async (workshop) => {
      await newSecret(workshop, 'secret')
      await workshop.write('open.json', JSON.stringify({ listen: [EXPOSED], open: true }))
      const start = (...args: string[]): Command =>
        workshop.start('coordinator.js', ...args, '--logs', 'logs', '--json')
      const coordinators: [Command, number][] = [
        [start('--listen', EXPOSED, '--secret-file', 'secret'), 0],
        [start('--listen', EXPOSED, '--open'), 1],
        [start('--config', 'open.json'), 1],
        [start('--listen', '/ip4/127.0.0.1/tcp/0'), 0]
      ]
      for (const [command, warnings] of coordinators) {
        await command.told('started')
        command.child.kill('SIGINT')
        await endsWith(command, 130)
        assert.equal(command.eventsOf('warning').length, warnings)
        assert.equal(command.stderr.split('there is no secret').length - 1, warnings, command.stderr)
      }
      const peer = workshop.peer('ann', NOBODY, '--listen', EXPOSED, '--open')
      await peer.told('warning')
      peer.child.kill('SIGINT')
      await endsWith(peer, 130)
    })
  })
})

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
      // A third of the time for which it would try to join.
      assert.equal((await ann.end(20_000)).code, 3, ann.output)
      const [started] = ann.eventsOf('started')
      assert.match(ann.stderr, new RegExp(`"allow" list; give ${started?.['peerId']} to whoever runs`))
      assert.equal(ann.eventsOf('coordinator-unreachable').length, 0, 'it does not try again')
      const { code, peerId } = await coordinator.told('refused')
      assert.deepEqual([code, peerId], ['NOT_ALLOWED', started?.['peerId']])
    })
  })
})

describe('the swarm secret', () => {
  it('fault 38: lets a swarm gather, and is in no argument, event, log or message', async () => {
    await Workshop.run(async (workshop) => {
      const line = await newSecret(workshop, 'secret')
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
      seen.push(...[coordinator, ann, ben, eve].map(({ output }) => output))
      for (const file of await readdir(join(workshop.folder, 'logs'))) {
        seen.push(await readFile(join(workshop.folder, 'logs', file), 'utf8'))
      }
      const help = [workshop.start('peer.js', '--help'), workshop.start('coordinator.js', '--help')]
      for (const command of help) {
        await endsWith(command, 0)
        assert.match(command.stdout, /--secret-file <file>/)
        seen.push(command.output)
      }
      const [, encoded = ''] = /secret-(.*)/.exec(line) ?? []
      const key = Buffer.from(encoded, 'base64url')
      for (const form of [encoded, key.toString('base64'), key.toString('hex')]) {
        assert.ok(form.length > 40 && seen.every((text) => !text.includes(form)))
      }
    })
  })

  it('fault 38: is refused where others can read it, or where it is none, and never shown then', async () => {
    await Workshop.run(async (workshop) => {
      const line = await newSecret(workshop, 'secret')
      const again = workshop.start('coordinator.js', '--new-secret', 'secret')
      await endsWith(again, 2)
      assert.equal((await readFile(join(workshop.folder, 'secret'), 'utf8')).trim(), line)
      const short = line.slice(0, -3)
      const cases: [Command, RegExp][] = [
        [
          workshop.startWith({ POTLUCK_SECRET: short }, 'coordinator.js', '--logs', 'logs'),
          /POTLUCK_SECRET does not hold a secret/
        ],
        [workshop.start('coordinator.js', '--logs', 'logs', '--secret-file', line), /is a secret itself/],
        [workshop.peer('ann', NOBODY, '--secret-file', 'nowhere'), /there is no secret file .*nowhere/]
      ]
      if (process.platform !== 'win32') {
        await newSecret(workshop, 'loose')
        await chmod(join(workshop.folder, 'loose'), 0o644)
        await workshop.write('loose.json', JSON.stringify({ secretFile: 'loose', logs: 'logs' }))
        cases.push(
          [workshop.start('coordinator.js', '--config', 'loose.json'), /run "chmod 600 .*loose"/],
          [workshop.peer('ann', NOBODY, '--secret-file', 'loose'), /run "chmod 600 loose"/]
        )
      }
      for (const [command, pattern] of cases) {
        await endsWith(command, 2)
        assert.match(command.stderr, pattern)
        assert.ok(!command.output.includes(short.slice(-20)), 'the secret is shown')
      }
      for (const file of await readdir(join(workshop.folder, 'logs'))) {
        const text = await readFile(join(workshop.folder, 'logs', file), 'utf8')
        assert.ok(!text.includes(short.slice(-20)))
      }
    })
  })
})
