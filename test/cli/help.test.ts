/** The help of the commands, and their defaults. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { callOf, programOf } from '#potluck/cli/calls.js'
import { readInvitationFrom } from '#potluck/cli/invitation-input.js'
import { type Manual, manualText } from '#potluck/cli/manual.js'
import { coordinatorManual, hostManual, joinManual, peerManual, startManual } from '#potluck/cli/manuals.js'
import { readPeerArguments } from '#potluck/cli/peer-command.js'
import { coordinatorConfigSchema } from '#potluck/config/coordinator.js'
import { peerConfigSchema } from '#potluck/config/peer.js'
import { MAX_PEER_NAME_BYTE_LENGTH, peerNameOf, peerNameProblem } from '#potluck/core/names.js'
import { PotluckError } from '#potluck/index.js'
import { writeInvitation } from '#potluck/protocols/invitation.js'
import { fc } from '../fixtures/properties.js'

const PEER_ID = '12D3KooWEZXjE41uU4EL2gpkAQeDXYok6wghN7wwNVPF5bwkaNfS'
const ADDRESS = '/ip4/192.0.2.1/tcp/9000'
const KEYED = writeInvitation({ addresses: [ADDRESS], peerId: PEER_ID, key: new Uint8Array(32) })
const KEYLESS = writeInvitation({ addresses: [ADDRESS], peerId: PEER_ID, key: undefined })

/** A setting that has no flag of its name. */
const FLAGS: Readonly<Record<string, string>> = {
  askAbove: '--ask-above',
  portableNames: '--portable-names',
  collection: '--into',
  expectedPeers: '--peers',
  startAfterMs: '--start-after',
  secretFile: '--secret-file',
  maxUp: '--max-up',
  maxDown: '--max-down',
  report: '--no-report'
}

/** The output of a command's `--help`. */
function helpOf(command: 'peer' | 'coordinator'): string {
  return execFileSync(process.execPath, [`dist/${command}.js`, '--help'], { encoding: 'utf8' })
}

/** The same command's page. */
function manualOf(command: 'peer' | 'coordinator'): Manual {
  const own = `node dist/${command}.js`
  return command === 'peer' ? peerManual(own) : coordinatorManual(own)
}

for (const [command, shape] of [
  ['peer', peerConfigSchema.shape],
  ['coordinator', coordinatorConfigSchema.shape]
] as const) {
  test(`the help of the ${command} has every setting, all sections, and lines that a terminal holds`, () => {
    const help = helpOf(command)
    for (const key of Object.keys(shape)) {
      const flag = FLAGS[key] ?? `--${key}`
      const isOption = new RegExp(`^  ${flag}( |$)`, 'm').test(help)
      assert.ok(isOption || new RegExp(`^  ${key} `, 'm').test(help), `${key} is not told of`)
      assert.match(help, new RegExp(`\\b${key}\\b`), `${key} is not named`)
    }
    for (const title of [
      'Usage',
      'Examples',
      'Only in a configuration file',
      'Files',
      'Environment',
      'Exit codes'
    ]) {
      assert.match(help, new RegExp(`^${title}:`, 'm'))
    }
    const examples = new Set(manualOf(command).examples.map(([line]) => `    ${line}`))
    for (const line of help.split('\n')) {
      assert.ok(line.length <= 100 || examples.has(line), line)
    }
  })
}

test('npm run profile has a help of its own', () => {
  for (const flag of ['--help', '-h']) {
    const help = execFileSync(process.execPath, ['scripts/profile.js', flag], { encoding: 'utf8' })
    assert.match(help, /^Usage: npm run profile -- /)
  }
})

test('a page is no wider than it is told, and says all', () => {
  const manuals = [hostManual, joinManual, peerManual, coordinatorManual, startManual]
  for (const manual of manuals.map((of) => of('x')) satisfies Manual[]) {
    for (const width of [80, 100]) {
      const text = manualText(manual, width)
      const examples = manual.examples.map(([line]) => line)
      for (const line of text.split('\n')) {
        assert.ok(line.length <= width || examples.includes(line.trim()), line)
      }
      const flat = text.replace(/\s+/g, ' ')
      for (const [term, told] of [
        ...(manual.files ?? []),
        ...(manual.environment ?? []),
        ...manual.exitCodes
      ]) {
        assert.ok(flat.includes(`${term} ${told}`), term)
      }
    }
  }
})

