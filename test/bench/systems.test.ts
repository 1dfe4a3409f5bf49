import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CommanderError } from 'commander'
import { PotluckError } from '#potluck/core/errors.js'
import { parsePeakBytes } from '#potluck/local-run/peak-memory.js'
import { loopDelayOf, worstOf } from '../../bench/machine/loop-delay.js'
import { spreadOf } from '../../bench/machine/spread.js'
import { descendantsOf } from '../../bench/machine/tree-meter.js'
import { codecWork } from '../../bench/micro/codec-work.js'
import { microRow } from '../../bench/micro/micro-command.js'
import { readMicroArguments } from '../../bench/micro/options.js'
import { pickerWork } from '../../bench/micro/picker-work.js'
import { movedBytes } from '../../bench/systems/measure-job.js'
import { neededPackages } from '../../bench/systems/needed.js'
import { nginxConfig } from '../../bench/systems/nginx-config.js'
import { readScalingArguments, readSystemsArguments } from '../../bench/systems/options.js'
import { type Measurement, resultTable, summaries } from '../../bench/systems/report.js'
import { SYSTEM_NAMES } from '../../bench/systems/systems.js'

const MIB = 1024 * 1024

describe('the spread of measurements', () => {
  const cases: [number[], number, number, number][] = [
    [[5], 5, 5, 5],
    [[9, 1, 4], 4, 1, 9],
    [[1, 10, 2, 4], 3, 1, 10]
  ]
  for (const [values, median, least, most] of cases) {
    it(`of ${values.join(', ')} has ${median} in the middle`, () => {
      assert.deepEqual(spreadOf(values), { median, least, most })
    })
  }
  it('of none is none', () => {
    assert.equal(spreadOf([]), undefined)
  })
})

describe('processes', () => {
  it('are found with all that they started, and no others', () => {
    const parents = { 1: 0, 10: 1, 11: 10, 12: 11, 13: 1, 14: 13 }
    const times = new Map(
      Object.entries(parents).map(([id, parentId]) => [
        Number(id),
        { parentId, ownSeconds: 1, endedChildrenSeconds: 0 }
      ])
    )
    assert.deepEqual([...descendantsOf(10, times).keys()].sort(), [11, 12])
    assert.deepEqual([...descendantsOf(12, times).keys()], [])
  })

  it('tell the most memory that they held', () => {
    assert.equal(parsePeakBytes('Name:\tnode\nVmHWM:\t   2048 kB\nVmRSS:\t 1024 kB\n'), 2 * MIB)
    assert.equal(parsePeakBytes(''), undefined)
  })
})

const measurement: Measurement = {
  wallMs: 20_000,
  cpuSeconds: 30,
  cpuSecondsPerGigabyte: 5,
  peakBytes: 200 * MIB
}

function runsOf(...walls: number[]) {
  return walls.map((wallMs) => ({ measurement: { ...measurement, wallMs } }))
}

describe('the report', () => {
  it('has a row for each system, and says below it what is not in it', () => {
    const lines = resultTable(
      'system',
      [
        {
          name: 'potluck',
          runs: [
            { measurement: { ...measurement, makespanMs: 15_000, loopDelay: { p99Ms: 10, maxMs: 60 } } },
            {
              measurement: {
                ...measurement,
                wallMs: 22_000,
                makespanMs: 17_000,
                loopDelay: { p99Ms: 14, maxMs: 40 }
              }
            }
          ]
        },
        {
          name: 'https',
          runs: [{ measurement: { ...measurement, wallMs: 10_000, cipher: 'TLSv1.3 SOME_CIPHER' } }]
        },
        { name: 'aria2', runs: [...runsOf(5000), { failure: 'it broke' }] },
        { name: 'webtorrent', runs: [{ failure: 'not complete' }] }
      ],
      'https'
    )
    assert.match(lines[0] ?? '', /^system +wall +spread +\/ https +CPU s +CPU s\/GB +peak MiB$/)
    assert.match(lines[2] ?? '', /^potluck +21\.0 s +20\.0–22\.0 s +2\.10 +30\.0 +5\.0 +200$/)
    assert.match(lines[3] ?? '', /^https .* 1\.00 /)
    assert.match(lines[4] ?? '', /^aria2 +5\.0 s .* 0\.50 /)
    assert.match(lines[5] ?? '', /^webtorrent +failed/)
    assert.deepEqual(lines.slice(6), [
      'potluck: makespan 16.0 s of it',
      'potluck: event loop of the worst peer late by 12 ms (99th percentile), 50 ms at the most',
      'https: TLSv1.3 SOME_CIPHER',
      'aria2: it broke',
      'webtorrent: not complete'
    ])
  })

  it('compares nothing without a reference that was measured', () => {
    const rows = [{ name: '2', runs: runsOf(1000, 3000) }]
    assert.equal(summaries(rows).get('2')?.ratio, undefined)
    assert.equal(summaries(rows, 'https').get('2')?.ratio, undefined)
    assert.match(resultTable('peers', rows)[0] ?? '', /^peers +wall +spread +CPU s/)
    assert.match(resultTable('system', rows, 'https')[2] ?? '', / – /)
  })

  it('of parts of the project has rates of three digits', () => {
    const spread = { median: 123_456, least: 1.234, most: 999_999 }
    assert.deepEqual(microRow({ name: 'pick', unit: 'operations' }, spread), [
      'pick',
      '123000',
      '1.23–1000000',
      'operations'
    ])
  })

  it('counts each file once for everybody who does not bring it', () => {
    assert.equal(movedBytes(4, 500 * MIB), 12 * 500 * MIB)
    assert.equal(movedBytes(2, 10), 20)
  })
})

