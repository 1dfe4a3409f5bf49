import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countOf, formatBytes } from '#potluck/core/units.js'
import { displayName } from '#potluck/view/text.js'
import { formatCapacity, formatDuration, formatPercent, formatRate } from '#potluck/view/units.js'

const MIB = 1024 * 1024

test('bytes are shown in powers of 1024 with one decimal', () => {
  const cases: Array<[number, string]> = [
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [MIB - 1, '1.0 MiB'],
    [500 * MIB, '500.0 MiB'],
    [8 * 1024 * MIB, '8.0 GiB'],
    [1024 ** 4, '1.0 TiB'],
    [2 ** 53, '8.0 PiB']
  ]
  for (const [byteLength, shown] of cases) {
    assert.equal(formatBytes(byteLength), shown)
  }
})

test('durations are shown in the unit that fits', () => {
  const cases: Array<[number, string]> = [
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [12_345, '12.3 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min 00 s'],
    [123_000, '2 min 03 s'],
    [3_599_600, '1 h 00 min'],
    [3_900_000, '1 h 05 min'],
    [-250, '-250 ms']
  ]
  for (const [durationMs, shown] of cases) {
    assert.equal(formatDuration(durationMs), shown)
  }
})

test('a rate without time is no rate', () => {
  assert.equal(formatRate(MIB, 500), '2.0 MiB/s')
  assert.equal(formatRate(MIB, 0), '–')
})

test('a capacity is shown in Mbit/s with three digits', () => {
  const cases: Array<[number, string]> = [
    [2_500_000, '20 Mbit/s'],
    [125, '0.001 Mbit/s'],
    [62_500, '0.5 Mbit/s'],
    [51_543_210, '412 Mbit/s'],
    [125_000_000_000, '1000000 Mbit/s']
  ]
  for (const [bytesPerSecond, shown] of cases) {
    assert.equal(formatCapacity(bytesPerSecond), shown)
  }
})

test('100 percent is said only of what is whole', () => {
  assert.equal(formatPercent(999, 1000), '99 %')
  assert.equal(formatPercent(1000, 1000), '100 %')
  assert.equal(formatPercent(1001, 1000), '100 %')
  assert.equal(formatPercent(0, 0), '0 %')
})

test('one is not many', () => {
  assert.equal(countOf(1, 'file'), '1 file')
  assert.equal(countOf(0, 'file'), '0 files')
})

test('a name of letters and a number is shown as people write it, any other as it stands', () => {
  const cases: Array<[string, string]> = [
    ['client1', 'Client 1'],
    ['Client12', 'Client 12'],
    ['coordinator', 'coordinator'],
    ['client-1', 'client-1'],
    ['1client', '1client'],
    ['client1a', 'client1a'],
    ['élan7', 'Élan 7'],
    ['a\u001b[2J1', 'a\\u{1b}[2J1']
  ]
  for (const [name, shown] of cases) {
    assert.equal(displayName(name), shown)
  }
})
