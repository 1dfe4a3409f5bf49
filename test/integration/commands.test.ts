/** The commands' help, and their refusals: one sentence each, with the right exit code. */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { describe, it } from 'node:test'
import { createPeer } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import {
  type Called,
  callCoordinator,
  callPeer,
  callPotluck,
  callSimulate,
  callSwarm,
  inFolder,
  peerArguments
} from '../fixtures/calls.js'

const NO_STACK = /^\s+at .*:\d+:\d+/m
const NOBODY = '/ip4/127.0.0.1/tcp/1'
const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0', '--logs', 'logs', '--dashboard', 'off']

/** Ended as it should, and shows no stack trace. */
function endedWith(called: Called, code: number): void {
  assert.equal(called.code, code, called.output)
  assert.doesNotMatch(called.output, NO_STACK)
}

async function areRefused(cases: readonly (readonly [() => Promise<Called>, RegExp])[]): Promise<void> {
  for (const [call, pattern] of cases) {
    const called = await call()
    endedWith(called, 2)
    assert.match(called.stderr, pattern)
  }
}

/** A port that something listens on. */
async function withTakenPort(use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  try {
    await use(address.port)
  } finally {
    server.close()
  }
}

describe('commands', () => {
  for (const [name, call] of [
    ['coordinator', callCoordinator],
    ['peer', callPeer],
    ['swarm', callSwarm],
    ['simulate', callSimulate]
  ] as const) {
    it(`${name} explains itself`, async () => {
      const help = await call(['--help'])
      endedWith(help, 0)
      assert.match(help.stdout, /Usage: /)
      assert.match(help.stdout, /--json/)
      const version = await call(['--version'])
      endedWith(version, 0)
      const { version: expected } = JSON.parse(await readFile('package.json', 'utf8'))
      assert.equal(version.stdout.trim(), expected)
      const mistyped = await call(['--jsno'])
      endedWith(mistyped, 2)
      assert.match(mistyped.stderr, /--json/, 'suggests what was meant')
    })
  }

  it('potluck calls the others, each with its own help, and suggests what was meant', async () => {
    const cases: [string[], number, RegExp][] = [
      [
        ['--help'],
        0,
        /^Usage: potluck <command>.* {2}host .* {2}join .* {2}coordinator .* {2}peer .* {2}start /s
      ],
      [[], 0, /^Usage: potluck <command>/],
      [['help', 'peer'], 0, /^Usage: .*peer.* \[options\].*--join/s],
      [['coordinator', '--help'], 0, /^Usage: .*coordinator.* \[options\].*--peers/s],
      [['start', '--help'], 0, /^Usage: .* start .*\[options\].*--size/s],
      [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
      [['host', '--help'], 0, /^Usage: .*host.* \[options\] \[paths\.\.\.\].*--peers.*--share/s],
      [['join', '--help'], 0, /^Usage: .*join.* \[options\] <invitation> \[paths\.\.\.\].*--into/s],
      [['completion', '--help'], 0, /^Usage: .*completion.* \[options\] <shell>.*potluck\.fish/s],
      [['completion'], 2, /missing required argument 'shell'/],
      [['completion', 'basch'], 2, /'basch' is invalid .*Allowed choices are bash, zsh, fish/],
      [['start-now', '--help'], 0, /^Usage: .*start-now \[options\] \[coordinator\].*--peers/s],
      [['start-now', '--peers', 'many'], 2, /^--peers cannot be "many": it must be a whole number\.\n$/],
      [['start-now', '--pears', '3'], 2, /unknown option '--pears'\n\(Did you mean --peers\?\)/],
      [['start-now', '9000', '9001'], 2, /too many arguments/],
      [['start-nwo'], 2, /unknown command 'start-nwo'\n\(Did you mean start-now\?\)/],
      [['hots'], 2, /unknown command 'hots'\n\(Did you mean host\?\)/],
      [['potluck1abcd'], 2, /^This is an invitation, not a command\. Run ".*join potluck1…" with it/],
      [['test'], 2, /^test is a file or folder, not a command\. To share it, run ".*host test", or ".*join /],
      [['join', '--shrae', 'x'], 2, /unknown option '--shrae'\n\(Did you mean --share\?\)/],
      [['pear'], 2, /unknown command 'pear'\n\(Did you mean peer\?\)/],
      [['--hlep'], 2, /unknown option '--hlep'\n\(Did you mean --help\?\)/],
      [['peer', '--jion', 'x'], 2, /unknown option '--jion'\n\(Did you mean .*--join/],
      [['peer', '--shrae', 'x'], 2, /unknown option '--shrae'\n\(Did you mean --share\?\)/],
      [['coordinator', '--poers', '3'], 2, /unknown option '--poers'\n\(Did you mean --peers\?\)/]
    ]
    for (const [argv, code, pattern] of cases) {
      const called = await callPotluck(argv)
      endedWith(called, code)
      assert.match(called.output, pattern)
    }
  })

  it('simulate lists what it knows, and refuses what it does not know', async () => {
    const list = await callSimulate(['--list'])
    endedWith(list, 0)
    assert.match(list.stdout, /^two-cloud-two-laptops: /m)
    await areRefused(
      [
        ['--scenario', 'four-equals'],
        ['--seeds', '0'],
        ['--scheduler', 'best']
      ].map((wrong) => [() => callSimulate(wrong), /"(four-equals|0|best)"/])
    )
  })

  it('refuse what cannot be meant, in one sentence and with exit code 2', async () => {
    await inFolder(async () => {
      await withTakenPort(async (port) => {
        const base = { name: 'ann', coordinator: NOBODY, collection: 'got' }
        await writeFile('unknown.json', JSON.stringify({ ...base, shares: [] }))
        await writeFile('wrong.json', JSON.stringify({ ...base, share: 'x' }))
        await writeFile('broken.json', '{')
        const ann = (...more: string[]) => callPeer(peerArguments('ann', NOBODY, ...more))
        const taken = `/ip4/127.0.0.1/tcp/${port}`
        await areRefused([
          [() => callPeer(['--config', 'nowhere.json']), /no configuration file "nowhere.json"/],
          [() => callPeer(['--config', 'unknown.json']), /unknown key "shares".*did you mean "share"/],
          [() => callPeer(['--config', 'wrong.json']), /"share" cannot be .*it must be a list/],
          [() => callPeer(['--config', 'broken.json']), /not valid JSON/],
          [() => ann('--share', 'nothing.bin'), /nothing\.bin/],
          [() => callPeer(peerArguments('b/d', NOBODY)), /--name cannot be "b\/d"/],
          [() => ann('--uplink', 'fast'), /--uplink cannot be "fast": it must be a number of Mbit\/s/],
          [() => callCoordinator(['--logs', 'logs', '--listen', taken]), /address already in use/],
          [() => callCoordinator(['--peers', 'many']), /--peers/],
          [() => callSwarm(['--size', 'huge']), /--size/]
        ])
      })
    })
  })

  it('say when no coordinator answers, with exit code 3', async () => {
    await inFolder(async () => {
      const settings = { name: 'ann', coordinator: NOBODY, collection: 'got', joinTimeoutMs: 300 }
      await writeFile('ann.json', JSON.stringify(settings))
      const lonely = await callPeer(['--config', 'ann.json'])
      endedWith(lonely, 3)
      assert.match(lonely.stderr, /no coordinator answers at \/ip4\/127\.0\.0\.1\/tcp\/1/)
    })
  })
})

describe('what is served by commands', () => {
  it('is nothing where it is off, by flag or by configuration', async () => {
    await inFolder(async () => {
      const settings = { listen: ['/ip4/127.0.0.1/tcp/0'], dashboard: 'off', logs: 'logs' }
      await writeFile('off.json', JSON.stringify(settings))
      for (const argv of [LISTEN, ['--config', 'off.json']]) {
        const { code, events } = await callCoordinator([...argv, '--json'], {}, async () => undefined)
        assert.equal(code, 0)
        assert.deepEqual(
          events.map(({ event }) => event),
          ['started', 'stopped']
        )
      }
    })
  })

  it('is refused in a sentence, with exit code 2, where the address is in use or is none', async () => {
    await inFolder(async () => {
      await withTakenPort(async (port) => {
        const address = `127.0.0.1:${port}`
        const inUse =
          /cannot serve HTTP on 127\.0\.0\.1:\d+ \(.*address already in use.*\); end what uses the port/
        await areRefused([
          [() => callCoordinator([...LISTEN, '--dashboard', address]), inUse],
          [() => callPeer(peerArguments('ann', NOBODY, '--metrics', address)), inUse],
          [
            () => callCoordinator([...LISTEN, '--dashboard', '9080']),
            /--dashboard cannot be "9080".*: it must be "off", "auto", or HOST:PORT such as "127\.0\.0\.1:9080"/
          ],
          [
            () => callPeer(peerArguments('ann', NOBODY, '--metrics', 'off')),
            /--metrics cannot be "off".*: it must be HOST:PORT such as "127\.0\.0\.1:9464"/
          ],
          [() => callSwarm(['--size', '1', '--dashboard', 'here']), /--dashboard cannot be "here"/]
        ])
      })
    })
  })
})

describe('a report', () => {
  /** A coordinator's whole run, with a peer that brings a file. */
  async function run(...flags: string[]): Promise<Called> {
    await writeFile('ann.bin', bytesOf(1000, 'ann'))
    return await callCoordinator([...LISTEN, '--peers', '1', ...flags], {}, async (coordinator) => {
      const [address = ''] = coordinator.multiaddrs
      const [share, collection] = [resolve('ann.bin'), resolve('got')]
      const ann = await createPeer({ name: 'ann', coordinator: address, share: [share], collection })
      await ann.start()
      await Promise.all([ann.completed(), coordinator.completed()])
      await ann.stop()
    })
  }

  it('is written beside the logs, and from the logs where it is told so', async () => {
    await inFolder(async () => {
      const coordinator = await run()
      endedWith(coordinator, 0)
      assert.match(coordinator.stdout, /^Report: \.\/logs\/report\.html$/m)
      const elsewhere = await callCoordinator(['report', 'logs/coordinator.jsonl', '--out', 'out'])
      endedWith(elsewhere, 0)
      assert.match(elsewhere.stdout, /^Report: \.\/out\/report\.html$/m)
      assert.deepEqual((await readdir('out')).sort(), ['report.html', 'report.json'])
    })
  })

  it('is written nowhere where it is told so', async () => {
    await inFolder(async () => {
      const coordinator = await run('--no-report')
      endedWith(coordinator, 0)
      assert.match(coordinator.stdout, /makespan/)
      assert.doesNotMatch(coordinator.output, /Report/)
      assert.deepEqual((await readdir('logs')).sort(), ['coordinator.jsonl', 'coordinator.log'])
    })
  })

  it('is not written where there was no run', async () => {
    await inFolder(async () => {
      const lonely = await callCoordinator(LISTEN, {}, async () => undefined)
      endedWith(lonely, 0)
      assert.doesNotMatch(lonely.output, /Report/)
    })
  })

  it('that cannot be written is told of, and the run ends as it would have', async () => {
    await inFolder(async () => {
      await writeFile('logs', 'a file where a folder should be')
      const coordinator = await run()
      endedWith(coordinator, 0)
      assert.match(coordinator.stderr, /The report cannot be written to .*logs/)
    })
  })

  it('refuses what is no log of a run, in one sentence and with exit code 2', async () => {
    await inFolder(async () => {
      await writeFile('empty.jsonl', '')
      await mkdir('none')
      const cases: [string[], RegExp][] = [
        [['nowhere.jsonl'], /The log nowhere\.jsonl cannot be read: there is no such file or folder\./],
        [['empty.jsonl'], /There is no run in empty\.jsonl: name the \.jsonl files/],
        [['none'], /There is no run in none: /],
        [[], /missing required argument 'logs'/],
        [['empty.jsonl', '--ot', 'x'], /unknown option '--ot'/]
      ]
      await areRefused(cases.map(([args, pattern]) => [() => callCoordinator(['report', ...args]), pattern]))
      const help = await callCoordinator(['report', '--help'])
      endedWith(help, 0)
      assert.match(help.stdout, /<logs\.\.\.>[\s\S]*--out <folder>/)
    })
  })
})

describe('a working folder that was deleted', { skip: process.platform === 'win32' && 'cannot be' }, () => {
  it('fault 47: is told from a defect by every command, with what to do', async () => {
    await inFolder(async (folder) => {
      await rmdir(folder)
      const pattern = /^The working folder of this command was deleted, .* with cd, .*\n$/
      await areRefused([
        [() => callPeer(['--name', 'ann', '--coordinator', NOBODY, '--into', '/got']), pattern],
        [() => callPeer(['--config', 'ann.json']), pattern],
        [() => callCoordinator(['--listen', '/ip4/127.0.0.1/tcp/0']), pattern],
        [() => callCoordinator(['--new-secret', 'secret.txt']), pattern],
        [() => callCoordinator(['report', 'logs']), pattern],
        [() => callSwarm(['--size', '1']), pattern]
      ])
    })
  })
})
