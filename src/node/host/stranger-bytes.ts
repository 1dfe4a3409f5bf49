/**
 * How much a connection may send before the other side is admitted. A handshake and an exchange of proofs take a few
 * hundred bytes. libp2p answers each line of a negotiation, and any number of streams may be negotiated at a time, so a
 * node that may send more can keep the event loop from everyone else.
 */
import type { MultiaddrConnection } from '@libp2p/interface'
import { StreamMessageEvent } from '@libp2p/interface'

/**
 * Counts the bytes that arrive from now on; if there are more, the connection ends unless its other side is admitted by
 * then.
 */
export function limitUntilAdmitted(
  connection: MultiaddrConnection,
  maxByteLength: number,
  isAdmitted: () => boolean
): void {
  const dispatchEvent = connection.dispatchEvent.bind(connection)
  let left = maxByteLength
  // Not a listener: the first listener makes the bytes flow, and no one else listens yet.
  connection.dispatchEvent = (event) => {
    if (left >= 0 && event instanceof StreamMessageEvent) {
      left -= event.data.byteLength
      if (left < 0 && !isAdmitted()) {
        connection.abort(new Error(`more than ${maxByteLength} bytes before it was admitted`))
        return true
      }
    }
    return dispatchEvent(event)
  }
}
