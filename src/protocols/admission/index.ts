/**
 * The admission protocol: before anything else on a connection with the coordinator, each side shows the other that it
 * has the swarm's secret.
 *
 * Goals: neither the secret nor anything to guess it by is told; what was heard in one exchange is of no use in another,
 * nor to the side that said it, nor under another PeerId. A swarm without a secret has the same exchange with empty
 * proofs, so that a side that has one notices. A peer that was invited says so first, and both go by the key of the
 * invitation instead of the secret. Non-goals: encryption and identities, which Noise has brought before; who
 * may take a place, which the join decides. The messages, in order: docs/protocol.md.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { messageOf, PotluckError } from '../../core/errors.ts'
import { printable } from '../../core/names.ts'
import { InboundStreams } from '../inbound.ts'
import { CLOSE_TIMEOUT_MS, closeStream, ProtocolViolation, readMessage, sendMessage } from '../wire.ts'
import {
  ADMISSION_PROTOCOL,
  ADMISSION_TIMEOUT_MS,
  MAX_INBOUND_STREAMS,
  MAX_STRANGER_BYTES,
  MAX_UNADMITTED_CONNECTIONS,
  NONCE_BYTE_LENGTH
} from './constants.ts'
import type { Door } from './door.ts'
import { Answer, Challenge, Hello, Verdict } from './pb/messages.ts'
import { statementOf, type Transcript } from './statement.ts'

export * from './constants.ts'
export type { Door } from './door.ts'

/** What the swarm's secret, or the key of an invitation, can do. Itself it stays with whoever read it. */
export interface SwarmSecret {
  /** HMAC-SHA-256 over the statement. */
  proofOf(statement: Uint8Array): Uint8Array<ArrayBuffer>
  /** Whether the proof is that; takes as long for a wrong one as for a right one. */
  isProof(proof: Uint8Array, statement: Uint8Array): boolean
}

/** A node that the coordinator does not take. */
export interface AdmissionRefusal {
  peerId: string
  code: 'SECRET' | 'NOT_ALLOWED'
  message: string
}

export interface AdmissionInit {
  secret: SwarmSecret | undefined
  /** What those who were invited have instead of the secret. */
  invitation?: SwarmSecret | undefined
  /** The only PeerIds that are admitted; undefined: whoever has the secret. */
  allow: readonly string[] | undefined
  /** MAX_UNADMITTED_CONNECTIONS unless given, for tests. */
  maxUnadmitted?: number | undefined
}

export interface AdmissionStart {
  host: Libp2p
  onRefused(refusal: AdmissionRefusal): void
}

/** The coordinator's side, and its door: nothing but this protocol is open to a connection that was not admitted. */
export class AdmissionService implements Door {
  readonly maxStrangerBytes = MAX_STRANGER_BYTES
  readonly #secret: SwarmSecret | undefined
  readonly #invitation: SwarmSecret | undefined
  readonly #allowed: ReadonlySet<string> | undefined
  readonly #maxUnadmitted: number
  readonly #admitted = new WeakSet<Connection>()
  /** Connections that are not admitted yet, with what ends them. */
  readonly #deadlines = new Map<Connection, ReturnType<typeof setTimeout>>()
  readonly #stopping = new AbortController()
  #inbound: InboundStreams | undefined
  #onRefused: (refusal: AdmissionRefusal) => void = () => undefined

  constructor({ secret, invitation, allow, maxUnadmitted = MAX_UNADMITTED_CONNECTIONS }: AdmissionInit) {
    this.#maxUnadmitted = maxUnadmitted
    this.#secret = secret
    this.#invitation = invitation
    this.#allowed = allow === undefined ? undefined : new Set(allow)
  }

