/** The peer's end: has the coordinator prove itself, then proves itself. */
import type { Connection } from '@libp2p/interface'
import { PotluckError } from '../../core/errors.ts'
import { printable } from '../../core/names.ts'
import { closeStream, inTime, readMessage, sendMessage } from '../wire.ts'
import { ADMISSION_PROTOCOL } from './constants.ts'
import { Answer, Challenge, Hello, Verdict } from './pb/messages.ts'
import { type Means, newNonce, nonceOf, type SwarmSecret, statementOf, type Transcript } from './proofs.ts'

const ASK_FOR_ANOTHER = 'ask for its current invitation'

export interface AdmissionRequest {
  /** The connection with the coordinator, which this peer opened. */
  connection: Connection
  secret: SwarmSecret | undefined
  /** Whether the secret is the key of an invitation. */
  invited?: boolean | undefined
  /** This peer's own. */
  peerId: string
  signal: AbortSignal
}

/**
 * Has the coordinator prove itself, then proves itself.
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
    // Also if this peer refuses, so that the coordinator learns of it before the connection ends.
    const verdict = readMessage(stream, Verdict)
    return { problem: found, verdict: await (trusts ? verdict : verdict.catch(() => undefined)) }
  })
  await closeStream(stream)
  if (problem !== undefined) {
    throw new PotluckError('REFUSED', problem)
  }
  if (verdict?.admitted !== true) {
    const { code, message } = verdict ?? { code: '', message: '' }
    const secretCure = invited ? ASK_FOR_ANOTHER : 'give both the same --secret-file'
    const listCure = `give ${peerId} to the person who runs the coordinator, to put it there, and start this peer again`
    const cure = code === 'NOT_ALLOWED' ? listCure : secretCure
    throw new PotluckError('REFUSED', `the coordinator refused this peer: ${printable(message)}; ${cure}`)
  }
}

/** Why this peer does not accept the coordinator as one of its swarm; undefined when it does. */
function coordinatorProblem(
  { secret, invited }: Means,
  proof: Uint8Array,
  transcript: Transcript
): string | undefined {
  const statement = statementOf('coordinator', transcript)
  if (secret === undefined ? proof.byteLength === 0 : secret.isProof(proof, statement)) {
    return undefined
  }
  if (secret === undefined) {
    return "the coordinator takes only peers that have the swarm's secret, and this one has none; give it a copy of the coordinator's secret with --secret-file, or join by the coordinator's invitation (--join)"
  }
  if (invited) {
    return `the coordinator does not know this invitation: it is for another swarm or an earlier start; ${ASK_FOR_ANOTHER}`
  }
  return proof.byteLength === 0
    ? 'the coordinator has no secret and this peer has one, so it may be a stranger; start the coordinator with the same --secret-file, or correct its address'
    : 'the coordinator has another secret than this peer; give both a copy of the same one with --secret-file, or correct its address'
}
