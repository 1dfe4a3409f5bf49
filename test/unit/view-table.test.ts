import assert from 'node:assert/strict'
import { test } from 'node:test'
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
  assert.deepEqual(timesTable(results, { makespanMs: 12_300 }), [
    'peer           registered at  last file after  received     sent',
    '----------------------------------------------------------------',
    'client1               120 ms           12.3 s   1.5 GiB  1.4 GiB',
    'a-longer-name          2.5 s       incomplete   0 bytes  0 bytes',
    'makespan 12.3 s: from the first registration to the last completed file'
  ])
})

test('what the relay carried has a line where there is a relay', () => {
  const last = timesTable(results, { relayedBytes: 3 * MIB }).at(-1)
  assert.equal(last, 'relayed 3.0 MiB: through the coordinator, between peers without a direct connection')
  assert.doesNotMatch(timesTable(results).join(), /relayed/)
})

test('peak memory has a column where it is known', () => {
  const lines = timesTable(results, { peakMemoryBytes: new Map([['client1', 150 * MIB]]) })
  assert.match(lines[0] ?? '', /peak memory$/)
  assert.match(lines[2] ?? '', /150\.0 MiB$/)
  assert.match(lines[3] ?? '', /–$/)
  assert.doesNotMatch(timesTable(results, { peakMemoryBytes: new Map() })[0] ?? '', /memory/)
})

test('names in the table are escaped', () => {
  const hostile = { name: '\u001b[2J', registeredAtMs: 0, receivedBytes: 0, sentBytes: 0 }
  assert.doesNotMatch(timesTable([hostile]).join(''), /\p{Cc}/u)
})
