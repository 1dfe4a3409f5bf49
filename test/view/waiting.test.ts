import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitingForLists, waitingForPeople } from '#potluck/view/waiting.js'

test('the waiting line says how many are here, and who', () => {
  const line = (joined: number, ...names: string[]): string =>
    waitingForPeople({ joined, expectedPeers: 30, names })
  assert.equal(line(0), 'Waiting for people: 0 of 30')
  assert.equal(line(1, 'ann'), 'Waiting for people: 1 of 30 (ann)')
  assert.equal(line(2, 'ann', 'ben'), 'Waiting for people: 2 of 30 (ann, ben)')
  assert.equal(line(20, ...'abcdefgh'), 'Waiting for people: 20 of 30 (a, b, c, d, e and 15 more)')
})

test('once all are here it says whose list of files is missing', () => {
  assert.equal(waitingForLists(3, []), 'All 3 people are here. Waiting for their file lists.')
  assert.equal(waitingForLists(3, ['ben']), 'All 3 people are here. Waiting for the file list of ben.')
})

test('fault 37: names in the waiting line are escaped', () => {
  assert.doesNotMatch(waitingForPeople({ joined: 1, expectedPeers: 2, names: ['b\u202een'] }), /\p{Cf}/u)
  assert.doesNotMatch(waitingForLists(2, ['b\u202een']), /\p{Cf}/u)
})
