/**
 * How much may come on a connection before the other side is admitted. A handshake and an exchange of proofs take a few
 * hundred bytes; libp2p answers each line of a negotiation, and any number of streams may be negotiated at a time, so
 * who may send more keeps the event loop from everybody else.
 */
import type { MultiaddrConnection } from '@libp2p/interface'
import { StreamMessageEvent } from '@libp2p/interface'

/** Counts what comes from now on; where it is more, the connection ends unless its other side is admitted by then. */
export function limitUntilAdmitted(
  connection: MultiaddrConnection,
  maxByteLength: number,
  isAdmitted: () => boolean
): void {
  const dispatchEvent = connection.dispatchEvent.bind(connection)
  let left = maxByteLength
  // Not a listener: the first one has the bytes come, and nobody else listens yet.
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
