import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { CommanderError } from 'commander'
import { PotluckError } from '#potluck/core/errors.js'
import { boundOfFiles } from '../../bench/links/bound.js'
import { expectedMs } from '../../bench/links/estimate.js'
import { problemOf } from '../../bench/links/goodput.js'
import { readLinksArguments } from '../../bench/links/options.js'
import { neededPackages } from '../../bench/links/packages.js'
import { type Measurement, medianOf, resultTable, slowestOriginCopies } from '../../bench/links/report.js'
import { type LinksScenario, SCENARIOS } from '../../bench/links/scenarios.js'
import { parseLinkBytes, parseMachineTime, parseProcessTime } from '../../bench/machine/counters.js'
import { bencode, torrentOf } from '../../bench/torrents/torrent.js'

const MBIT_BYTES = 125_000
const MIB = 1024 * 1024

function linksOf({ links }: LinksScenario) {
  return links.map(({ uplinkMbit, downlinkMbit }, index) => ({
    name: `client${index + 1}`,
    uplinkBytesPerSecond: uplinkMbit * MBIT_BYTES,
    downlinkBytesPerSecond: downlinkMbit * MBIT_BYTES
  }))
}

describe('the bound of the scenarios', () => {
  // 64 MiB over 20 Mbit/s; 192 MiB over 100 Mbit/s; 64 MiB over 10 Mbit/s.
  const cases: [string, number, string | undefined][] = [
    ['two-cloud-two-laptops', 26_844, 'client3'],
    ['one-fast-three-slow', 26_844, 'client2'],
    ['all-equal', 16_106, 'client1'],
    ['one-slow-uplink', 53_687, 'client4'],
    ['two-laptops-behind-nat', 26_844, 'client3'],
    ['eight-mixed', 88_426, undefined]
  ]
  it('has a case for each', () => {
    assert.deepEqual(
      SCENARIOS.map(({ name }) => name),
      cases.map(([name]) => name)
    )
  })
  cases.forEach(([name, boundMs, peer], index) => {
    it(`of ${name} is ${boundMs} ms`, () => {
      const scenario = SCENARIOS[index]
      assert.ok(scenario !== undefined)
      const bound = boundOfFiles(linksOf(scenario), 64 * MIB)
      assert.equal(Math.round(bound.boundMs), boundMs)
      assert.equal(bound.peer, peer)
    })
  })
  it('is that of all uplinks together where they are scarce', () => {
    const link = { uplinkBytesPerSecond: 1000, downlinkBytesPerSecond: 1_000_000 }
    const bound = boundOfFiles(
      [
        { name: 'ann', ...link, uplinkBytesPerSecond: 100_000 },
        ...['ben', 'cat'].map((name) => ({ name, ...link }))
      ],
      1000
    )
    assert.deepEqual(bound, { boundMs: 1000, term: 'origin', peer: 'ben' })
    const scarce = boundOfFiles(
      ['ann', 'ben', 'cat'].map((name) => ({ name, ...link })),
      1000
    )
    assert.deepEqual(scarce, { boundMs: 2000, term: 'uplinks' })
  })
})

describe('counters', () => {
  it('of a line are those of its end at the bridge, seen from the peer', () => {
    const stats = { rx: { bytes: 8_318_962, packets: 4901 }, tx: { bytes: 205_766, packets: 3011 } }
    const json = JSON.stringify([
      { ifname: 'lo', stats64: { rx: { bytes: 0 }, tx: { bytes: 0 } } },
      { ifname: 'port1', mtu: 1500, stats64: stats }
    ])
    assert.deepEqual(parseLinkBytes(json).get('port1'), { sentBytes: 8_318_962, receivedBytes: 205_766 })
  })

  it('of a process are found behind its name, whatever that is', () => {
    const rest = 'S 1 2 3 4 5 6 7 8 9 10 250 50 125 25 20 0 11 0 5000 0'
    for (const name of ['node', 'a b) c', '(x']) {
      assert.deepEqual(parseProcessTime(`4711 (${name}) ${rest}`), {
        parentId: 1,
        ownSeconds: 3,
        endedChildrenSeconds: 1.5
      })
    }
  })

  it('of the machine are those of all cores', () => {
    const stat = 'cpu  100 10 200 5000 300 20 30 40 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n'
    assert.deepEqual(parseMachineTime(stat), { busySeconds: 4, totalSeconds: 57 })
  })
})

describe('a measured line', () => {
  const link = { uplinkMbit: 20, downlinkMbit: 100, behindNat: false }
  const goodputOf = (uplinkMbit: number, downlinkMbit: number) =>
    new Map([
      [
        'ann',
        { uplinkBytesPerSecond: uplinkMbit * MBIT_BYTES, downlinkBytesPerSecond: downlinkMbit * MBIT_BYTES }
      ]
    ])

  it('is right where it carries what TCP can', () => {
    assert.equal(problemOf([{ name: 'ann', link }], goodputOf(19.1, 95.6)), undefined)
  })

  it('is told with both rates where it carries less or more, or nothing', () => {
    assert.match(
      problemOf([{ name: 'ann', link }], goodputOf(15, 95.6)) ?? '',
      /uplink of ann .*20 Mbit.*15\.0/
    )
    assert.match(problemOf([{ name: 'ann', link }], goodputOf(19.1, 120)) ?? '', /downlink of ann .*120\.0/)
    assert.match(problemOf([{ name: 'ann', link }], new Map()) ?? '', /0\.0 Mbit/)
  })
})

const measurement: Measurement = {
  makespanMs: 30_000,
  efficiency: 0.9,
  slowestOriginCopies: 1.02,
  duplicateBytes: 0,
  finishSpreadMs: 250,
  linkBytes: {},
  receivedPerNeeded: 1.01,
  cpuSecondsPerGigabyte: 6.25,
  busyShare: 0.5,
  ownBusyShare: 0.25
}

