/**
 * A swarm as most people start one: `potluck host` on one machine, `potluck join` on the others. A host's exit codes
 * are in cli/host.test.ts, its refusals in integration/commands.test.ts.
 */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freePort } from '../../bench/machine/ports.js'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'

const BYTE_LENGTH = 300_000

async function endsWith(command: Command, code: number): Promise<void> {
  assert.deepEqual(await command.end(), { code, signal: null }, command.output.slice(-3000))
}

/** The file that the command of this name shares. */
function bytes(path: string): Uint8Array {
  return bytesOf(BYTE_LENGTH, path)
}

/** Two pictures in a folder of the host, and one beside it. */
async function pictures(workshop: Workshop): Promise<void> {
  await mkdir(join(workshop.folder, 'Photos'))
  for (const path of ['Photos/a.jpg', 'Photos/b.jpg', 'c.jpg']) {
    await workshop.write(path, bytes(path))
  }
}

function host(workshop: Workshop, ...args: string[]): Command {
  return workshop.start(
    'potluck.js',
    ...[
      'host',
      'Photos',
      '--name',
      'ann',
      '--into',
      'got',
      '--dashboard',
      'off',
      '--invitation-file',
      'invitation'
    ],
    ...args
  )
}

/** The invitation that a coordinator shows, once the file has it too. */
async function invitationOf(command: Command, { folder }: Workshop): Promise<string> {
  const line = await command.printed(/^node dist\/potluck\.js join potluck1\S+ FILES\n/m)
  const [, , , invitation = ''] = line.split(' ')
  const file = join(folder, 'invitation')
  // It is written right after it is shown.
  for (let tries = 0; tries < 500; tries++) {
    const content = await readFile(file, 'utf8').catch(() => '')
    if (content !== '') {
      assert.equal(content, `${invitation}\n`)
      assert.equal((await stat(file)).mode & 0o777, 0o600)
      return invitation
    }
    await new Promise((next) => setTimeout(next, 20))
  }
  throw new Error('no invitation was written')
}

async function isWhole(workshop: Workshop, path: string, origin: string): Promise<void> {
  assert.ok((await readFile(join(workshop.folder, path))).equals(bytes(origin)), path)
}

