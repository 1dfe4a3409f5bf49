import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Endings, type Situation } from '#potluck/node/endings.js'

const TIMEOUT_MS = 10_000
const calm: Situation = { stuck: false, doneAlone: false, unfinished: [], relieved: false }
const gone = { name: 'ben', connected: false, met: true }
const stranger = { name: 'cat', connected: false, met: false }

/** The kinds of ending as the situations are seen, each at its time. */
function kinds(...seen: [number, Partial<Situation>][]): string[] {
  const endings = new Endings(TIMEOUT_MS)
  return seen.map(([atMs, situation]) => endings.judge({ ...calm, ...situation }, atMs).kind)
}

describe('endings', () => {
  it('leave a run alone that goes on', () => {
    assert.deepEqual(kinds([0, {}], [1e9, {}]), ['none', 'none'])
  })

  it('end a run that was stuck for too long without a break', () => {
    const stuck = { stuck: true }
    assert.deepEqual(kinds([0, stuck], [TIMEOUT_MS, stuck], [TIMEOUT_MS + 1, stuck]), [
      'none',
      'none',
      'incomplete'
    ])
    assert.deepEqual(kinds([0, stuck], [9000, {}], [9500, stuck], [TIMEOUT_MS + 1, stuck]).at(-1), 'none')
  })

  it('let a peer go that is done alone, a moment after all others are', () => {
    const done = { doneAlone: true }
    assert.deepEqual(kinds([0, done], [1999, done], [2000, done]), ['none', 'none', 'leave'])
  })

  it('let it serve whoever is connected and not done, for ever', () => {
    const serving = { doneAlone: true, unfinished: [{ ...gone, connected: true }] }
    assert.deepEqual(kinds([0, serving], [1e9, serving]), ['none', 'none'])
  })

  it('let it wait for whoever left without being done, but not for ever, and name them', () => {
    const endings = new Endings(TIMEOUT_MS)
    const waiting = { ...calm, doneAlone: true, unfinished: [gone] }
    assert.equal(endings.judge(waiting, 0).kind, 'none')
    assert.equal(endings.judge(waiting, TIMEOUT_MS - 1).kind, 'none')
    assert.deepEqual(endings.judge(waiting, TIMEOUT_MS), { kind: 'leave', missing: ['ben'] })
  })
  it('do not have it wait for one it never met, once another one has everything', () => {
    const done = { doneAlone: true, unfinished: [stranger], relieved: true }
    assert.deepEqual(kinds([0, done], [2000, done]), ['none', 'leave'])
    const both = { ...calm, ...done, unfinished: [gone, stranger] }
    const endings = new Endings(TIMEOUT_MS)
    assert.equal(endings.judge(both, 0).kind, 'none')
    assert.deepEqual(endings.judge(both, TIMEOUT_MS), { kind: 'leave', missing: ['ben'] })
  })

  it('have it wait for whom it never met while nobody else has everything', () => {
    const only = { ...calm, doneAlone: true, unfinished: [stranger] }
    const endings = new Endings(TIMEOUT_MS)
    assert.equal(endings.judge(only, 0).kind, 'none')
    assert.equal(endings.judge(only, TIMEOUT_MS - 1).kind, 'none')
    assert.deepEqual(endings.judge(only, TIMEOUT_MS), { kind: 'leave', missing: ['cat'] })
  })
})
