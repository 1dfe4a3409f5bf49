import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BURST_MS, LOOK_MS, type SocketProgress, UplinkPace } from '#potluck/node/sockets/uplink-pace.js'
import { fc } from '../../fixtures/properties.js'

const MBIT = 125_000

/** A queue in front of the link loses what does not fit. */
const QUEUE_MS = 50

/** An uplink that connections share, and a sender that has always more to send than the pace lets it. */
class Uplink {
  readonly pace = new UplinkPace()
  readonly #sockets: { progress: SocketProgress; receiverMs: number }[]
  nowMs = 0
  queuedMs = 0
  foreignMs = 0
  bytesPerSecond: number
  /** Of what left and is not told of yet, how much is told of. */
  toldPart = 1
  #told: SocketProgress[] = []
  /** What the sender has at the most. */
  wantedBytesPerSecond = Number.POSITIVE_INFINITY

  /** @param receiversMs how long bytes wait for each receiver beside */
  constructor(bytesPerSecond: number, receiversMs: number[] = [0]) {
    this.bytesPerSecond = bytesPerSecond
    this.#sockets = receiversMs.map((receiverMs) => ({
      receiverMs,
      progress: { ackedByteLength: 0, isWaiting: true, unsentByteLength: 0, roundTripMs: 20 }
    }))
    this.#look()
  }

  /** One look later. @returns what left, in bytes per second */
  step(): number {
    this.nowMs += LOOK_MS
    const sent = Math.min(this.pace.bytesPerSecond, this.wantedBytesPerSecond, 10 * this.bytesPerSecond)
    const waitingMs = this.queuedMs + (LOOK_MS * sent) / this.bytesPerSecond
    const left = (Math.min(waitingMs, LOOK_MS) / LOOK_MS) * this.bytesPerSecond
    this.queuedMs = Math.min(QUEUE_MS, Math.max(0, waitingMs - LOOK_MS))
    for (const { progress, receiverMs } of this.#sockets) {
      progress.ackedByteLength += (left * LOOK_MS) / 1000 / this.#sockets.length
      progress.roundTripMs = 20 + this.queuedMs + this.foreignMs + receiverMs
    }
    this.#look()
    return left
  }

  /** @returns what left in so many looks, on average, in bytes per second */
  run(looks: number): number {
    let sum = 0
    for (let look = 0; look < looks; look++) {
      sum += this.step()
    }
    return sum / looks
  }

  #look(): void {
    const told = this.#sockets.map((socket, index) => {
      const { ackedByteLength } = socket.progress
      const told = this.#told[index]?.ackedByteLength ?? ackedByteLength
      return { ...socket.progress, ackedByteLength: told + this.toldPart * (ackedByteLength - told) }
    })
    this.#told = told
    this.pace.look(
      new Map(this.#sockets.map((socket, index) => [socket, told[index] ?? socket.progress])),
      this.nowMs
    )
  }
}

