/** The commands as people run them: exit codes, messages, signals. */
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DEFAULT_CHUNK_BYTE_LENGTH } from '#potluck/core/chunks.js'
import type { Peer, PeerSettings } from '#potluck/index.js'
import { freePort } from '../../bench/machine/ports.js'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'
import { nextEvent, TestSwarm } from '../fixtures/swarm.js'

const MIB = 1024 * 1024
/** Slow enough to interrupt even a small transfer in its middle. */
const SLOWLY = ['--max-up', '40']
const NO_STACK = /^\s+at .*:\d+:\d+/m

/** Exits as it should, and shows no stack trace. */
async function endsWith(command: Command, code: number): Promise<void> {
  const exit = await command.end()
  assert.deepEqual(exit, { code, signal: null }, command.output.slice(-3000))
  assert.doesNotMatch(command.output, NO_STACK)
}

/**
 * The limit for a command that only answers --help. Commander takes half of it; zod or libp2p alone would exceed it.
 */
const MOST_LOADED_BYTES = 320 * 1024

/** Of a file and of all that it imports at once. */
async function loadedByteLength(file: string, seen: Set<string>): Promise<number> {
  if (seen.has(file)) {
    return 0
  }
  seen.add(file)
  const text = await readFile(file, 'utf8')
  let byteLength = Buffer.byteLength(text)
  for (const [, path = ''] of text.matchAll(/^(?:import|export|\}) ?(?:[^'"\n]* from )?"(\.[^"]+)";$/gm)) {
    byteLength += await loadedByteLength(resolve(dirname(file), path), seen)
  }
  return byteLength
}

/** It is not published: it lies beside `dist`. */
const SIMULATE = fileURLToPath(new URL('../../sim/simulate.js', import.meta.url))

describe('commands', () => {
  // Their help and refusals are in integration/commands.test.ts.
  for (const script of ['coordinator.js', 'peer.js', 'swarm.js', SIMULATE]) {
    it(`${basename(script)} ends with exit code 2 when it is called wrongly`, async () => {
      await Workshop.run(async (workshop) => {
        const mistyped = workshop.start(script, '--jsno')
        await endsWith(mistyped, 2)
        assert.match(mistyped.stderr, /--json/, 'suggests what was meant')
      })
    })
  }

  for (const script of ['coordinator.js', 'peer.js', 'potluck.js', 'swarm.js']) {
    it(`${script} answers before what a run needs is loaded`, async () => {
      const byteLength = await loadedByteLength(resolve('dist', script), new Set())
      assert.ok(byteLength < MOST_LOADED_BYTES, `${byteLength} bytes of JavaScript`)
    })
  }

  it('simulate.js tells each run to people or machines', async () => {
    await Workshop.run(async (workshop) => {
      const few = ['--scenario', 'equal-2', 'four-equal', '--chunks', '4', '--seeds', '2', '--json']
      const simulated = workshop.start(SIMULATE, ...few)
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
    })
  })

  it('run from configuration files, whichever starts first, and tell by events, logs and a bound of what flags say', async () => {
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
        const lines = ['--uplink', number === 1 ? '83.5' : '1000', '--downlink', '1000']
        peers.push(workshop.start('peer.js', '--config', `${name}.json`, '--json', ...lines))
      }
      const [first] = peers
      await first?.told('coordinator-unreachable')
      const coordinator = workshop.start('coordinator.js', '--json')
      await Promise.all([...peers, coordinator].map((command) => endsWith(command, 0)))
      assert.match(coordinator.stderr, /makespan/)
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
      const boundMs = ((MIB + 1) / (83.5 * 125_000)) * 1000
      for (const command of [first, coordinator]) {
        const [end] = command?.eventsOf('swarm-complete') ?? []
        assert.equal(typeof end?.['makespanMs'], 'number')
        assert.deepEqual(
          [end?.['boundMs'], end?.['term'], end?.['boundPeer']],
          [boundMs, 'origin', 'client1']
        )
        assert.equal(typeof end?.['efficiency'], 'number')
        assert.match(
          command?.stderr ?? '',
          /^lower bound 100 ms \(client1's uplink, 83\.5 Mbit\/s\); efficiency [01]\.\d\d$/m
        )
      }
      assert.equal(coordinator.eventsOf('bound').length, 1)

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
      assert.match(text, /^ *\d+\.\d+ ms {2}bound +the links allow no less than 100 ms \(client1's uplink/m)
    })
  })

  it('fault 10: refuse a second peer of a name and a second process on a collection; end at Ctrl-C, and without a coordinator', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(3)
      const config = await workshop.write('short.json', JSON.stringify({ joinTimeoutMs: 5000 }))
      const client1 = workshop.peer('client1', address, '--config', config)
      const client2 = workshop.peer('client2', address)
      await Promise.all([client1, client2].map((peer) => peer.told('registered')))
      const twin = workshop.peer('client1', address, '--into', 'elsewhere')
      const squatter = workshop.peer('ben', address, '--into', 'client1-got')
      await endsWith(twin, 3)
      assert.match(twin.stderr, /a peer named "client1" is in the swarm already/)
      await coordinator.printed(/a peer named "client1" is in the swarm already/)
      await endsWith(squatter, 2)
      const { pid } = client1.child
      assert.match(squatter.stderr, new RegExp(`client1.*${pid}|${pid}.*client1`))

      // The assignment’s line, within 2 s.
      const at = performance.now()
      client2.child.kill('SIGINT')
      await endsWith(client2, 130)
      assert.ok(performance.now() - at < 4000, 'twice the promise, on a machine that does other things')
      assert.match(client2.output, /^Client 2: Connection closed$/m)

      // Before the catalog is known there is nothing to continue.
      coordinator.child.kill('SIGKILL')
      await endsWith(client1, 3)
      assert.match(client1.output, /^Client 1: Connection was forcibly closed\.$/m)
    })
  })
})

