/** The commands as people run them: exit codes, messages, signals. */
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { freePort } from '../../bench/machine/ports.js'
import { type Command, Workshop } from '../fixtures/processes.js'
import { bytesOf } from '../fixtures/swarm.js'

const MIB = 1024 * 1024
const NO_STACK = /^\s+at .*:\d+:\d+/m

/** Exits as it should, and shows no stack trace. */
async function endsWith(command: Command, code: number): Promise<void> {
  const exit = await command.end()
  assert.deepEqual(exit, { code, signal: null }, command.output.slice(-3000))
  assert.doesNotMatch(command.output, NO_STACK)
}

describe('commands', () => {
  for (const script of ['coordinator.js', 'peer.js', 'swarm.js', 'simulate.js']) {
    it(`${script} explains itself`, async () => {
      await Workshop.run(async (workshop) => {
        const help = workshop.start(script, '--help')
        await endsWith(help, 0)
        assert.match(help.stdout, /Usage: /)
        assert.match(help.stdout, /--json/)
        const version = workshop.start(script, '--version')
        await endsWith(version, 0)
        const { version: expected } = JSON.parse(await readFile('package.json', 'utf8'))
        assert.equal(version.stdout.trim(), expected)
        const mistyped = workshop.start(script, '--jsno')
        await endsWith(mistyped, 2)
        assert.match(mistyped.stderr, /--json/, 'suggests what was meant')
      })
    })
  }

  it('simulate.js tells each run to people or machines, and refuses what it does not know', async () => {
    await Workshop.run(async (workshop) => {
      const few = ['--scenario', 'equal-2', 'four-equal', '--chunks', '4', '--seeds', '2', '--json']
      const simulated = workshop.start('simulate.js', ...few)
      await endsWith(simulated, 0)
      const events = simulated.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      assert.deepEqual(
        events.map(({ event, scenario, seed, complete }) => [event, scenario, seed, complete]),
        ['equal-2', 'four-equal'].flatMap((name) => [1, 2].map((seed) => ['simulated', name, seed, true]))
      )
      assert.match(simulated.stderr, /^scenario .* T\* \(s\)/)
      const list = workshop.start('simulate.js', '--list')
      await endsWith(list, 0)
      assert.match(list.stdout, /^two-cloud-two-laptops: /m)
      for (const wrong of [
        ['--scenario', 'four-equals'],
        ['--seeds', '0'],
        ['--scheduler', 'best']
      ]) {
        const refused = workshop.start('simulate.js', ...wrong)
        await endsWith(refused, 2)
        assert.match(refused.stderr, /"(four-equals|0|best)"/)
      }
    })
  })

  it('run from configuration files, whichever starts first, and tell by events and logs', async () => {
    await Workshop.run(async (workshop) => {
      const port = await freePort()
      const address = `/ip4/127.0.0.1/tcp/${port}`
      await mkdir(join(workshop.folder, 'config'))
      await workshop.write(
        'config/coordinator.json',
        JSON.stringify({ listen: [address], expectedPeers: 2, logs: '../logs' })
      )
      const peers: Command[] = []
      for (const number of [1, 2]) {
        const name = `client${number}`
        await workshop.write(`${name}.bin`, bytesOf(MIB + number, name))
        await workshop.write(
          `config/${name}.json`,
          JSON.stringify({
            name,
            coordinator: address,
            share: [`../${name}.bin`],
            collection: `../${name}-got`,
            logs: '../logs'
          })
        )
        peers.push(workshop.start('peer.js', '--config', `${name}.json`, '--json'))
      }
      const [first] = peers
      await first?.told('coordinator-unreachable')
      const coordinator = workshop.start('coordinator.js')
      await Promise.all([...peers, coordinator].map((command) => endsWith(command, 0)))
      assert.match(coordinator.stdout, /makespan/)
      const got = await readFile(join(workshop.folder, 'client1-got/client2/client2.bin'))
      assert.ok(got.equals(bytesOf(MIB + 2, 'client2')))

      for (const kind of ['registered', 'roster', 'manifests-published', 'catalog', 'peer-complete']) {
        assert.equal(first?.eventsOf(kind).length, 1, kind)
      }
      const stored = first?.eventsOf('chunk-stored') ?? []
      assert.equal(stored.length, 5)
      for (const event of stored) {
        assert.equal(event['file'], 'client2/client2.bin')
        assert.equal(event['from'], 'client2')
        assert.equal(event['peer'], 'client1')
        for (const field of ['chunkIndex', 'byteLength', 'elapsedMs', 'atMs']) {
          assert.equal(typeof event[field], 'number', field)
        }
      }
      const [complete] = first?.eventsOf('file-complete') ?? []
      assert.equal(complete?.['file'], 'client2/client2.bin')
      assert.equal(complete?.['origin'], 'client2')
      assert.equal(complete?.['byteLength'], MIB + 2)
      assert.match(String(complete?.['md5']), /^[0-9a-f]{32}$/)
      const [end] = first?.eventsOf('swarm-complete') ?? []
      assert.equal(typeof end?.['makespanMs'], 'number')

      const jsonl = await readFile(join(workshop.folder, 'logs/client1.jsonl'), 'utf8')
      assert.deepEqual(
        jsonl
          .trim()
          .split('\n')
          .map((line): unknown => JSON.parse(line)),
        first?.events
      )
      const text = await readFile(join(workshop.folder, 'logs/coordinator.log'), 'utf8')
      assert.match(text, /^ *\d+\.\d+ ms {2}swarm-complete/m)
    })
  })

  it('refuse what cannot be meant, in one sentence and with exit code 2', async () => {
    await Workshop.run(async (workshop) => {
      const { port, close } = await occupiedPort()
      const taken = `/ip4/127.0.0.1/tcp/${port}`
      const base = { name: 'ann', coordinator: '/ip4/127.0.0.1/tcp/1', collection: 'got' }
      await workshop.write('unknown.json', JSON.stringify({ ...base, shares: [] }))
      await workshop.write('wrong.json', JSON.stringify({ ...base, share: 'x' }))
      await workshop.write('broken.json', '{')
      const cases: [Command, RegExp][] = [
        [workshop.start('peer.js', '--config', 'nowhere.json'), /no configuration file "nowhere.json"/],
        [workshop.start('peer.js', '--config', 'unknown.json'), /unknown key "shares".*did you mean "share"/],
        [workshop.start('peer.js', '--config', 'wrong.json'), /"share" cannot be .*it has to be a list/],
        [workshop.start('peer.js', '--config', 'broken.json'), /not valid JSON/],
        [workshop.peer('ann', '/ip4/127.0.0.1/tcp/1', '--share', 'nothing.bin'), /nothing\.bin/],
        [workshop.peer('b/d', '/ip4/127.0.0.1/tcp/1'), /--name cannot be "b\/d"/],
        [
          workshop.peer('ann', '/ip4/127.0.0.1/tcp/1', '--uplink', 'fast'),
          /--uplink cannot be "fast": it has to be a number of Mbit\/s/
        ],
        [workshop.start('coordinator.js', '--logs', 'logs', '--listen', taken), /address already in use/],
        [workshop.start('coordinator.js', '--peers', 'many'), /--peers/],
        [workshop.start('swarm.js', '--size', 'huge'), /--size/]
      ]
      try {
        for (const [command, pattern] of cases) {
          await endsWith(command, 2)
          assert.match(command.stderr, pattern)
        }
      } finally {
        close()
      }
    })
  })

  it('say when no coordinator answers, with exit code 3', async () => {
    await Workshop.run(async (workshop) => {
      await workshop.write(
        'ann.json',
        JSON.stringify({
          name: 'ann',
          coordinator: '/ip4/127.0.0.1/tcp/1',
          collection: 'got',
          joinTimeoutMs: 300
        })
      )
      const lonely = workshop.start('peer.js', '--config', 'ann.json')
      await endsWith(lonely, 3)
      assert.match(lonely.stderr, /no coordinator answers at \/ip4\/127\.0\.0\.1\/tcp\/1/)
    })
  })

  it('fault 10: refuse a second peer of a name and a second process on a collection, and say so on both sides', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(2)
      const ann = workshop.peer('ann', address)
      await ann.told('registered')
      const twin = workshop.peer('ann', address, '--into', 'elsewhere')
      await endsWith(twin, 3)
      assert.match(twin.stderr, /a peer named "ann" is in the swarm already/)
      assert.match(coordinator.stderr, /a peer named "ann" is in the swarm already/)
      const squatter = workshop.peer('ben', address, '--into', 'ann-got')
      await endsWith(squatter, 2)
      assert.match(squatter.stderr, new RegExp(`ann.*${ann.child.pid}|${ann.child.pid}.*ann`))
    })
  })
})

