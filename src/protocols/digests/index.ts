/**
 * The digests protocol: the chunk digests of a content, from any peer that knows them.
 *
 * Participants: a getter opens one long-lived stream to each provider that it asks. Messages, in order:
 *
 * 1. The getter sends `DigestsRequest {root, firstChunkIndex, count}`, and may send more before the first is answered.
 * 2. The provider sends `DigestsReply {root, firstChunkIndex, digests}` for each, in the order of the requests.
 *
 * Units: a digest is 32 bytes of SHA-256; a reply has at most 8,192 of them, or no bytes if the provider does not know
 * the content.
 *
 * Goals: a claim of the other side allocates nothing. Non-goals: trust. The getter checks that all digests together
 * hash to the root.
 *
 * @example
 * ```ts
 * // The provider; its store has a method `digests`.
 * const service = new DigestsService({ host, source: store })
 * await service.start()
 *
 * // The getter.
 * const init = { onReply: () => undefined, onClose: () => undefined }
 * const client = await DigestsClient.open(connection, init, AbortSignal.timeout(10_000))
 * const digests = await client.fetch(root, chunkCount)
 * await client.close()
 * ```
 */
export { DigestsClient } from './client.ts'
export { DIGESTS_PROTOCOL } from './constants.ts'
export { DigestsService, type DigestsSource } from './service.ts'
