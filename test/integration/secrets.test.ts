/** The commands' refusals and warnings about secrets, `--open` and invitations, and what they never show. */
import assert from 'node:assert/strict'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import {
  type Called,
  type CallSources,
  callCoordinator,
  callPeer,
  inFolder,
  peerArguments
} from '../fixtures/calls.js'
import { nextEvent, TestSwarm } from '../fixtures/swarm.js'

/** A listener that others could reach. Nobody connects: most of these end before they listen. */
const EXPOSED = '/ip4/0.0.0.0/tcp/0'

const NOBODY = '/ip4/127.0.0.1/tcp/1'

/** Makes a secret with the command and returns its line. */
async function newSecret(file: string): Promise<string> {
  const { code, output } = await callCoordinator(['--new-secret', file])
  assert.equal(code, 0)
  assert.match(output, new RegExp(`A new secret is in ${file}.*--secret-file ${file}`, 's'))
  const line = (await readFile(file, 'utf8')).trim()
  assert.ok(!output.includes(line))
  return line
}

/** Each is refused in its words, and what is hidden is not in them. */
async function areRefused(
  cases: readonly (readonly [() => Promise<Called>, RegExp])[],
  hidden: string
): Promise<void> {
  for (const [call, pattern] of cases) {
    const { code, stderr, output } = await call()
    assert.equal(code, 2, output)
    assert.match(stderr, pattern)
    assert.ok(!output.includes(hidden), 'it is shown')
  }
}