describe('capacities', () => {
  it('given by flags make a bound in the events, the logs and the table', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(2)
      const share = await workshop.write('big.bin', bytesOf(MIB, 'big'))
      const ann = workshop.peer('ann', address, '--share', share, '--uplink', '83.5')
      const ben = workshop.peer('ben', address, '--downlink', '1000')
      await Promise.all([ann, ben, coordinator].map((command) => endsWith(command, 0)))
      const boundMs = (MIB / (83.5 * 125_000)) * 1000
      for (const command of [ann, coordinator]) {
        const [end] = command.eventsOf('swarm-complete')
        assert.deepEqual([end?.['boundMs'], end?.['term'], end?.['boundPeer']], [boundMs, 'origin', 'ann'])
        assert.equal(typeof end?.['efficiency'], 'number')
        assert.match(
          command.stderr,
          /^lower bound 100 ms \(ann's uplink, 83\.5 Mbit\/s\); efficiency [01]\.\d\d$/m
        )
      }
      assert.equal(coordinator.eventsOf('bound').length, 1)
      const log = await readFile(join(workshop.folder, 'logs/coordinator.log'), 'utf8')
      assert.match(log, /^ *\d+\.\d+ ms {2}bound +the links allow no less than 100 ms \(ann's uplink/m)
    })
  })
})

