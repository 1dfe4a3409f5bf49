import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentRate } from '#potluck/view/recent-rate.js'

function passed(rate: RecentRate, fromMs: number, toMs: number): void {
  for (let atMs = fromMs; atMs <= toMs; atMs += 50) {
    rate.add(50_000, atMs)
  }
}

test('after a stop a rate counts from when bytes pass again', () => {
  const rate = new RecentRate()
  passed(rate, 0, 5000)
  assert.ok(Math.abs(rate.bytesPerSecond(5000) - 1_000_000) < 100_000)
  assert.equal(rate.bytesPerSecond(9000), 0)
  passed(rate, 20_000, 20_500)
  assert.ok(Math.abs(rate.bytesPerSecond(20_500) - 1_000_000) < 200_000)
})
