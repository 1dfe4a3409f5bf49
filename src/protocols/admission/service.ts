/** The coordinator's end, and its door: only this protocol is open to a connection that was not admitted. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { errorOf } from '../../core/errors.ts'
import { InboundStreams } from '../inbound.ts'
import { CLOSE_TIMEOUT_MS, closeStream, inTime, readMessage, sendMessage } from '../wire.ts'
import {
  ADMISSION_PROTOCOL,
  ADMISSION_TIMEOUT_MS,
  MAX_INBOUND_STREAMS,
  MAX_STRANGER_BYTES,
  MAX_UNADMITTED_CONNECTIONS
} from './constants.ts'
import { Answer, Challenge, Hello, Verdict } from './pb/messages.ts'
import { type Means, newNonce, nonceOf, type SwarmSecret, statementOf, type Transcript } from './proofs.ts'

/** Decides which connections and streams that others open get in, before any of our code sees them. */
export interface Door {
  /** Whether this PeerId may have a connection that it opens. May take a moment. */
  letsIn(peerId: string): boolean | Promise<boolean>
  /** Whether a stream that the other side opens on the connection reaches the protocol's handler. */
  admits(connection: Connection, protocol: string): boolean
  /** How many bytes a connection may send before it is fully admitted; undefined: no limit. */
  readonly maxStrangerBytes?: number
}

/** A node that the coordinator does not admit. */
export interface AdmissionRefusal {
  peerId: string
  code: 'SECRET' | 'NOT_ALLOWED'
  message: string
}

type TranscriptIds = Pick<Transcript, 'coordinatorId' | 'peerId'>

export interface AdmissionInit {
  secret: SwarmSecret | undefined
  /** The key that invited peers have instead of the secret. */
  invitation?: SwarmSecret | undefined
  /** The only PeerIds that are admitted; undefined: all that have the secret. */
  allow: readonly string[] | undefined
  /** MAX_UNADMITTED_CONNECTIONS by default; tests set it. */
  maxUnadmitted?: number | undefined
}

export interface AdmissionStart {
  host: Libp2p
  onRefused(refusal: AdmissionRefusal): void
}

export class AdmissionService implements Door {
  readonly maxStrangerBytes = MAX_STRANGER_BYTES
  readonly #init: AdmissionInit
  readonly #allowed: ReadonlySet<string> | undefined
  readonly #admitted = new WeakSet<Connection>()
  /** Connections that are not admitted yet, with the function that ends each. */
  readonly #deadlines = new Map<Connection, ReturnType<typeof setTimeout>>()
  readonly #stopping = new AbortController()
  #inbound: InboundStreams | undefined
  #onRefused: (refusal: AdmissionRefusal) => void = () => undefined

  constructor(init: AdmissionInit) {
    this.#init = init
    this.#allowed = init.allow && new Set(init.allow)
  }

  /**
   * Lets every PeerId in until its admission: a peer that is not on the list learns that there, once it has proved
   * itself. Lets no one in once this coordinator stops: without its protocols it would look like something else, and
   * peers would give up.
   */
  letsIn(): boolean {
    return !this.#stopping.signal.aborted
  }

  admits(connection: Connection, protocol: string): boolean {
    return protocol === ADMISSION_PROTOCOL || this.#admitted.has(connection)
  }