describe('the pace of an uplink', () => {
  it('uses what the uplink carries, and lets hardly anything wait', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 3, max: 2000, noNaN: true }),
        fc.integer({ min: 1, max: 8 }),
        (mbit, receivers) => {
          const uplink = new Uplink(mbit * MBIT, Array(receivers).fill(0))
          uplink.run(50)
          assert.ok(uplink.run(100) > 0.96 * mbit * MBIT)
          let waitedMs = 0
          for (let look = 0; look < 100; look++) {
            uplink.step()
            waitedMs += uplink.queuedMs / 100
          }
          assert.ok(waitedMs < 15, `${waitedMs} ms`)
        }
      )
    )
  })

  it('holds nothing back where nothing waits', () => {
    const uplink = new Uplink(100_000 * MBIT)
    uplink.wantedBytesPerSecond = 5000 * MBIT
    uplink.run(20)
    assert.equal(uplink.pace.bytesPerSecond, Number.POSITIVE_INFINITY)
    assert.equal(uplink.pace.pieceByteLength, Number.POSITIVE_INFINITY)
  })

  it('holds nothing back where nothing is seen', () => {
    const pace = new UplinkPace()
    for (let look = 0; look < 10; look++) {
      pace.look(new Map(), look * LOOK_MS)
    }
    assert.equal(pace.bytesPerSecond, Number.POSITIVE_INFINITY)
    assert.equal(pace.seenBytesPerSecond, 0)
    pace.reserve(1_000_000, 5000)
    assert.ok(pace.freeAtMs <= 5000)
  })

  it('tells what got through in three looks at the least, also while it is sought', () => {
    const pace = new UplinkPace()
    const socket = {}
    let ackedByteLength = 0
    const seen = [0, 0, 3, 0, 0, 0].map((looks, look) => {
      ackedByteLength += looks * 100_000
      pace.look(
        new Map([[socket, { ackedByteLength, isWaiting: false, unsentByteLength: 0, roundTripMs: 20 }]]),
        look * LOOK_MS
      )
      return pace.seenBytesPerSecond
    })
    assert.deepEqual(seen, [0, 0, 0, 0, 0, 0], 'what two looks without anything had left over')
    const uplink = new Uplink(1000 * MBIT)
    uplink.run(2)
    assert.equal(uplink.pace.seenBytesPerSecond, 0)
    uplink.run(1)
    assert.equal(uplink.pace.isSeeking, true)
    assert.ok(uplink.pace.seenBytesPerSecond > 20 * MBIT && uplink.pace.seenBytesPerSecond < 1000 * MBIT)
  })

  it('counts what comes after a pause in the acknowledgements for the pause as well', () => {
    const uplink = new Uplink(20 * MBIT)
    uplink.run(50)
    for (let pause = 0; pause < 20; pause++) {
      uplink.run(10)
      uplink.toldPart = 0
      uplink.run(2)
      uplink.toldPart = 1
      uplink.run(3)
      assert.ok(uplink.pace.seenBytesPerSecond < 20.5 * MBIT)
    }
  })

  it('takes acknowledgements that come together for no faster uplink', () => {
    const uplink = new Uplink(20 * MBIT)
    uplink.run(50)
    for (let pause = 0; pause < 20; pause++) {
      uplink.run(6)
      uplink.toldPart = 0.3
      uplink.run(3)
      uplink.toldPart = 1
      uplink.run(2)
      const mbit = uplink.pace.seenBytesPerSecond / MBIT
      assert.ok(mbit > 19 && mbit < 21, `${mbit} Mbit/s`)
    }
  })

  it('stays when little is sent', () => {
    const uplink = new Uplink(100 * MBIT)
    uplink.run(50)
    const { bytesPerSecond } = uplink.pace
    uplink.wantedBytesPerSecond = MBIT
    uplink.run(200)
    assert.equal(uplink.pace.bytesPerSecond, bytesPerSecond)
  })

  it('follows an uplink that gets slower, and one that gets faster', () => {
    const uplink = new Uplink(100 * MBIT)
    uplink.run(50)
    uplink.bytesPerSecond = 30 * MBIT
    uplink.run(20)
    assert.ok(uplink.pace.bytesPerSecond < 32 * MBIT)
    uplink.run(20)
    assert.ok(uplink.queuedMs < 25)
    uplink.bytesPerSecond = 200 * MBIT
    uplink.run(50)
    assert.ok(uplink.run(20) > 190 * MBIT)
  })

  it('does not mind a receiver that is slow by itself', () => {
    const uplink = new Uplink(100 * MBIT, [0, 45])
    uplink.run(50)
    assert.ok(uplink.run(50) > 96 * MBIT)
  })

  it('lives with a delay that is not of its making', () => {
    const uplink = new Uplink(100 * MBIT)
    uplink.run(50)
    uplink.foreignMs = 40
    assert.ok(uplink.run(600) > 85 * MBIT)
    uplink.foreignMs = 0
    uplink.run(30)
    assert.ok(uplink.run(50) > 95 * MBIT)
  })

  it('takes what waits unsent for a queue as well', () => {
    const pace = new UplinkPace()
    const socket = {}
    for (let look = 0; look < 20; look++) {
      const ackedByteLength = (look * 10 * MBIT * LOOK_MS) / 1000
      const progress = { ackedByteLength, isWaiting: true, unsentByteLength: 100_000, roundTripMs: 20 }
      pace.look(new Map([[socket, progress]]), look * LOOK_MS)
    }
    assert.ok(pace.bytesPerSecond < 10.2 * MBIT)
  })

  it('has pieces leave one after another, and a late sender catch up a little', () => {
    const uplink = new Uplink(20 * MBIT)
    uplink.run(50)
    const { pace } = uplink
    const pieceMs = (1000 * pace.pieceByteLength) / pace.bytesPerSecond
    assert.ok(pieceMs > 3.9 && pieceMs < 4.1)
    for (let pieces = 1; pieces <= 3; pieces++) {
      pace.reserve(pace.pieceByteLength, 10_000)
      assert.ok(Math.abs(pace.freeAtMs - (10_000 - BURST_MS) - pieces * pieceMs) < 1e-6)
    }
  })

  it('has pieces of bounded length', () => {
    const slow = new Uplink(2 * MBIT)
    slow.run(50)
    assert.equal(slow.pace.pieceByteLength, 8 * 1024)
    const fast = new Uplink(2000 * MBIT)
    fast.run(50)
    assert.equal(fast.pace.pieceByteLength, 64 * 1024)
  })
})
