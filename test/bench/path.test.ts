import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CommanderError } from 'commander'
import { PotluckError } from '#potluck/core/errors.js'
import { COORDINATOR } from '../../bench/links/hosts.js'
import { ownerOf } from '../../bench/machine/leftovers.js'
import { HeldBytes } from '../../bench/path/held-bytes.js'
import { middleRate } from '../../bench/path/middle-rate.js'
import { readPathArguments } from '../../bench/path/options.js'
import { LINK_MBIT, NAME_PREFIX, pathPlan } from '../../bench/path/path-plan.js'
import { type DelayResult, resultTable, summaryOf } from '../../bench/path/report.js'

const MIB = 1024 * 1024
const PEERS = ['ann', 'ben'] as const

describe('the plan of a long path', () => {
  const { commands, namespaces, hosts } = pathPlan(4711, PEERS)

  it('makes a place for each peer and one in the middle, of its own names', () => {
    const made = commands
      .filter(([, what, how]) => what === 'netns' && how === 'add')
      .map(([, , , name]) => name)
    assert.deepEqual(made, namespaces)
    assert.equal(made.length, 3)
    assert.ok(namespaces.every((name) => ownerOf(NAME_PREFIX, name) === 4711))
  })

  it('shapes each line at both ends', () => {
    const rates = commands
      .filter(([program]) => program === 'tc')
      .map((command) => command[command.indexOf('rate') + 1])
    assert.deepEqual(
      rates,
      Array.from({ length: 4 }, () => `${LINK_MBIT}mbit`)
    )
  })

  it('gives no peer a route to the other', () => {
    for (const [index, name] of PEERS.entries()) {
      const namespace = hosts.get(name)?.namespace
      const routes = commands
        .filter(([, , where, what]) => where === namespace && what === 'route')
        .map(([, , , , , destination]) => destination)
      assert.deepEqual(routes, [`10.78.${index + 1}.0/24`, hosts.get(COORDINATOR)?.address])
    }
  })

  it('has the first peer tell where the proxy listens, and the second nothing', () => {
    const middle = hosts.get(COORDINATOR)?.address
    assert.equal(hosts.get('ann')?.announced, `/ip4/${middle}/tcp/9100`)
    assert.equal(hosts.get('ben')?.announced, undefined)
  })
})

describe('bytes under way', () => {
  it('come out in order, each after the delay', () => {
    const held = new HeldBytes(50)
    assert.equal(held.waitMs(0), undefined)
    held.put(Buffer.from('a'), 0)
    held.put(Buffer.from('b'), 10)
    assert.equal(held.waitMs(20), 30)
    assert.equal(held.take(49), undefined)
    assert.deepEqual(held.take(50), Buffer.from('a'))
    assert.equal(held.take(50), undefined)
    assert.equal(held.waitMs(70), 0)
    assert.deepEqual(held.take(70), Buffer.from('b'))
    assert.equal(held.take(70), undefined)
  })

  it('come out at once without a delay', () => {
    const held = new HeldBytes(0)
    held.put(Buffer.from('a'), 5)
    assert.deepEqual(held.take(5), Buffer.from('a'))
  })

  it('are limited, and their sender goes on when half of them have left', () => {
    const held = new HeldBytes(0)
    for (let count = 0; count < 64; count++) {
      assert.ok(!held.full)
      held.put(new Uint8Array(MIB), 0)
    }
    assert.ok(held.full)
    for (let count = 0; count < 32; count++) {
      assert.ok(!held.roomy)
      held.take(0)
    }
    assert.ok(held.roomy && !held.full)
  })
})

describe('the rate in the middle of a transfer', () => {
  it('leaves out its beginning and its end', () => {
    // A chunk of 125,000 bytes (a megabit) each 10 ms, but the first two and the last one 1 s each.
    const at = [1000, 2000, 2010, 2020, 2030, 2040, 2050, 2060, 2070, 3070]
    const arrivals = at.map((atMs, index) => ({ atMs, byteLength: (index + 1) * 125_000 }))
    assert.equal(Math.round(middleRate(arrivals.slice(0, 9)) ?? 0), 100)
    assert.ok((middleRate(arrivals) ?? 0) < 10)
  })

  it('is none of no chunks, of one, and of chunks that came at once', () => {
    const chunk = { atMs: 1, byteLength: 1 }
    assert.equal(middleRate([]), undefined)
    assert.equal(middleRate([chunk]), undefined)
    assert.equal(middleRate(Array.from({ length: 10 }, () => chunk)), undefined)
  })
})

describe('the report of a long path', () => {
  const runOf = (makespanMs: number, ann: number, ben: number) => ({
    measurement: { makespanMs, receivedMbit: { ann, ben }, busyShare: 0.5, ownBusyShare: 0.4 }
  })
  const results: DelayResult[] = [
    { delayMs: 0, runs: [runOf(8000, 600, 500), runOf(10_000, 640, 520), runOf(9000, 620, 540)] },
    { delayMs: 100, runs: [runOf(18_000, 310, 260), { failure: 'it broke' }] }
  ]

  it('has a row for each delay, compared with none', () => {
    const lines = resultTable(results, PEERS)
    assert.match(
      lines[0] ?? '',
      /^round trip +ann Mbit\/s +spread +ratio +ben Mbit\/s +spread +ratio +makespan +spread +ratio$/
    )
    assert.match(
      lines[2] ?? '',
      /^no delay +620 +600–640 +1\.00 +520 +500–540 +1\.00 +9\.0 s +8\.0 s–10\.0 s +1\.00$/
    )
    assert.match(lines[3] ?? '', /^100 ms +310 +310–310 +0\.50 +260 +260–260 +0\.50 .* +2\.00$/)
    assert.deepEqual(lines.slice(4), ['100 ms: it broke'])
  })

  it('shows where nothing was measured, and where the processor was the limit', () => {
    const busy = { measurement: { makespanMs: 100, receivedMbit: {}, busyShare: 0.95, ownBusyShare: 0.9 } }
    const lines = resultTable([{ delayMs: 0, runs: [busy] }], PEERS)
    assert.match(lines[2] ?? '', /^no delay +– +– +– +– +– +– +100 ms/)
    assert.match(lines[3] ?? '', /95 % of this machine worked, 90 % for this run/)
    const failed = summaryOf({ delayMs: 0, runs: [{ failure: 'it broke' }] }, PEERS)
    assert.deepEqual(failed, { receivedMbit: {}, busyShare: 0, ownBusyShare: 0 })
  })
})

describe('arguments of the bench of a long path', () => {
  it('choose delay, runs and size', () => {
    assert.deepEqual(readPathArguments([]), { delayMs: 100, runs: 3, byteLength: 512 * MIB })
    assert.deepEqual(readPathArguments(['--delay', '20ms', '--runs', '1', '--size', '8MiB', '--json']), {
      delayMs: 20,
      runs: 1,
      byteLength: 8 * MIB
    })
  })

  it('that cannot be meant are refused', () => {
    for (const argv of [
      ['--delay', '100'],
      ['--delay', '0ms'],
      ['--delay', '2000ms'],
      ['--size', '0'],
      ['b']
    ]) {
      assert.throws(
        () => readPathArguments(argv),
        (error) => error instanceof CommanderError || error instanceof PotluckError
      )
    }
  })
})