  /**
   * Everybody, as far as the admission: whoever is not on the list is told so there, once it has proved itself. Nobody
   * once this coordinator stops: without its protocols it would pass for something else, and whoever came would give up.
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
    for (const oldest of this.#deadlines.keys()) {
      if (this.#deadlines.size < this.#maxUnadmitted) {
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
        // Before the peer knows: it goes on at once.
        this.#admitted.add(connection)
        this.#awaitNoMore(connection)
      } else {
        // Whether or not the peer waits to hear it.
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

  /** The secret first: of the list hears nobody who has not proved it. */
  async #refusalOf(
    stream: Stream,
    ids: Pick<Transcript, 'coordinatorId' | 'peerId'>
  ): Promise<Pick<AdmissionRefusal, 'code' | 'message'> | undefined> {
    const problem = await this.#secretProblem(stream, ids)
    if (problem !== undefined) {
      return { code: 'SECRET', message: problem }
    }
    return this.#allowed?.has(ids.peerId) === false
      ? { code: 'NOT_ALLOWED', message: 'its PeerId is not on the "allow" list' }
      : undefined
  }

  /** What is wrong with what the peer proves; undefined when nothing is. */
  async #secretProblem(
    stream: Stream,
    ids: Pick<Transcript, 'coordinatorId' | 'peerId'>
  ): Promise<string | undefined> {
    const hello = await readMessage(stream, Hello)
    const peerNonce = nonceOf(hello)
    const { invited } = hello
    const secret = invited ? this.#invitation : this.#secret
    if (secret === undefined && this.#secret !== undefined) {
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

export interface AdmissionRequest {
  /** With the coordinator, opened by this peer. */
  connection: Connection
  secret: SwarmSecret | undefined
  /** Whether that is the key of an invitation. */
  invited?: boolean | undefined
  /** This peer's own. */
  peerId: string
  signal: AbortSignal
}

/**
 * The peer's side: has the coordinator prove itself, then proves itself.
 *
 * @throws PotluckError REFUSED when the two do not have the same secret, or the coordinator's list lacks this peer; other
 *   errors when the exchange breaks
 */
export async function askAdmission(request: AdmissionRequest): Promise<void> {
  const { connection, secret, invited = false, peerId, signal } = request
  const stream = await connection.newStream(ADMISSION_PROTOCOL, { signal })
  const { problem, verdict } = await inTime(stream, signal, async () => {
    const peerNonce = newNonce()
    await sendMessage(stream, Hello, { nonce: peerNonce, invited })
    const challenge = await readMessage(stream, Challenge)
    const coordinatorId = connection.remotePeer.toString()
    const transcript = { coordinatorId, peerId, coordinatorNonce: nonceOf(challenge), peerNonce }
    const found = coordinatorProblem({ secret, invited }, challenge.proof, transcript)
    const trusts = found === undefined
    const code = trusts ? '' : secret === undefined ? 'NO_SECRET' : 'SECRET'
    const proof = (trusts && secret?.proofOf(statementOf('peer', transcript))) || new Uint8Array()
    await sendMessage(stream, Answer, { trusts, proof, code })
    // Also where this peer refuses, so that the coordinator has heard of it before the connection ends.
    return { problem: found, verdict: await readMessage(stream, Verdict).catch(unless(trusts)) }
  })
  await closeStream(stream)
  if (problem !== undefined) {
    throw new PotluckError('REFUSED', problem)
  }
  if (verdict?.admitted !== true) {
    const { code, message } = verdict ?? { code: '', message: '' }
    const secretCure = invited ? ASK_FOR_ANOTHER : 'give both the same --secret-file'
    const listCure = `give ${peerId} to whoever runs the coordinator, to be put there, and start this peer again`
    const cure = code === 'NOT_ALLOWED' ? listCure : secretCure
    throw new PotluckError('REFUSED', `the coordinator refused this peer: ${printable(message)}; ${cure}`)
  }
}

const ASK_FOR_ANOTHER = 'ask for the invitation that it shows now'

/** What a side goes by in an exchange. */
interface Means {
  secret: SwarmSecret | undefined
  /** Whether that is the key of an invitation. */
  invited: boolean
}

/** Why this peer takes the coordinator for none of its swarm; undefined when it is one. */
function coordinatorProblem(
  { secret, invited }: Means,
  proof: Uint8Array,
  transcript: Transcript
): string | undefined {
  if (secret !== undefined && invited) {
    return secret.isProof(proof, statementOf('coordinator', transcript))
      ? undefined
      : `the coordinator does not know this invitation, which is of another swarm or of an earlier start; ${ASK_FOR_ANOTHER}`
  }
  if (secret === undefined) {
    return proof.byteLength === 0
      ? undefined
      : "the coordinator takes only peers that have the swarm's secret, and this one has none; give it a copy of the coordinator's secret with --secret-file, or join by the invitation that the coordinator shows (--join)"
  }
  if (proof.byteLength === 0) {
    return 'the coordinator has no secret and this peer has one, so it may be a stranger; start the coordinator with the same --secret-file, or correct its address'
  }
  return secret.isProof(proof, statementOf('coordinator', transcript))
    ? undefined
    : 'the coordinator has another secret than this peer; give both a copy of the same one with --secret-file, or correct its address'
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

/** Does the work until the signal aborts; then the stream is reset, which ends the work. */
async function inTime<T>(stream: Stream, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const abort = (): void => stream.abort(new Error('no admission in time'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    stream.abort(new Error(messageOf(error)))
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function closeConnection(connection: Connection): Promise<void> {
  try {
    await connection.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) })
  } catch (error) {
    connection.abort(new Error(messageOf(error)))
  }
}

function unless(needed: boolean): (error: unknown) => undefined {
  return (error) => {
    if (needed) {
      throw error
    }
  }
}

function newNonce(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(NONCE_BYTE_LENGTH))
}

function nonceOf({ nonce }: { nonce: Uint8Array }): Uint8Array {
  if (nonce.byteLength !== NONCE_BYTE_LENGTH) {
    throw new ProtocolViolation(`a nonce of ${nonce.byteLength} bytes`)
  }
  return nonce
}
