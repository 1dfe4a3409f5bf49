/** The peer's end: fills its uplink for a moment. */
import type { Connection } from '@libp2p/interface'
import { sendBytes } from '../wire.ts'
import { PIECE_BYTE_LENGTH, UPLINK_TEST_PROTOCOL } from './constants.ts'

/**
 * Sends as fast as the connection accepts it while `goesOn`, given the bytes sent so far, returns true.
 *
 * @throws when the other side takes part in no test, or the signal aborts
 */
export async function fillUplink(
  connection: Connection,
  goesOn: (sentByteLength: number) => boolean,
  signal: AbortSignal
): Promise<void> {
  const stream = await connection.newStream(UPLINK_TEST_PROTOCOL, { signal })
  try {
    const piece = new Uint8Array(PIECE_BYTE_LENGTH)
    for (let sent = 0; goesOn(sent); sent += PIECE_BYTE_LENGTH) {
      await sendBytes(stream, piece, signal)
    }
  } finally {
    // Bytes that still wait are not worth sending.
    stream.abort(new Error('the test is over'))
  }
}