test('commands are called as this one was', () => {
  const nothing = {}
  const npx = { npm_command: 'exec' }
  for (const [script, environment, expected] of [
    ['/clone/dist/coordinator.js', nothing, 'node dist/peer.js'],
    ['/clone/dist/potluck.js', nothing, 'node dist/potluck.js peer'],
    ['/here/node_modules/.bin/potluck', nothing, 'npx potluck peer'],
    ['/here/node_modules/.bin/potluck', npx, 'npx potluck peer'],
    ['/clone/dist/potluck.js', npx, 'npx potluck peer'],
    ['/usr/local/bin/potluck', nothing, 'potluck peer'],
    ['/usr/lib/node_modules/potluck/dist/potluck.js', nothing, 'potluck peer'],
    ['', nothing, 'node dist/peer.js']
  ] as const) {
    assert.equal(callOf('peer', script, environment), expected, script)
  }
  assert.equal(programOf('/clone/dist/peer.js', npx), undefined)
})

test('who was invited needs nothing else', async () => {
  const { config, invitation } = await readPeerArguments(['--join', KEYED])
  assert.equal(invitation, KEYED)
  assert.equal(config.coordinator, `${ADDRESS}/p2p/${PEER_ID}`)
  assert.equal(peerNameProblem(config.name), undefined)
  assert.deepEqual([config.collection, config.listen], ['potluck', ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0']])
  const local = await readPeerArguments(['--join', KEYLESS])
  assert.deepEqual(local.config.listen, ['/ip4/127.0.0.1/tcp/0'], 'without a key, others are not let in')
  const open = await readPeerArguments(['--join', KEYLESS, '--open'])
  assert.deepEqual(open.config.listen, ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'])
  const own = await readPeerArguments(['--join', KEYED, '--name', 'ann', '--into', 'x', '--listen', ADDRESS])
  assert.deepEqual([own.config.name, own.config.collection, own.config.listen], ['ann', 'x', [ADDRESS]])
})

test('the environment invites where the arguments name no coordinator', async () => {
  const line = KEYED
  assert.equal((await readPeerArguments([], { line })).invitation, KEYED)
  assert.equal((await readPeerArguments(['--join', KEYLESS], { line })).invitation, KEYLESS)
  const named = ['--coordinator', ADDRESS, '--name', 'ann', '--into', 'x']
  assert.equal((await readPeerArguments(named, { line })).invitation, undefined)
  await assert.rejects(readPeerArguments([], { line: '' }), (error) => {
    assert.ok(error instanceof PotluckError)
    assert.match(error.message, /^POTLUCK_INVITATION: there is no invitation/)
    return true
  })
})

/** Input in parts, as a terminal or pipe delivers it. The command must not wait for its end. */
async function* parts(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts
  throw new Error('read on')
}

test('an invitation is read to its end and no further, in whatever parts it comes', async () => {
  for (const isTTY of [true, false]) {
    for (const size of [1, 7, 50, 1000]) {
      const text = `\n“${KEYED}” `
      const texts = text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []
      const input = Object.assign(parts(texts), { isTTY })
      assert.ok((await readInvitationFrom(input)).includes(KEYED))
    }
  }
  // Other text on a terminal ends the input at once, so that its user soon sees the error.
  assert.equal(
    await readInvitationFrom(Object.assign(parts(['\n', 'hello\n']), { isTTY: true })),
    '\nhello\n'
  )
  await assert.rejects(readInvitationFrom(Object.assign(parts(['hello\n']), { isTTY: false })), /read on/)
  const endless = await readInvitationFrom(Object.assign(parts(Array(50).fill('x'.repeat(1024)))))
  assert.ok(endless.length < 20_000)
})

test('a name of one’s own is what a peer’s name can be', () => {
  assert.equal(peerNameOf(['ann']), 'ann')
  assert.equal(peerNameOf(['', 'ann']), 'ann')
  assert.equal(peerNameOf(['con', '.potluck', ' a:b. ']), 'ab')
  assert.equal(peerNameOf(['..', 'nul']), 'peer')
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 100 })), (texts) => {
      const name = peerNameOf(texts)
      assert.equal(peerNameProblem(name), undefined)
      assert.ok(Buffer.byteLength(name) <= MAX_PEER_NAME_BYTE_LENGTH)
    })
  )
})

test('fault 47: a terminal that is gone while an invitation is awaited is said in a sentence', async () => {
  async function* input(): AsyncGenerator<string> {
    yield 'potluck1'
    throw new Error('read EIO')
  }
  await assert.rejects(readPeerArguments(['--join', '-'], { input: input() }), (error) => {
    assert.ok(error instanceof PotluckError)
    assert.equal(error.code, 'CONFIGURATION')
    assert.match(error.message, /^The invitation cannot be read from standard input \(read EIO\)\. Give it /)
    return true
  })
})