describe('the library', () => {
  it('runs the example that the README prints', async () => {
    await Workshop.run(async (workshop) => {
      const code = /```js\n([\s\S]*?)```/.exec(await readFile('README.md', 'utf8'))?.[1] ?? ''
      const library = pathToFileURL('dist/index.js').href
      const path = await workshop.write('example.mjs', code.replace('./dist/index.js', library))
      for (const name of ['ann', 'ben']) {
        await workshop.write(`${name}.iso`, bytesOf(MIB, name))
      }
      const example = workshop.start(join(workshop.folder, path))
      await endsWith(example, 0)
      assert.match(example.stdout, /^[\d.]+ swarm-complete$/m)
      assert.match(example.stdout, /^complete after [\d.]+ ms$/m)
      const got = await readFile(join(workshop.folder, 'ann-got/ben/ben.iso'))
      assert.ok(got.equals(bytesOf(MIB, 'ben')))
    })
  })
})

describe('signals', () => {
  it('Ctrl-C prints the assignment’s line and ends with 130 within 2 s', async () => {
    await Workshop.run(async (workshop) => {
      const { address } = await workshop.coordinator(2)
      const peer = workshop.peer('client1', address)
      await peer.told('registered')
      const at = performance.now()
      peer.child.kill('SIGINT')
      await endsWith(peer, 130)
      assert.ok(performance.now() - at < 4000, 'twice the promise, on a machine that does other things')
      assert.match(peer.output, /^Client 1: Connection closed$/m)
    })
  })

  it('a coordinator killed before the catalog is known ends a peer with 3', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(2)
      const config = await workshop.write('client1.json', JSON.stringify({ joinTimeoutMs: 1000 }))
      const peer = workshop.peer('client1', address, '--config', config)
      await peer.told('registered')
      coordinator.child.kill('SIGKILL')
      await endsWith(peer, 3)
      assert.match(peer.output, /^Client 1: Connection was forcibly closed\.$/m)
    })
  })

  it('fault 11: a coordinator that is killed and started again carries on with its swarm', async () => {
    await Workshop.run(async (workshop) => {
      const port = await freePort()
      const { command: coordinator, address } = await workshop.coordinator(2, port)
      const peers = await Promise.all(
        ['client1', 'client2'].map(async (name) => {
          const share = await workshop.write(`${name}.bin`, bytesOf(24 * MIB, name))
          return workshop.peer(name, address, '--share', share)
        })
      )
      await Promise.all(peers.map((peer) => peer.told('catalog')))
      // Held still, so that they are not done before the coordinator is back.
      for (const { child } of peers) {
        child.kill('SIGSTOP')
      }
      await sleep(1000)
      coordinator.child.kill('SIGKILL')
      const { command: again } = await workshop.coordinator(2, port)
      const [first, second] = [coordinator, again].map((command) => command.eventsOf('started')[0])
      assert.equal(second?.['peerId'], first?.['peerId'], 'it is who it was')
      const { peers: count, complete } = await again.told('carried-on')
      assert.deepEqual([count, complete], [2, 0])
      for (const { child } of peers) {
        child.kill('SIGCONT')
      }
      await Promise.all(peers.map((peer) => peer.printed(/^Client \d: Connection was forcibly closed\.$/m)))
      await Promise.all([...peers, again].map((command) => endsWith(command, 0)))
      const [end] = again.eventsOf('swarm-complete')
      assert.ok(Number(end?.['makespanMs']) > 1000, 'the time that it was away counts')
      await assert.rejects(readFile(join(workshop.folder, `logs/coordinator-${port}.state`)), {
        code: 'ENOENT'
      })
    })
  })

  it('fault 11: so it does when its peers have ended meanwhile and come back', async () => {
    await Workshop.run(async (workshop) => {
      const port = await freePort()
      const { command: coordinator, address } = await workshop.coordinator(2, port)
      const share = await workshop.write('ann.bin', bytesOf(8 * MIB, 'ann'))
      const ann = workshop.peer('ann', address, '--share', share)
      const ben = workshop.peer('ben', address)
      await Promise.all([ann, ben].map((peer) => peer.told('catalog')))
      coordinator.child.kill('SIGKILL')
      await Promise.all([ann, ben].map((command) => endsWith(command, 0)))
      const { command: again } = await workshop.coordinator(2, port)
      await again.told('carried-on')
      const late = [workshop.peer('ann', address, '--share', share), workshop.peer('ben', address)]
      await Promise.all([...late, again].map((command) => endsWith(command, 0)))
    })
  })

  it('fault 1: a peer killed in the middle goes on where it was', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(2)
      const content = bytesOf(48 * MIB, 'big')
      const ann = workshop.peer('ann', address, '--share', await workshop.write('big.bin', content))
      const first = workshop.peer('ben', address)
      await first.told('chunk-stored', 20)
      first.child.kill('SIGKILL')
      await first.exited
      const second = workshop.peer('ben', address)
      await Promise.all([ann, second, coordinator].map((command) => endsWith(command, 0)))
      const got = await readFile(join(workshop.folder, 'ben-got/ann/big.bin'))
      assert.ok(got.equals(content))
      assert.equal(coordinator.eventsOf('swarm-complete').length, 1)
    })
  })
})

describe('npm start', () => {
  it('runs the whole scenario, verifies every file, and cleans up', async () => {
    await Workshop.run(async (workshop) => {
      const swarm = workshop.start(
        'swarm.js',
        ...['--size', '2MiB', '--peers', '3', '--dir', 'run', '--clean', '--json']
      )
      await endsWith(swarm, 0)
      const [verified] = swarm.eventsOf('verified')
      assert.equal(verified?.['identical'], 9)
      assert.match(swarm.stderr, /9 of 9 files identical/)
      assert.match(swarm.stderr, /Dashboard: http:\/\/127\.0\.0\.1:\d+\/( |\n)/)
      await assert.rejects(readFile(join(workshop.folder, 'run/client1/share/client1.bin')), {
        code: 'ENOENT'
      })
    })
  })
})

/** A port that something listens on, until it is closed. */
async function occupiedPort(): Promise<{ port: number; close(): void }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') {
    throw new Error('no port')
  }
  return { port: address.port, close: () => server.close() }
}