describe('the delay of event loops', () => {
  it('is what lies beyond the interval', () => {
    assert.deepEqual(loopDelayOf(12e6, 60e6, 10), { p99Ms: 2, maxMs: 50 })
    assert.deepEqual(loopDelayOf(9.5e6, 10.5e6, 10), { p99Ms: 0, maxMs: 0.5 })
    assert.deepEqual(loopDelayOf(0, 0, 10), { p99Ms: 0, maxMs: 0 })
  })

  it('is that of the worst peer, by each figure', () => {
    const peers = [
      { p99Ms: 3, maxMs: 90 },
      { p99Ms: 8, maxMs: 20 }
    ]
    assert.deepEqual(worstOf(peers), { p99Ms: 8, maxMs: 90 })
    assert.equal(worstOf([]), undefined)
  })
})

describe('parts of the project', () => {
  it('do a round of work each', async () => {
    for (const { round } of [...codecWork(), ...pickerWork().slice(0, 1)]) {
      let begun = 0
      assert.ok((await round(() => begun++)) > 0)
      assert.equal(begun, 1)
    }
  })
})

describe('nginx', () => {
  const init = { root: '/a "b"', folder: '/c', address: '127.0.1.1', port: 8080 }

  it('serves one folder, at one address', () => {
    const config = nginxConfig(init)
    assert.match(config, /root "\/a \\"b\\"";/)
    assert.match(config, /listen 127\.0\.1\.1:8080;/)
    assert.doesNotMatch(config, /ssl/)
  })

  it('serves it over TLS 1.3 only, with a log of ciphers', () => {
    const config = nginxConfig({ ...init, tls: { certificate: '/c/c.pem', key: '/c/k.pem', log: '/c/log' } })
    assert.match(config, /listen 127\.0\.1\.1:8080 ssl;/)
    assert.match(config, /ssl_protocols TLSv1\.3;/)
    assert.match(config, /access_log "\/c\/log" ciphers;/)
  })
})

describe('arguments', () => {
  it('choose systems, runs and sizes', () => {
    assert.deepEqual(readSystemsArguments([]), {
      systems: SYSTEM_NAMES,
      runs: 3,
      byteLength: 500 * MIB
    })
    const some = readSystemsArguments([
      '--systems',
      'https,potluck',
      '--runs',
      '1',
      '--size',
      '64MiB',
      '--json'
    ])
    assert.deepEqual(some, { systems: ['potluck', 'https'], runs: 1, byteLength: 64 * MIB })
    assert.deepEqual(readScalingArguments([]), { runs: 3, totalBytes: 2000 * MIB })
    assert.deepEqual(readScalingArguments(['--total', '64MiB', '--runs', '2']), {
      runs: 2,
      totalBytes: 64 * MIB
    })
    assert.deepEqual(readMicroArguments(['--runs', '5']), { runs: 5 })
  })

  it('that cannot be meant are refused', () => {
    const wrong: [(argv: string[]) => unknown, string[]][] = [
      [readSystemsArguments, ['--systems', 'potluck,ftp']],
      [readSystemsArguments, ['--runs', '0']],
      [readSystemsArguments, ['--size', '0']],
      [readSystemsArguments, ['macro']],
      [readScalingArguments, ['--total', 'much']],
      [readMicroArguments, ['--size', '1MiB']]
    ]
    for (const [read, argv] of wrong) {
      assert.throws(
        () => read(argv),
        (error) => error instanceof CommanderError || error instanceof PotluckError
      )
    }
  })

  it('decide what has to be installed', () => {
    const names = (systems: string) =>
      neededPackages(readSystemsArguments(['--systems', systems]).systems).map(({ name }) => name)
    assert.deepEqual(names('potluck,webtorrent'), [])
    assert.deepEqual(names('http'), ['nginx', 'curl'])
    assert.deepEqual(names('https,aria2-rc4,libtorrent'), [
      'nginx',
      'curl',
      'openssl',
      'aria2',
      'python3-libtorrent'
    ])
  })
})