describe('the report', () => {
  it('has a row for each system, and says below it what to make of it', () => {
    const bound = { boundMs: 27_000, term: 'origin' as const, peer: 'client3' }
    const { duplicateBytes, ...untold } = measurement
    const lines = resultTable([
      { scenario: 'some-lines', system: 'potluck', bound, simulated: 0.95, runs: [{ measurement }] },
      {
        scenario: 'some-lines',
        system: 'libtorrent',
        bound: { boundMs: 27_000, term: 'uplinks' },
        runs: [{ measurement: { ...untold, busyShare: 0.99 } }, { failure: 'it broke' }]
      },
      { scenario: 'some-lines', system: 'aria2', bound, runs: [{ failure: 'not complete' }] }
    ])
    assert.equal(duplicateBytes, 0)
    assert.match(
      lines[2] ?? '',
      /potluck +27\.0 s +origin client3 +30\.0 s +0\.900 +0\.950 +1\.02 +0 bytes +250 ms +1\.010 +6\.\d$/
    )
    assert.match(lines[3] ?? '', /libtorrent +27\.0 s +uplinks .* –/)
    assert.match(lines[4] ?? '', /aria2 .* failed/)
    assert.equal(lines[5], 'some-lines, libtorrent: it broke')
    assert.match(lines[6] ?? '', /some-lines, libtorrent: 99 % of this machine worked, 25 % for this run/)
    assert.equal(lines[7], 'some-lines, aria2: not complete')
  })

  it('takes the run in the middle', () => {
    const runs = [5, 1, 3].map((makespanMs) => ({ measurement: { ...measurement, makespanMs } }))
    assert.equal(medianOf(runs)?.makespanMs, 3)
    assert.equal(medianOf([...runs, { failure: 'it broke' }])?.makespanMs, 3)
    assert.equal(medianOf(runs.slice(0, 2))?.makespanMs, 1)
    assert.equal(medianOf([{ failure: 'it broke' }]), undefined)
  })

  it('counts the copies of the slowest origin, of several the most', () => {
    const scenario = SCENARIOS.find(({ name }) => name === 'two-cloud-two-laptops')
    assert.ok(scenario !== undefined)
    assert.equal(slowestOriginCopies(scenario, [300, 300, 100, 120], 100), 1.2)
  })

  it('is told to take longer for more scenarios, systems, runs and bytes', () => {
    const base = { scenarios: SCENARIOS.slice(0, 1), systemCount: 1, runs: 1, byteLength: MIB }
    for (const more of [{ scenarios: SCENARIOS }, { systemCount: 2 }, { runs: 2 }, { byteLength: 2 * MIB }]) {
      assert.ok(expectedMs({ ...base, ...more }) > expectedMs(base))
    }
  })
})

describe('torrents', () => {
  it('are bencoded', () => {
    assert.equal(bencode({ b: [1, 'x', []], a: Buffer.from('yz') }).toString(), 'd1:a2:yz1:bli1e1:xleee')
  })

  it('hold the SHA-1 of each piece', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'potluck-torrent-'))
    try {
      const content = Buffer.alloc(256 * 1024 + 7, 'ab')
      const path = join(folder, 'file')
      await writeFile(path, content)
      const torrent = await torrentOf(path, 'file', 'http://192.0.2.1/')
      const pieces = [content.subarray(0, 256 * 1024), content.subarray(256 * 1024)]
      const digests = pieces.map((piece) => createHash('sha1').update(piece).digest())
      const info = { length: content.length, name: 'file', 'piece length': 256 * 1024 }
      assert.deepEqual(
        torrent,
        bencode({
          announce: 'http://192.0.2.1/',
          info: { ...info, pieces: Buffer.concat(digests), private: 1 }
        })
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('arguments', () => {
  it('choose scenarios and systems', () => {
    const all = readLinksArguments([])
    assert.equal(all.scenarios.length, SCENARIOS.length)
    assert.deepEqual(all.systems, ['potluck', 'libtorrent', 'aria2'])
    assert.equal(all.byteLength, 128 * MIB)
    assert.equal(all.runs, 1)
    assert.equal(all.congestionControl, 'cubic')
    const some = readLinksArguments([
      ...['--scenario', 'all-equal', '--scenario', 'one-slow-uplink', '--only', 'aria2,potluck'],
      ...['--runs', '3', '--size', '1MiB', '--json', '--congestion-control', 'bbr']
    ])
    assert.deepEqual(
      some.scenarios.map(({ name }) => name),
      ['all-equal', 'one-slow-uplink']
    )
    assert.deepEqual(some.systems, ['potluck', 'aria2'])
    assert.deepEqual([some.runs, some.byteLength, some.congestionControl], [3, MIB, 'bbr'])
    assert.deepEqual(readLinksArguments(['--no-baselines']).systems, ['potluck'])
  })

  it('that cannot be meant are refused', () => {
    const wrong = [
      ['--scenario', 'nowhere'],
      ['--only', 'potluck,ftp'],
      ['--runs', '0'],
      ['--congestion-control', 'none'],
      ['--size', '0']
    ]
    for (const argv of wrong) {
      assert.throws(
        () => readLinksArguments(argv),
        (error) => error instanceof CommanderError || error instanceof PotluckError
      )
    }
  })

  it('decide what has to be installed', () => {
    const names = (argv: string[]) => neededPackages(readLinksArguments(argv)).map(({ name }) => name)
    assert.deepEqual(names(['--no-baselines', '--scenario', 'all-equal']), ['iproute2'])
    assert.deepEqual(names([]), ['iproute2', 'nftables', 'python3-libtorrent', 'aria2'])
  })
})