describe('processes that are killed', () => {
  it('fault 11: a coordinator that is killed and started again carries on with its swarm', async () => {
    await Workshop.run(async (workshop) => {
      const port = await freePort()
      const { command: coordinator, address } = await workshop.coordinator(2, port)
      const peers = await Promise.all(
        ['client1', 'client2'].map(async (name) => {
          const share = await workshop.write(`${name}.bin`, bytesOf(4 * MIB, name))
          return workshop.peer(name, address, '--share', share, ...SLOWLY)
        })
      )
      await Promise.all(peers.map((peer) => peer.told('catalog')))
      // They are stopped, so that they do not complete before the coordinator is back.
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
      await TestSwarm.run(async (swarm) => {
        const port = await freePort()
        const { command: coordinator, address } = await workshop.coordinator(2, port)
        const members = async (settings: Partial<PeerSettings>): Promise<Peer[]> => {
          const all = [
            await swarm.peer(
              'ann',
              { 'ann.bin': bytesOf(2 * MIB, 'ann') },
              { coordinator: address, ...settings }
            ),
            await swarm.peer('ben', {}, { coordinator: address })
          ]
          return all.map(({ peer }) => peer)
        }
        const first = await members({ maxUp: 40 })
        const catalogs = first.map((peer) => nextEvent(peer, 'catalog'))
        await Promise.all(first.map((peer) => peer.start()))
        await Promise.all(catalogs)
        coordinator.child.kill('SIGKILL')
        for (const peer of first) {
          assert.equal((await peer.completed()).complete, true)
          await peer.stop()
        }
        const { command: again } = await workshop.coordinator(2, port)
        await again.told('carried-on')
        const late = await members({})
        await Promise.all(late.map((peer) => peer.start()))
        for (const peer of late) {
          assert.equal((await peer.completed()).complete, true)
        }
        await endsWith(again, 0)
      })
    })
  })

  it('fault 1: a peer killed in the middle goes on where it was', async () => {
    await Workshop.run(async (workshop) => {
      await TestSwarm.run(async (swarm) => {
        const { coordinator, address } = await swarm.coordinatorOfCommands(2)
        const content = bytesOf(8 * MIB, 'big')
        const { peer: ann } = await swarm.peer('ann', { 'big.bin': content }, { maxUp: 40 })
        await ann.start()
        const first = workshop.peer('ben', address)
        await first.told('chunk-stored', 10)
        first.child.kill('SIGKILL')
        await first.exited
        const second = workshop.peer('ben', address)
        await endsWith(second, 0)
        assert.equal((await ann.completed()).complete, true)
        assert.equal((await coordinator.completed()).complete, true)
        const got = await readFile(join(workshop.folder, 'ben-got/ann/big.bin'))
        assert.ok(got.equals(content))
        const again = second.eventsOf('chunk-stored').length
        assert.ok(again < (8 * MIB) / DEFAULT_CHUNK_BYTE_LENGTH, `${again} chunks were fetched by the second`)
      })
    })
  })
})

describe('npm start', () => {
  // The scenario with a report: e2e/report.test.ts.
  it('runs the whole scenario, verifies every file, and cleans up', async () => {
    await Workshop.run(async (workshop) => {
      const options = ['--size', '100KiB', '--peers', '1', '--dir', 'run', '--clean', '--json']
      const swarm = workshop.start('swarm.js', ...options)
      await endsWith(swarm, 0)
      const [verified] = swarm.eventsOf('verified')
      assert.equal(verified?.['identical'], 1)
      await assert.rejects(readFile(join(workshop.folder, 'run/client1/share/client1.bin')), {
        code: 'ENOENT'
      })
    })
  })
})
