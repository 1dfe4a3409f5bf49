/** Measures this peer's uplink before it matters: while it hashes files and waits for others. */
import type { Connection } from '@libp2p/interface'
import { fillUplink } from '../../protocols/uplink-test/index.ts'
import type { SendQueues } from './send-queues.ts'

/** The first checks find what the uplink carries, the others that it carries no more (`uplink-pace.ts`). */
const TEST_MS = 600

/** Sending the share takes at least this many times as long as its test: a smaller share is not worth a test. */
const TEST_PART = 1 / 8

const MIN_TEST_BYTE_LENGTH = 1024 * 1024

export interface UplinkTestInit {
  connection: Connection
  sendQueues: SendQueues
  /** The bytes that this peer brings. */
  sharedByteLength: number
  signal: AbortSignal
}

/**
 * Resolves soon, whatever the result. Does nothing if the sockets cannot be observed, or if people have set an upload
 * limit: what the uplink carries beyond that cannot be measured.
 */
export async function testUplink(init: UplinkTestInit): Promise<void> {
  const { connection, sendQueues, sharedByteLength } = init
  const mostByteLength = sharedByteLength * TEST_PART
  if (mostByteLength < MIN_TEST_BYTE_LENGTH || !sendQueues.isSeeking || sendQueues.isLimited) {
    return
  }
  const signal = AbortSignal.any([init.signal, AbortSignal.timeout(TEST_MS)])
  const goesOn = (sent: number): boolean =>
    sendQueues.isSeeking && !sendQueues.isLimited && sent < mostByteLength
  await fillUplink(connection, goesOn, signal).catch(() => undefined)
}
