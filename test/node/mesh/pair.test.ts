import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { BEN, type End, endOf, FakeConnection } from '../../fixtures/pair.js'

const ADDRESSES = [multiaddr('/ip4/192.0.2.1/tcp/1')]
const RELAY = [multiaddr('/ip4/192.0.2.9/tcp/1/p2p-circuit')]

let over: AbortController
let nowMs: number

/** Lets time pass in small steps, with the events of each. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    nowMs += 50
    mock.timers.tick(50)
    for (let turn = 0; turn < 20; turn++) {
      await Promise.resolve()
    }
  }
}

/** Dials of one end: each waits for its answer. */
class Dials {
  readonly waiting: {
    signal: AbortSignal
    resolve(made: FakeConnection): void
    reject(error: Error): void
  }[] = []
  count = 0

  readonly dial = (_: unknown, signal: AbortSignal): Promise<FakeConnection> => {
    this.count++
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
      this.waiting.push({ signal, resolve, reject })
    })
  }

  /** The oldest one succeeds, as the host does it: the connection is there before the dial is through. */
  succeed(end: End, connection: FakeConnection): void {
    end.meet(connection)
    this.waiting.shift()?.resolve(connection)
  }

  fail(): void {
    this.waiting.shift()?.reject(new Error('nobody there'))
  }
}

beforeEach(() => {
  over = new AbortController()
  nowMs = 0
  mock.timers.enable({ apis: ['setTimeout'] })
})

afterEach(() => {
  over.abort()
  mock.timers.reset()
})

const now = (): number => nowMs

describe('dialling', () => {
  it('begins at once at one side and after a moment at the other', async () => {
    const [first, second] = [new Dials(), new Dials()]
    endOf({ dial: first.dial, directAddresses: () => ADDRESSES, now }, over.signal).pair.dial()
    const other = { dial: second.dial, directAddresses: () => ADDRESSES, dialsFirst: () => false, now }
    endOf(other, over.signal).pair.dial()
    await pass(50)
    assert.deepEqual([first.count, second.count], [1, 0])
    await pass(1000)
    assert.deepEqual([first.count, second.count], [1, 1])
  })

  it('ends when the other side comes first', async () => {
    const dials = new Dials()
    const end = endOf({ dial: dials.dial, directAddresses: () => ADDRESSES, now }, over.signal)
    end.pair.dial()
    await pass(50)
    end.meet(new FakeConnection(true, 'inbound'))
    await pass(60_000)
    assert.equal(dials.waiting[0]?.signal.aborted, true)
    assert.deepEqual([dials.count, end.told], [1, ['+']])
  })

  it('leaves the connection alone that came of it', async () => {
    const dials = new Dials()
    const end = endOf({ dial: dials.dial, directAddresses: () => ADDRESSES, now }, over.signal)
    end.pair.dial()
    await pass(50)
    const [attempt] = dials.waiting
    dials.succeed(end, new FakeConnection(true, 'outbound'))
    await pass(60_000)
    assert.equal(attempt?.signal.aborted, false)
    assert.deepEqual([dials.count, end.told], [1, ['+']])
  })

  it('does not happen without an address, and does as soon as there is one', async () => {
    const dials = new Dials()
    let addresses: typeof ADDRESSES = []
    const end = endOf({ dial: dials.dial, directAddresses: () => addresses, now }, over.signal)
    end.pair.dial()
    await pass(60_000)
    assert.equal(dials.count, 0)
    addresses = ADDRESSES
    end.pair.update({ ...BEN, multiaddrs: ['/ip4/192.0.2.2/tcp/1'] })
    await pass(50)
    assert.equal(dials.count, 1)
  })

  it('goes on for ever, ever more rarely, and tells of it more rarely still', async () => {
    const dials = new Dials()
    const end = endOf(
      {
        dial: async (...args) => {
          const made = dials.dial(...args)
          dials.fail()
          return await made
        },
        directAddresses: () => ADDRESSES,
        now
      },
      over.signal
    )
    end.pair.dial()
    await pass(600_000)
    assert.ok(dials.count > 40 && dials.count < 80, `${dials.count} dials in ten minutes`)
    assert.deepEqual(end.told, ['!1', '!4', '!16'])
  })

  it('fault 17: tries new addresses at once, whatever the wait was', async () => {
    const dials = new Dials()
    const end = endOf({ dial: dials.dial, directAddresses: () => ADDRESSES, now }, over.signal)
    end.pair.dial()
    await pass(50)
    for (let tries = 0; tries < 8; tries++) {
      dials.fail()
      await pass(15_000)
    }
    dials.fail()
    await pass(50)
    const before = dials.count
    end.pair.update({ ...BEN, complete: true })
    await pass(50)
    assert.equal(dials.count, before, 'nothing that matters has changed')
    end.pair.update({ ...BEN, multiaddrs: ['/ip4/192.0.2.2/tcp/1'] })
    await pass(50)
    assert.equal(dials.count, before + 1)
  })

  it('fault 13, fault 16: begins again at once when a connection ends that served for a while', async () => {
    const dials = new Dials()
    const end = endOf({ dial: dials.dial, directAddresses: () => ADDRESSES, now }, over.signal)
    end.pair.dial()
    await pass(50)
    const connection = new FakeConnection(true, 'outbound')
    dials.succeed(end, connection)
    await pass(30_000)
    connection.abort()
    await pass(50)
    assert.deepEqual([dials.count, end.told], [2, ['+', '-']])
  })

  it('waits ever longer while connections end as soon as they are made', async () => {
    const dials = new Dials()
    const end = endOf({ dial: dials.dial, directAddresses: () => ADDRESSES, now }, over.signal)
    end.pair.dial()
    for (let step = 0; step < 1200; step++) {
      await pass(50)
      if (dials.waiting.length > 0) {
        const connection = new FakeConnection(true, 'outbound')
        dials.succeed(end, connection)
        connection.abort()
      }
    }
    assert.ok(dials.count < 15, `${dials.count} dials in a minute`)
  })
})

