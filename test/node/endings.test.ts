import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Endings, type Situation } from '#potluck/node/endings.js'

const TIMEOUT_MS = 10_000
const calm: Situation = {
  stuck: false,
  hopeless: false,
  stillMs: 0,
  quietMs: 0,
  doneAlone: false,
  unfinished: [],
  relieved: false
}
const gone = { name: 'ben', connected: false, met: true, done: false }
const stranger = { name: 'cat', connected: false, met: false, done: false }

/** The kinds of ending as the situations are seen, each at its time. */
function kinds(...seen: [number, Partial<Situation>][]): string[] {
  const endings = new Endings(TIMEOUT_MS)
  return seen.map(([atMs, situation]) => endings.judge({ ...calm, ...situation }, atMs).kind)
}

describe('endings', () => {
  it('leave a run alone that goes on', () => {
    assert.deepEqual(kinds([0, {}], [1e9, {}]), ['none', 'none'])
  })

  it('fault 18: end a run that was stuck for too long without a break', () => {
    const stuck = { stuck: true, quietMs: TIMEOUT_MS + 1 }
    assert.deepEqual(kinds([0, stuck], [TIMEOUT_MS, stuck], [TIMEOUT_MS + 1, stuck]), [
      'none',
      'none',
      'incomplete'
    ])
    assert.deepEqual(kinds([0, stuck], [9000, {}], [9500, stuck], [TIMEOUT_MS + 1, stuck]).at(-1), 'none')
  })

  it('fault 49: leave a run alone that is stuck while others still get something', () => {
    const serving = { stuck: true, quietMs: TIMEOUT_MS }
    assert.deepEqual(kinds([0, serving], [1e9, serving]).at(-1), 'none')
    const quiet = { stuck: true, quietMs: TIMEOUT_MS + 1 }
    assert.deepEqual(kinds([0, serving], [1e9, serving], [1e9 + 1, quiet]).at(-1), 'incomplete')
    const patient = new Endings(3_600_000)
    patient.judge({ ...calm, ...quiet }, 0)
    assert.equal(patient.judge({ ...calm, ...quiet, quietMs: 30_001 }, 3_600_001).kind, 'incomplete')
  })

  it('fault 8: end a run that is stuck for good as soon as others had time to hear of its last chunks', () => {
    const hopeless = { stuck: true, hopeless: true }
    assert.deepEqual(kinds([0, hopeless], [1999, hopeless], [2000, hopeless]), ['none', 'none', 'incomplete'])
    const others = { stuck: true }
    assert.deepEqual(kinds([0, hopeless], [1500, others], [2000, others]).at(-1), 'incomplete')
    assert.deepEqual(kinds([0, hopeless], [1500, {}], [2500, hopeless], [4000, hopeless]).at(-1), 'none')
    assert.deepEqual(kinds([0, others], [5000, others]).at(-1), 'none')
    assert.deepEqual(kinds([0, { hopeless: true }], [1e9, { hopeless: true }]).at(-1), 'none')
  })

  it('fault 22: end a run in which nothing has moved for as long as a lost peer is waited for, and half a minute', () => {
    const judged = (timeoutMs: number, stillMs: number): unknown =>
      new Endings(timeoutMs).judge({ ...calm, stillMs }, 0)
    const ended = { kind: 'incomplete', silent: true }
    assert.deepEqual(judged(60_000, 60_000), { kind: 'none' })
    assert.deepEqual(judged(60_000, 60_001), ended)
    assert.deepEqual(judged(1000, 30_000), { kind: 'none' })
    assert.deepEqual(judged(1000, 30_001), ended)
  })

  it('fault 52: let a peer go that is done alone although one is connected that takes nothing for two hours', () => {
    const idle = { name: 'eve', connected: true, met: true, done: false }
    const waits = { doneAlone: true, unfinished: [idle], quietMs: 7_200_000 }
    assert.deepEqual(kinds([0, waits], [1e9, waits]), ['none', 'none'])
    const quiet = { ...waits, quietMs: 7_200_001 }
    assert.deepEqual(kinds([0, quiet], [TIMEOUT_MS, quiet]), ['none', 'leave'])
  })

  it('let a peer go that is done alone, a moment after all others are', () => {
    const done = { doneAlone: true }
    assert.deepEqual(kinds([0, done], [1999, done], [2000, done]), ['none', 'none', 'leave'])
  })

  it('let it serve whoever is connected and not done, for ever', () => {
    const serving = { doneAlone: true, unfinished: [{ ...gone, connected: true }] }
    assert.deepEqual(kinds([0, serving], [1e9, serving]), ['none', 'none'])
  })

  it('fault 48: let it go a moment after all others said that nothing more is to come to them, and name these', () => {
    const short = { ...gone, connected: true, done: true }
    const waiting = { ...calm, doneAlone: true, unfinished: [short] }
    const endings = new Endings(TIMEOUT_MS)
    assert.equal(endings.judge(waiting, 0).kind, 'none')
    assert.deepEqual(endings.judge(waiting, 2000), { kind: 'leave', missing: ['ben'] })
    const serving = { ...waiting, unfinished: [short, { ...stranger, connected: true }] }
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
