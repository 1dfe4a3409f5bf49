/**
 * A swarm by invitation as people use it: the real commands with their output, and no configuration. Wrong invitations
 * are in integration/secrets.test.ts, one within a machine in potluck.test.ts.
 */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freePort } from '../../bench/machine/ports.js'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'

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

/** A long word after a chat has broken it. */
function broken(invitation: string): string {
  return `“${(invitation.match(/.{1,40}/g) ?? []).join('\u200b\n  ')}”\n`
}

async function shares(workshop: Workshop): Promise<void> {
  for (const name of NAMES) {
    await workshop.write(`${name}.bin`, bytesOf(2 * MIB + 1, name))
  }
}

/** Everything that the run wrote, except its output and its coordinator's state. */
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
      const listen = ['--listen', `/ip4/0.0.0.0/tcp/${port}`, '--peers', '2', '--logs', 'logs', '--json']
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
      await again.printed(/the invitation is the same as before/)
      const ben = joined('ben')
      for (const command of [ann, ben, again]) {
        await endsWith(command, 0)
      }
      assert.ok(!first.stdout.includes(invitation) && !again.stdout.includes(invitation), 'it is in no event')
      const got = await readFile(join(workshop.folder, 'ben-got/ann/ann.bin'))
      assert.ok(got.equals(bytesOf(2 * MIB + 1, 'ann')))
    })
  })
})
