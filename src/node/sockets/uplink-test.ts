/** Finds out what this peer's uplink carries before it matters: while files are hashed and others are waited for. */
import type { Connection } from '@libp2p/interface'
import { fillUplink } from '../../protocols/uplink-test/index.ts'
import type { SendQueues } from './send-queues.ts'

/** The first looks tell what the uplink carries, the others that it carries no more (`uplink-pace.ts`). */
const TEST_MS = 600

/** Sending the share takes so many times as long as its test at the least: a smaller one is not worth it. */
const TEST_PART = 1 / 8

const MIN_TEST_BYTE_LENGTH = 1024 * 1024

export interface UplinkTestInit {
  connection: Connection
  sendQueues: SendQueues
  /** What this peer brings. */
  sharedByteLength: number
  signal: AbortSignal
}

/**
 * Resolves soon, whatever comes of it. Does nothing where nothing is seen of the sockets, nor where people have said how
 * much may leave: what the uplink carries beyond that is not to be found out.
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
