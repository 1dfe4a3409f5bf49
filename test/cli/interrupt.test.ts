import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { watchInterrupts } from '#potluck/cli/interrupt.js'

describe('interrupts', () => {
  let atMs: number
  let calls: string[]
  let unwatch: () => void

  /** Lets so much time pass. */
  function pass(ms: number): void {
    atMs += ms
    mock.timers.tick(ms)
  }

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] })
    atMs = 1000
    calls = []
    const handlers = { stop: () => void calls.push('stop'), giveUp: () => void calls.push('give up') }
    unwatch = watchInterrupts(handlers, () => atMs)
  })

  afterEach(() => {
    unwatch()
    mock.timers.reset()
  })

  it('ask for an orderly stop, and end within two seconds what hangs', () => {
    process.emit('SIGTERM')
    assert.deepEqual(calls, ['stop'])
    pass(1799)
    assert.deepEqual(calls, ['stop'])
    pass(1)
    assert.deepEqual(calls, ['stop', 'give up'])
  })

  it('end at once at the second Ctrl-C', () => {
    process.emit('SIGINT', 'SIGINT')
    pass(600)
    process.emit('SIGINT', 'SIGINT')
    assert.deepEqual(calls, ['stop', 'give up'])
  })

  it('take one that npm passed on as well for the first', () => {
    process.emit('SIGINT', 'SIGINT')
    pass(300)
    process.emit('SIGINT', 'SIGINT')
    assert.deepEqual(calls, ['stop'])
  })

  it('end nothing once it is over', () => {
    process.emit('SIGTERM')
    unwatch()
    pass(5000)
    assert.deepEqual(calls, ['stop'])
  })
})