  async start({ host, onRefused }: AdmissionStart): Promise<void> {
    const { signal } = this.#stopping
    this.#onRefused = onRefused
    host.addEventListener('connection:open', ({ detail }) => this.#await(detail), { signal })
    host.addEventListener('connection:close', ({ detail }) => this.#awaitNoMore(detail), { signal })
    this.#inbound = new InboundStreams({
      host,
      protocol: ADMISSION_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream, connection) => this.#serve(stream, connection, host.peerId.toString())
    })
    await this.#inbound.start()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const connection of [...this.#deadlines.keys()]) {
      this.#awaitNoMore(connection)
    }
    await this.#inbound?.stop()
  }

  #await(connection: Connection): void {
    const { maxUnadmitted = MAX_UNADMITTED_CONNECTIONS } = this.#init
    for (const oldest of this.#deadlines.keys()) {
      if (this.#deadlines.size < maxUnadmitted) {
        break
      }
      this.#awaitNoMore(oldest)
      oldest.abort(new Error('too many connections wait to be admitted'))
    }
    const deadline = setTimeout(
      () => connection.abort(new Error(`not admitted within ${ADMISSION_TIMEOUT_MS} ms`)),
      ADMISSION_TIMEOUT_MS
    )
    this.#deadlines.set(connection, deadline)
  }

  #awaitNoMore(connection: Connection): void {
    clearTimeout(this.#deadlines.get(connection))
    this.#deadlines.delete(connection)
  }

  async #serve(stream: Stream, connection: Connection, coordinatorId: string): Promise<void> {
    const peerId = connection.remotePeer.toString()
    const refusal = await inTime(stream, AbortSignal.timeout(ADMISSION_TIMEOUT_MS), async () => {
      const found = await this.#refusalOf(stream, { coordinatorId, peerId })
      if (found === undefined) {
        // Before the peer knows, because the peer goes on at once.
        this.#admitted.add(connection)
        this.#awaitNoMore(connection)
      } else {
        // Whether or not the peer waits for the verdict.
        this.#admitted.delete(connection)
        this.#onRefused({ peerId, ...found })
      }
      await sendMessage<Verdict>(stream, Verdict, found ?? { admitted: true })
      return found
    })
    if (refusal !== undefined) {
      await closeStream(stream)
      await closeConnection(connection)
    }
  }

  /** The secret first: only a peer that has proved it learns of the list. */
  async #refusalOf(
    stream: Stream,
    ids: TranscriptIds
  ): Promise<Omit<AdmissionRefusal, 'peerId'> | undefined> {
    const problem = await this.#secretProblem(stream, ids)
    if (problem !== undefined) {
      return { code: 'SECRET', message: problem }
    }
    return this.#allowed?.has(ids.peerId) === false
      ? { code: 'NOT_ALLOWED', message: 'its PeerId is not on the "allow" list' }
      : undefined
  }

  /** What is wrong with the peer's proof; undefined when nothing is. */
  async #secretProblem(stream: Stream, ids: TranscriptIds): Promise<string | undefined> {
    const hello = await readMessage(stream, Hello)
    const peerNonce = nonceOf(hello)
    const { invited } = hello
    const secret = invited ? this.#init.invitation : this.#init.secret
    if (secret === undefined && this.#init.secret !== undefined) {
      throw new Error('an invited peer at a coordinator that invites nobody')
    }
    const coordinatorNonce = newNonce()
    const transcript = { ...ids, coordinatorNonce, peerNonce }
    const proof = secret?.proofOf(statementOf('coordinator', transcript)) ?? new Uint8Array()
    await sendMessage(stream, Challenge, { nonce: coordinatorNonce, proof })
    const answer = await readMessage(stream, Answer)
    if (!answer.trusts) {
      return mistrust(answer, { secret, invited })
    }
    const isProven = secret?.isProof(answer.proof, statementOf('peer', transcript)) ?? true
    return isProven
      ? undefined
      : `it did not prove that it has the ${invited ? 'key of the invitation' : "swarm's secret"}`
  }
}

/** Why a peer does not trust this coordinator. */
function mistrust({ code }: Answer, { secret, invited }: Means): string {
  if (invited) {
    return 'it has the invitation of another swarm, or of an earlier start'
  }
  if (secret === undefined) {
    return 'it has a secret and this coordinator has none'
  }
  return code === 'NO_SECRET' ? 'it has no secret' : 'it has another secret'
}

async function closeConnection(connection: Connection): Promise<void> {
  try {
    await connection.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) })
  } catch (error) {
    connection.abort(errorOf(error))
  }
}
