/** A swarm by invitation as people have it: the real commands, with what they print and no configuration. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freePort } from '../../bench/machine/ports.js'
import { type Command, Workshop } from '../fixtures/processes.js'
import { bytesOf } from '../fixtures/swarm.js'

const MIB = 1024 * 1024
const NAMES = ['ann', 'ben', 'eva']

async function endsWith(command: Command, code: number): Promise<void> {
  assert.deepEqual(await command.end(), { code, signal: null }, command.output.slice(-3000))
}

/** The invitation in the line that a coordinator shows. */
async function invitationOf(coordinator: Command): Promise<string> {
  const line = await coordinator.printed(/^node dist\/peer\.js --join \S+ --share FILE --into FOLDER\n/m)
  return line.split(' ')[3] ?? ''
}

/** What a chat makes of a long word. */
function broken(invitation: string): string {
  return `“${(invitation.match(/.{1,40}/g) ?? []).join('\u200b\n  ')}”\n`
}

async function shares(workshop: Workshop): Promise<void> {
  for (const name of NAMES) {
    await workshop.write(`${name}.bin`, bytesOf(2 * MIB + 1, name))
  }
}

/** Everything that the run wrote, but for what it printed and the state of its coordinator. */
async function written(workshop: Workshop): Promise<string> {
  const logs = join(workshop.folder, 'logs')
  const names = (await readdir(logs)).filter((name) => /\.(log|jsonl)$/.test(name))
  assert.equal(names.length, 2 * (NAMES.length + 1))
  return (await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')))).join('')
}

describe('a swarm by invitation', () => {
  it('of three completes with what the coordinator prints, given by argument, environment and standard input', async () => {
    await Workshop.run(async (workshop) => {
      await shares(workshop)
      const coordinator = workshop.start('coordinator.js', '--listen', '/ip4/0.0.0.0/tcp/0', '--peers', '3')
      const invitation = await invitationOf(coordinator)
      assert.match(coordinator.stdout, /Invite the others: send them this line/)
      const args = (name: string): string[] => [
        '--name',
        name,
        '--share',
        `${name}.bin`,
        '--into',
        `${name}-got`
      ]
      const ann = workshop.start('peer.js', '--join', invitation, ...args('ann'))
      const ben = workshop.startWith({ POTLUCK_INVITATION: broken(invitation) }, 'peer.js', ...args('ben'))
      // Of the third only what there is no other way to know; on one machine, its name as well.
      const eva = workshop.start('peer.js', '--join', '-', '--name', 'eva', '--share', 'eva.bin')
      for (const part of broken(invitation).match(/.{1,9}/gs) ?? []) {
        eva.child.stdin.write(part)
      }
      for (const command of [ann, ben, eva, coordinator]) {
        await endsWith(command, 0)
      }
      for (const [folder, name] of [
        ['ann-got', 'ann'],
        ['ben-got', 'ben'],
        ['potluck', 'eva']
      ] as const) {
        for (const other of NAMES.filter((each) => each !== name)) {
          const got = await readFile(join(workshop.folder, folder, other, `${other}.bin`))
          assert.ok(got.equals(bytesOf(2 * MIB + 1, other)), `${other}.bin of ${name}`)
        }
      }
      const all = [await written(workshop), ...[ann, ben, eva].map(({ output }) => output)]
      assert.ok(all.every((text) => !text.includes(invitation.slice(20, 40))))
    })
  })

  it('fault 11: goes on by the same invitation when its coordinator is killed before all have joined', async () => {
    await Workshop.run(async (workshop) => {
      await shares(workshop)
      const port = await freePort()
      const listen = ['--listen', `/ip4/0.0.0.0/tcp/${port}`, '--peers', '3', '--logs', 'logs', '--json']
      const args = (name: string): string[] => [
        '--name',
        name,
        '--share',
        `${name}.bin`,
        '--into',
        `${name}-got`
      ]
      const joined = (name: string): Command =>
        workshop.start('peer.js', '--join', invitation, ...args(name), '--json')
      const first = workshop.start('coordinator.js', ...listen)
      const invitation = await invitationOf(first)
      const ann = joined('ann')
      await ann.told('registered')
      first.child.kill('SIGKILL')
      await first.exited
      const again = workshop.start('coordinator.js', ...listen)
      assert.equal(await invitationOf(again), invitation)
      assert.equal((await again.told('carried-on'))['peers'], 0)
      await again.printed(/its invitation is the same/)
      const rest = ['ben', 'eva'].map(joined)
      for (const command of [ann, ...rest, again]) {
        await endsWith(command, 0)
      }
      assert.ok(!first.stdout.includes(invitation) && !again.stdout.includes(invitation), 'it is in no event')
      const got = await readFile(join(workshop.folder, 'eva-got/ann/ann.bin'))
      assert.ok(got.equals(bytesOf(2 * MIB + 1, 'ann')))
    })
  })

  it('says what is wrong with an invitation or what goes with it, ends with 2, and shows nothing of it', async () => {
    await Workshop.run(async (workshop) => {
      const coordinator = workshop.start('coordinator.js', '--listen', '/ip4/0.0.0.0/tcp/0', '--logs', 'logs')
      const good = await invitationOf(coordinator)
      const changed = good.slice(0, 60) + (good[60] === 'a' ? 'b' : 'a') + good.slice(61)
      await workshop.write('secret.json', JSON.stringify({ secretFile: 'secret' }))
      await workshop.write('there.json', JSON.stringify({ coordinator: '/ip4/127.0.0.1/tcp/1' }))
      await workshop.write('file', '')
      const start = (...args: string[]): Command => workshop.start('peer.js', '--logs', 'logs', ...args)
      const silent = start('--join', '-')
      silent.child.stdin.end()
      const cases: [Command, RegExp][] = [
        [start('--join', good.slice(0, 100)), /^--join: this invitation is cut off; copy it whole/],
        [start('--join', changed), /^--join: a character of this invitation is wrong/],
        [
          start('--join', 'hello'),
          /^--join: there is no invitation: it is a word that begins with "potluck1"/
        ],
        [silent, /^standard input: there is no invitation/],
        [
          workshop.startWith({ POTLUCK_INVITATION: changed }, 'peer.js', '--logs', 'logs'),
          /^POTLUCK_INVITATION: a character of this invitation is wrong/
        ],
        [
          start('--join', good, '--coordinator', '/ip4/127.0.0.1/tcp/1'),
          /^--coordinator is not for who comes/
        ],
        [start('--join', good, '--secret-file', 'secret'), /^--secret-file is not for who comes/],
        [
          start('--join', good, '--config', 'secret.json'),
          /^secret\.json: "secretFile" is not for who comes/
        ],
        [start('--join', good, '--config', 'there.json'), /^there\.json: "coordinator" is not for who comes/],
        [start('--join', good, '--share', 'nothing.bin'), /nothing\.bin does not exist; correct the path/],
        [start('--join', good, '--into', 'file/got'), /the folder file\/got .* cannot be made .*--into/],
        [start(), /give the invitation that it shows with --join/]
      ]
      for (const [command, pattern] of cases) {
        await endsWith(command, 2)
        assert.match(command.stderr, pattern)
        assert.ok(!command.output.includes(good.slice(20, 40)), 'the invitation is shown')
      }
      const twins = ['one', 'two'].map((into) => start('--join', good, '--name', 'ann', '--into', into))
      await coordinator.printed(/was refused \(NAME_TAKEN\)/)
      const refused = await Promise.race(twins.map(async (twin) => ({ twin, exit: await twin.exited })))
      assert.equal(refused.exit.code, 3)
      assert.match(refused.twin.stderr, /a peer named "ann" is in the swarm already; .*--name/)
    })
  })

  it('of one machine is told as such, and asks for no key', async () => {
    await Workshop.run(async (workshop) => {
      const listen = ['--listen', '/ip4/127.0.0.1/tcp/0', '--peers', '2']
      const coordinator = workshop.start('coordinator.js', ...listen, '--logs', 'logs')
      const invitation = await invitationOf(coordinator)
      assert.match(
        coordinator.stdout,
        /Only this machine can reach this coordinator \(--listen \/ip4\/0\.0\.0\.0/
      )
      const peers = ['ann', 'ben'].map((name) =>
        workshop.start('peer.js', '--join', invitation, '--name', name, '--into', name, '--json')
      )
      for (const command of [...peers, coordinator]) {
        await endsWith(command, 0)
      }
      const [started] = peers[0]?.eventsOf('started') ?? []
      assert.match(String(started?.['multiaddrs']), /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+$/)
    })
  })
})
