/**
 * The admission protocol: before anything else on a connection with the coordinator, each side proves to the other that
 * it has the swarm's secret.
 *
 * Participants: a peer opens the stream, the coordinator accepts it. Messages, in order:
 *
 * 1. The peer sends `Hello {nonce, invited}`: whether both use the key of an invitation instead of the secret.
 * 2. The coordinator sends `Challenge {nonce, proof}`.
 * 3. The peer sends `Answer {trusts, proof, code}`: whether that proof is right, and its own.
 * 4. The coordinator sends `Verdict {admitted, code, message}`, and closes the connection of a peer that it refuses.
 *
 * Units: a nonce is 32 random bytes, a proof 32 bytes of HMAC-SHA-256 (`proofs.ts` says over what); 5 s from the
 * connection to the verdict, and at most 16 KiB until then.
 *
 * Goals: neither side reveals the secret or anything to guess it by. Data overheard in one exchange is useless in
 * another, to the side that sent it, and under another PeerId. A swarm without a secret has the same exchange with
 * empty proofs, so that a side that has a secret notices. Non-goals: encryption and identities, which Noise provides;
 * the right to a place, which the join decides.
 *
 * @example
 * ```ts
 * // The coordinator; `admission` is also the `Door` of its host.
 * const admission = new AdmissionService({ secret, allow: undefined })
 * const host = await createHost({ listen, announce: [], privateKey, door: admission })
 * await admission.start({ host, onRefused: ({ peerId, message }) => console.log(peerId, message) })
 *
 * // The peer. Rejects with a PotluckError REFUSED when the two have different secrets.
 * await askAdmission({ connection, secret, peerId: host.peerId.toString(), signal: AbortSignal.timeout(5000) })
 * ```
 */
export { askAdmission } from './client.ts'
export { ADMISSION_PROTOCOL } from './constants.ts'
export type { SwarmSecret } from './proofs.ts'
export { type AdmissionRefusal, AdmissionService, type Door } from './service.ts'