describe('the relay', () => {
  it('is asked when the direct way takes long, and gives way to it', async () => {
    const [direct, relayed] = [new Dials(), new Dials()]
    const end = endOf(
      {
        dial: (addresses, signal) => (addresses === RELAY ? relayed : direct).dial(addresses, signal),
        directAddresses: () => ADDRESSES,
        relayAddresses: () => RELAY,
        now
      },
      over.signal
    )
    end.pair.dial()
    await pass(500)
    assert.deepEqual([direct.count, relayed.count], [1, 0])
    await pass(1000)
    assert.equal(relayed.count, 1)
    const over1 = new FakeConnection(false, 'outbound')
    relayed.succeed(end, over1)
    await pass(5000)
    assert.equal(end.inUse, over1)
    const plain = new FakeConnection(true, 'outbound')
    direct.succeed(end, plain)
    await pass(5000)
    assert.equal(end.inUse, plain)
    assert.equal(over1.status, 'open', 'what is under way on it is let through')
    await pass(10_000)
    assert.equal(over1.status, 'aborted')
    assert.deepEqual(end.told, ['+', '+'])
    assert.equal(relayed.count, 1)
  })

  it('is used again when the direct connection is lost, and not without need', async () => {
    const relayed = new Dials()
    const end = endOf({ dial: relayed.dial, relayAddresses: () => RELAY, now }, over.signal)
    const plain = new FakeConnection(true, 'inbound')
    end.meet(plain)
    end.pair.dial()
    await pass(60_000)
    assert.equal(relayed.count, 0)
    plain.abort()
    await pass(2000)
    assert.equal(relayed.count, 1)
  })
})

describe('a second connection', () => {
  it('of a peer that dialled again long afterwards means that the first one is dead', () => {
    const end = endOf({ now }, over.signal)
    const old = new FakeConnection(true, 'outbound', 0)
    end.meet(old)
    const back = new FakeConnection(true, 'inbound', 60_000)
    end.meet(back)
    assert.deepEqual([end.inUse, old.status, end.told], [back, 'aborted', ['+', '-', '+']])
  })

  it('takes over when the first one ends', () => {
    const end = endOf({ now }, over.signal)
    const [first, second] = [new FakeConnection(true, 'outbound'), new FakeConnection(true, 'inbound')]
    end.meet(first)
    end.meet(second)
    assert.equal(end.inUse, first)
    first.abort()
    assert.deepEqual([end.inUse, end.told], [second, ['+', '+']])
  })
})
