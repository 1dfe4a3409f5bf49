/** The coordinator's end: takes bytes and throws them away. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { InboundStreams } from '../inbound.ts'
import { ProtocolViolation } from '../wire.ts'
import {
  MAX_INBOUND_STREAMS,
  MAX_TEST_BYTE_LENGTH,
  MAX_TEST_MS,
  MAX_TESTS,
  UPLINK_TEST_PROTOCOL
} from './constants.ts'

export class UplinkTestService {
  readonly #inbound: InboundStreams
  #tests = 0

  constructor(host: Libp2p) {
    this.#inbound = new InboundStreams({
      host,
      protocol: UPLINK_TEST_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream) => this.#serve(stream)
    })
  }

  start(): Promise<void> {
    return this.#inbound.start()
  }

  stop(): Promise<void> {
    return this.#inbound.stop()
  }

  async #serve(stream: Stream): Promise<void> {
    if (this.#tests >= MAX_TESTS) {
      throw new Error('enough others test their uplinks')
    }
    this.#tests++
    const deadline = setTimeout(
      () => stream.abort(new ProtocolViolation(`a test of more than ${MAX_TEST_MS} ms`)),
      MAX_TEST_MS
    )
    try {
      let taken = 0
      for await (const { byteLength } of stream) {
        taken += byteLength
        if (taken > MAX_TEST_BYTE_LENGTH) {
          throw new ProtocolViolation(`a test of more than ${MAX_TEST_BYTE_LENGTH} bytes`)
        }
      }
    } finally {
      clearTimeout(deadline)
      this.#tests--
    }
  }
}
