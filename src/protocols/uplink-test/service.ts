/** The coordinator's end: receives bytes and discards them. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { InboundStreams } from '../inbound.ts'
import { inTime, ProtocolViolation } from '../wire.ts'
import {
  MAX_INBOUND_STREAMS,
  MAX_TEST_BYTE_LENGTH,
  MAX_TEST_MS,
  MAX_TESTS,
  UPLINK_TEST_PROTOCOL
} from './constants.ts'

export class UplinkTestService extends InboundStreams {
  constructor(host: Libp2p) {
    super({
      host,
      protocol: UPLINK_TEST_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      maxStreams: MAX_TESTS,
      serve: (stream) => inTime(stream, AbortSignal.timeout(MAX_TEST_MS), () => takeIn(stream))
    })
  }
}

async function takeIn(stream: Stream): Promise<void> {
  let taken = 0
  for await (const { byteLength } of stream) {
    taken += byteLength
    if (taken > MAX_TEST_BYTE_LENGTH) {
      throw new ProtocolViolation(`a test of more than ${MAX_TEST_BYTE_LENGTH} bytes`)
    }
  }
}