describe('a host', () => {
  it('and those who join it leave with all files, by argument and by file', async () => {
    await Workshop.run(async (workshop) => {
      await pictures(workshop)
      const ann = host(workshop, '--peers', '3', '--listen', '127.0.0.1:0')
      const invitation = await invitationOf(ann, workshop)
      const ben = workshop.start(
        'potluck.js',
        'join',
        invitation,
        'c.jpg',
        '--name',
        'ben',
        '--into',
        'ben-got'
      )
      const eva = workshop.start('potluck.js', 'join', '--invitation-file', 'invitation', '--name', 'eva')
      for (const command of [ben, eva, ann]) {
        await endsWith(command, 0)
      }
      for (const folder of ['ben-got', 'potluck']) {
        await isWhole(workshop, `${folder}/ann/Photos/a.jpg`, 'Photos/a.jpg')
        await isWhole(workshop, `${folder}/ann/Photos/b.jpg`, 'Photos/b.jpg')
      }
      for (const folder of ['got', 'potluck']) {
        await isWhole(workshop, `${folder}/ben/c.jpg`, 'c.jpg')
      }
      const files = (await readdir(join(workshop.folder, 'logs'))).sort()
      const logs = ['ann', 'ben', 'coordinator', 'eva'].flatMap((name) => [`${name}.jsonl`, `${name}.log`])
      assert.deepEqual(files, [...logs, 'report.html', 'report.json'].sort())
      assert.ok(!(await readdir(workshop.folder)).includes('invitation'), 'it is good no more')
      assert.equal(ann.stdout.match(/^makespan /gm)?.length, 1, 'the swarm is shown once')
    })
  })

  it('ends with its coordinator and its peer at Ctrl-C, says how to continue, and does', async () => {
    await Workshop.run(async (workshop) => {
      await pictures(workshop)
      const port = await freePort()
      const ann = host(workshop, '--peers', '2', '--listen', `127.0.0.1:${port}`)
      const invitation = await invitationOf(ann, workshop)
      await ann.printed(/ann registered: 1 of 2/)
      assert.ok((await readdir(join(workshop.folder, 'logs'))).includes(`coordinator-${port}.state`))
      ann.child.kill('SIGINT')
      await endsWith(ann, 130)
      assert.match(
        ann.stdout,
        /^coordinator: Connection closed\nRun the same command to continue this swarm: .*\nann: Connection closed$/m
      )
      assert.ok(!(await readdir(workshop.folder)).includes('invitation'))
      for (const name of ['coordinator', 'ann']) {
        assert.match(await readFile(join(workshop.folder, 'logs', `${name}.log`), 'utf8'), /stopped: .*\n$/)
      }
      const again = host(workshop, '--peers', '2', '--listen', `127.0.0.1:${port}`)
      assert.equal(await invitationOf(again, workshop), invitation)
      await again.printed(/goes on waiting for people/)
      again.child.kill('SIGINT')
      await endsWith(again, 130)
      const other = host(workshop, '--peers', '2', '--listen', `127.0.0.1:${port}`, '--new')
      assert.notEqual(await invitationOf(other, workshop), invitation)
      other.child.kill('SIGINT')
      await endsWith(other, 130)
    })
  })

  it('fault 11: is killed, started again, and takes those who come by the same invitation', async () => {
    await Workshop.run(async (workshop) => {
      await pictures(workshop)
      const listen = ['--peers', '2', '--listen', `127.0.0.1:${await freePort()}`]
      const first = host(workshop, ...listen)
      const invitation = await invitationOf(first, workshop)
      await first.printed(/ann registered: 1 of 2/)
      first.child.kill('SIGKILL')
      await first.exited
      // An invitation that an earlier run left is replaced.
      await workshop.write('invitation', 'potluck1aaaa\n')
      const again = host(workshop, ...listen)
      await again.printed(/the invitation is the same as before/)
      await again.printed(/ann registered/)
      const ben = workshop.start('potluck.js', 'join', invitation, 'c.jpg', '--name', 'ben')
      for (const command of [ben, again]) {
        await endsWith(command, 0)
      }
      await isWhole(workshop, 'got/ben/c.jpg', 'c.jpg')
    })
  })

  it('that cannot take part itself tells those who have joined, and ends', async () => {
    await Workshop.run(async (workshop) => {
      await pictures(workshop)
      await workshop.write('got', 'a file where a folder should be')
      const ann = host(workshop, '--peers', '2', '--listen', '127.0.0.1:0')
      await endsWith(ann, 2)
      assert.match(ann.stderr, /^ann: the collection folder got cannot be created .*\n/)
      assert.match(
        ann.stderr,
        /^coordinator: ann could not take part, so the swarm was ended before it began\.$/m
      )
    })
  })
})

describe('addresses', () => {
  it('of a coordinator are HOST:PORT, with a name or in brackets, as flags and in configuration files', async () => {
    await Workshop.run(async (workshop) => {
      await workshop.write('ann.bin', bytes('ann.bin'))
      const port = await freePort()
      const listen = ['--listen', `localhost:${port}`, '--peers', '2', '--dashboard', 'off']
      const coordinator = workshop.start('coordinator.js', ...listen)
      await coordinator.printed(/listening on/)
      const settings = {
        name: 'ann',
        coordinator: `localhost:${port}`,
        share: ['ann.bin'],
        collection: 'ann-got'
      }
      await workshop.write('ann.json', JSON.stringify({ ...settings, listen: ['127.0.0.1:0'] }))
      const ann = workshop.start('peer.js', '--config', 'ann.json')
      const ben = workshop.peer('ben', `localhost:${port}`, '--listen', '127.0.0.1:0')
      for (const command of [ann, ben, coordinator]) {
        await endsWith(command, 0)
      }
      await isWhole(workshop, 'ben-got/ann/ann.bin', 'ann.bin')
    })
  })
})