describe('a listener that others can reach', () => {
  it('fault 30: is not opened by a peer without a secret, which says how to have one or to do without', async () => {
    await inFolder(async () => {
      const settings = { name: 'ann', coordinator: NOBODY, collection: 'got', listen: [EXPOSED] }
      await writeFile('exposed.json', JSON.stringify(settings))
      for (const argv of [peerArguments('ben', NOBODY, '--listen', EXPOSED), ['--config', 'exposed.json']]) {
        const { code, stderr, output } = await callPeer(argv)
        assert.equal(code, 2, output)
        assert.match(stderr, /\(--join\).*--new-secret <file>.*--secret-file <file>.*"open": true \(--open\)/)
        assert.doesNotMatch(output, /listens on/)
      }
    })
  })

  it('fault 30: of a coordinator without a secret is open to nobody but whom it invites', async () => {
    for (const listen of [EXPOSED, '/ip6/::/tcp/0']) {
      await TestSwarm.run(async (swarm) => {
        await inFolder(async () => {
          const coordinator = await swarm.coordinator({ listen: [listen], expectedPeers: 2 })
          const refused = nextEvent(coordinator, 'refused')
          const [address = ''] = coordinator.multiaddrs
          const eve = await callPeer(peerArguments('eve', address))
          assert.equal(eve.code, 3, eve.output)
          assert.match(eve.stderr, /this one has none.*by the coordinator's invitation \(--join\)/)
          await refused
          assert.ok(swarm.coordinatorEvents.every(({ event }) => event !== 'registered'))
        })
      })
    }
  })

  it('fault 30: is opened with a secret, and without one by "open", which is warned of in a line', async () => {
    await inFolder(async () => {
      await newSecret('secret')
      await writeFile('open.json', JSON.stringify({ listen: [EXPOSED], open: true }))
      const coordinators: [string[], number][] = [
        [['--listen', EXPOSED, '--secret-file', 'secret'], 0],
        [['--listen', EXPOSED, '--open'], 1],
        [['--config', 'open.json'], 1],
        [['--listen', '/ip4/127.0.0.1/tcp/0'], 0]
      ]
      for (const [argv, warnings] of coordinators) {
        const common = ['--logs', 'logs', '--dashboard', 'off', '--json']
        const { code, stderr, events } = await callCoordinator(
          [...argv, ...common],
          {},
          async () => undefined
        )
        assert.equal(code, 0, stderr)
        assert.ok(events.some(({ event }) => event === 'started'))
        assert.equal(events.filter(({ event }) => event === 'warning').length, warnings)
        assert.equal(stderr.split('there is no secret').length - 1, warnings, stderr)
      }
      await writeFile('short.json', JSON.stringify({ joinTimeoutMs: 300 }))
      const more = ['--listen', EXPOSED, '--open', '--config', 'short.json', '--json']
      const peer = await callPeer(peerArguments('ann', NOBODY, ...more))
      assert.equal(peer.code, 3, peer.output)
      assert.equal(peer.events.filter(({ event }) => event === 'warning').length, 1)
      assert.ok(peer.events.some(({ event }) => event === 'started'))
    })
  })
})

describe('a secret', () => {
  it('fault 38: is refused where others can read it, or where it is none, and never shown then', async () => {
    await inFolder(async () => {
      const line = await newSecret('secret')
      assert.equal((await callCoordinator(['--new-secret', 'secret'])).code, 2)
      assert.equal((await readFile('secret', 'utf8')).trim(), line)
      const short = line.slice(0, -3)
      const hidden = short.slice(-20)
      const ann = (...more: string[]) => callPeer(peerArguments('ann', NOBODY, ...more))
      await areRefused(
        [
          [
            () => callCoordinator(['--logs', 'logs'], { secret: short }),
            /POTLUCK_SECRET does not hold a secret/
          ],
          [() => callCoordinator(['--logs', 'logs', '--secret-file', line]), /is itself a secret/],
          [() => ann('--secret-file', 'nowhere'), /there is no secret file .*nowhere/]
        ],
        hidden
      )
      if (process.platform !== 'win32') {
        const loose = (await newSecret('loose')).slice(-20)
        await chmod('loose', 0o644)
        await writeFile('loose.json', JSON.stringify({ secretFile: 'loose', logs: 'logs' }))
        await areRefused(
          [
            [() => callCoordinator(['--config', 'loose.json']), /run "chmod 600 .*loose"/],
            [() => ann('--secret-file', 'loose'), /run "chmod 600 loose"/]
          ],
          loose
        )
      }
      const logs = await readdir('logs')
      assert.ok(logs.length > 0)
      for (const file of logs) {
        assert.ok(!(await readFile(join('logs', file), 'utf8')).includes(hidden))
      }
    })
  })
})

describe('an invitation', () => {
  it('and what goes with it is refused in a sentence, with exit code 2, and nothing of it is shown', async () => {
    await TestSwarm.run(async (swarm) => {
      await inFolder(async () => {
        const coordinator = await swarm.coordinator({ listen: [EXPOSED], expectedPeers: 2 })
        const good = coordinator.invitation
        const changed = good.slice(0, 60) + (good[60] === 'a' ? 'b' : 'a') + good.slice(61)
        await writeFile('secret.json', JSON.stringify({ secretFile: 'secret' }))
        await writeFile('there.json', JSON.stringify({ coordinator: NOBODY }))
        await writeFile('file', '')
        const call = (argv: string[], given: CallSources = {}) => callPeer(['--logs', 'logs', ...argv], given)
        const cases: [string[], RegExp][] = [
          [['--join', good.slice(0, 100)], /^--join: this invitation is cut off; copy it whole/],
          [['--join', changed], /^--join: a character of this invitation is wrong/],
          [['--join', 'hello'], /^--join: there is no invitation: it is a word that begins with "potluck1"/],
          [['--join', good, '--coordinator', NOBODY], /^--coordinator cannot be combined with an invitation/],
          [
            ['--join', good, '--secret-file', 'secret'],
            /^--secret-file cannot be combined with an invitation/
          ],
          [
            ['--join', good, '--config', 'secret.json'],
            /^secret\.json: "secretFile" cannot be combined with an invitation/
          ],
          [
            ['--join', good, '--config', 'there.json'],
            /^there\.json: "coordinator" cannot be combined with an invitation/
          ],
          [['--join', good, '--share', 'nothing.bin'], /nothing\.bin does not exist; correct the path/],
          [
            ['--join', good, '--into', 'file/got'],
            /the collection folder file\/got cannot be created .*--into/
          ],
          [[], /Give its invitation with --join/]
        ]
        await areRefused(
          [
            ...cases.map(([argv, pattern]) => [() => call(argv), pattern] as const),
            [
              () => call(['--join', '-'], { input: Readable.from([]) }),
              /^standard input: there is no invitation/
            ],
            [
              () => call([], { line: changed }),
              /^POTLUCK_INVITATION: a character of this invitation is wrong/
            ]
          ],
          good.slice(20, 40)
        )
        const ann = await swarm.peer('ann', {}, {}, { invitation: good })
        await ann.peer.start()
        const twin = await call(['--join', good, '--name', 'ann', '--into', 'two'])
        assert.equal(twin.code, 3, twin.output)
        assert.match(twin.stderr, /a peer named "ann" is in the swarm already; .*--name/)
        assert.ok(!twin.output.includes(good.slice(20, 40)))
        assert.ok(
          swarm.coordinatorEvents.some((event) => event.event === 'refused' && event.code === 'NAME_TAKEN')
        )
      })
    })
  })
})
