import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsOf } from '#potluck/view/columns.js'
import { timesTable } from '#potluck/view/table.js'

const MIB = 1024 * 1024
const results = [
  {
    name: 'client1',
    registeredAtMs: 120,
    completedAtMs: 12_420,
    receivedBytes: 1500 * MIB,
    sentBytes: 1400 * MIB
  },
  { name: 'a-longer-name', registeredAtMs: 2500, receivedBytes: 0, sentBytes: 0 }
]

test('the table of times is aligned and ends with the makespan', () => {
  assert.deepEqual(timesTable(results, { outcome: { makespanMs: 12_300 } }), [
    'peer           registered at  last file after  received     sent',
    '----------------------------------------------------------------',
    'client1               120 ms           12.3 s   1.5 GiB  1.4 GiB',
    'a-longer-name          2.5 s       incomplete   0 bytes  0 bytes',
    'makespan 12.3 s: from the first registration to the last completed file'
  ])
})

test('waiting for people is told apart from the exchange', () => {
  assert.equal(
    timesTable(results, { outcome: { makespanMs: 15_300, exchangeMs: 12_300 } }).at(-1),
    'makespan 15.3 s: 3.0 s waiting for people, 12.3 s exchanging files'
  )
})

test('what the relay carried has a line where there is a relay', () => {
  const last = timesTable(results, { relayedBytes: 3 * MIB }).at(-1)
  assert.equal(last, 'relayed 3.0 MiB: through the coordinator, between peers without a direct connection')
  assert.doesNotMatch(timesTable(results).join(), /relayed/)
})

const slowUplink = {
  makespanMs: 216_200,
  boundMs: 209_715.2,
  term: 'origin',
  boundPeer: 'client3',
  boundBytesPerSecond: 2_500_000,
  basis: 'configured',
  efficiency: 0.97
} as const

test('the least time that the links allow comes last, where it is known', () => {
  assert.deepEqual(timesTable(results, { outcome: slowUplink }).slice(-2), [
    'makespan 3 min 36 s: from the first registration to the last completed file',
    "lower bound 3 min 30 s (client3's uplink, 20 Mbit/s); efficiency 0.97"
  ])
})

test('an efficiency by measured rates is called so', () => {
  const line = (changes: object): string | undefined =>
    timesTable(results, { outcome: { ...slowUplink, ...changes } }).at(-1)
  assert.equal(
    line({ basis: 'measured', term: 'downlink' }),
    "lower bound 3 min 30 s (client3's downlink, 20 Mbit/s); efficiency 0.97 of the bound by measured rates"
  )
  assert.match(line({ basis: 'mixed' }) ?? '', /efficiency 0\.97 of the bound by rates measured in part$/)
})

test('all uplinks together are nobody’s', () => {
  const { boundPeer, ...together } = slowUplink
  const outcome = { ...together, term: 'uplinks', boundBytesPerSecond: 37_512_345 } as const
  assert.match(timesTable(results, { outcome }).at(-1) ?? '', /\(all uplinks, 300 Mbit\/s\)/)
})

test('peak memory has a column where it is known', () => {
  const lines = timesTable(results, { peakMemoryBytes: new Map([['client1', 150 * MIB]]) })
  assert.match(lines[0] ?? '', /peak memory$/)
  assert.match(lines[2] ?? '', /150\.0 MiB$/)
  assert.match(lines[3] ?? '', /–$/)
  assert.doesNotMatch(timesTable(results, { peakMemoryBytes: new Map() })[0] ?? '', /memory/)
})

test('fault 37: names in the table are escaped', () => {
  const hostile = { name: '\u001b[2J', registeredAtMs: 0, receivedBytes: 0, sentBytes: 0 }
  assert.doesNotMatch(timesTable([hostile]).join(''), /\p{Cc}/u)
})

const WIDE = [
  { ...results[0], name: 'a-laptop-with-a-very-long-name.example' },
  { ...results[1], name: '漢字漢字漢字漢字漢字漢字漢字漢字' },
  { ...results[1], name: '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦 family' }
].map((result) => ({ registeredAtMs: 0, receivedBytes: 0, sentBytes: 0, ...result }))

test('the table fits any terminal, with who took how long at least', () => {
  for (const width of [20, 40, 59, 79, 119]) {
    const lines = timesTable(WIDE, { width, peakMemoryBytes: new Map([['client1', 150 * MIB]]) })
    const widths = lines.map(columnsOf)
    assert.ok(Math.max(...widths) <= width, `${width}: ${widths}`)
    if (width >= 40) {
      assert.equal(new Set(widths).size, 1, 'columns stand one under another')
      assert.match(lines[0] ?? '', /^peer +.*last file after/)
      assert.match(lines[2] ?? '', /^a-lap.*ple .*12\.3 s/)
    }
  }
  assert.match(
    timesTable(WIDE, { width: 79 })[0] ?? '',
    /registered at {2}last file after {2}received +sent$/
  )
  assert.match(timesTable(WIDE, { width: 59 })[0] ?? '', /^peer +last file after {2}received +sent$/)
})
