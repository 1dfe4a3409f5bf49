/**
 * The uplink test: a peer sends bytes that mean nothing, and sees at its sockets how fast they leave.
 *
 * Goals: what a peer's uplink carries is known before the first chunk leaves, so that no first copy goes to a peer that
 * spreads it slowly. Non-goals: measuring anything here (whoever watches the sockets does), the downlink, exactness: a
 * coordinator whose own line is narrower shows less.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { InboundStreams } from '../inbound.ts'
import { ProtocolViolation, sendBytes } from '../wire.ts'
import {
  MAX_INBOUND_STREAMS,
  MAX_TEST_BYTE_LENGTH,
  MAX_TEST_MS,
  MAX_TESTS,
  PIECE_BYTE_LENGTH,
  UPLINK_TEST_PROTOCOL
} from './constants.ts'

/** The coordinator's side: takes bytes and throws them away. */
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

/**
 * The peer's side: sends as fast as the connection takes it while `goesOn` says so of the bytes handed over.
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
    // What waits is not worth sending.
    stream.abort(new Error('the test is over'))
  }
}
