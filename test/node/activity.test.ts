import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { CHUNK_TIME_CLASSES, chunkTimeMs, countChunkTime } from '#potluck/core/chunk-times.js'
import { heldBytesOf } from '#potluck/core/chunks.js'
import { RecentRate } from '#potluck/view/recent-rate.js'
import { fc } from '../fixtures/properties.js'

test('times are told within 5 %, for any share of them', () => {
  const times = fc.array(fc.double({ min: 1.2, max: 3_000_000, noNaN: true }), {
    minLength: 1,
    maxLength: 200
  })
  fc.assert(
    fc.property(times, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const counts: number[] = []
      for (const time of all) {
        countChunkTime(counts, time)
      }
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1] ?? 0
      const told = chunkTimeMs(counts, share) ?? 0
      assert.ok(Math.abs(told - exact) <= 0.05 * exact, `${told} instead of ${exact}`)
    })
  )
})

test('no time is too short or too long to be counted', () => {
  const counts: number[] = []
  for (const time of [0, 1, 1e12, Number.MAX_VALUE]) {
    countChunkTime(counts, time)
  }
  assert.equal(counts.length, CHUNK_TIME_CLASSES)
  assert.equal(counts[0], 2)
  assert.equal(counts.at(-1), 2)
  assert.equal(chunkTimeMs([], 0.5), undefined)
})

test('the picture of a bitfield shows all that is held, and where', () => {
  const sets = fc.record({ length: fc.integer({ min: 0, max: 500 }), cells: fc.integer({ min: 1, max: 80 }) })
  fc.assert(
    fc.property(sets, fc.array(fc.nat(499)), ({ length, cells }, picked) => {
      const held = new Bitfield(length)
      for (const index of picked.filter((index) => index < length)) {
        held.add(index)
      }
      const shares = held.shares(cells)
      assert.equal(shares.length, Math.min(cells, length))
      shares.forEach((share, cell) => {
        const start = Math.floor((cell * length) / shares.length)
        const end = Math.floor(((cell + 1) * length) / shares.length)
        const chunks = Array.from({ length: end - start }, (_, index) => held.has(start + index))
        assert.equal(share === 255, chunks.every(Boolean))
        assert.equal(share === 0, !chunks.some(Boolean))
        const exact = chunks.filter(Boolean).length / chunks.length
        assert.ok(Math.abs(share / 255 - exact) < 0.01)
      })
      const extent = { byteLength: length === 0 ? 0 : length * 100 - 37, chunkByteLength: 100 }
      const last = held.has(length - 1) ? 37 : 0
      assert.equal(heldBytesOf(extent, held), held.count * 100 - last)
    })
  )
})

test('a rate is that of the last seconds, whatever the clock does', () => {
  const steps = fc.array(fc.record({ afterMs: fc.integer({ min: -500, max: 8000 }), bytes: fc.nat(1000) }))
  fc.assert(
    fc.property(steps, (all) => {
      const rate = new RecentRate()
      let atMs = 10_000
      for (const { afterMs, bytes } of all) {
        atMs += afterMs
        rate.add(bytes, atMs)
        assert.ok(rate.bytesPerSecond(atMs) >= (bytes * 1000) / 3000)
        assert.ok(rate.bytesPerSecond(atMs) <= 4000 * all.length)
      }
      assert.equal(rate.bytesPerSecond(atMs + 3250), 0)
    })
  )
  const steady = new RecentRate()
  for (let atMs = 0; atMs <= 10_000; atMs += 100) {
    steady.add(100, atMs)
  }
  assert.ok(Math.abs(steady.bytesPerSecond(10_000) - 1000) < 60)
})
