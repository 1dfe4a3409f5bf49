/**
 * A manifest: one file, or one folder, described and signed by its origin. It has no protocol of its own:
 * coordination carries it in `manifests` and `catalog`.
 *
 * Participants: the origin signs, the coordinator passes on, every peer opens. In order:
 *
 * 1. The origin encodes a `ManifestBody` and signs the bytes. Both together are a `SignedManifest`.
 * 2. Everyone else verifies the bytes as received, and passes on the same bytes: no one has to encode them the same
 *    way.
 *
 * Units: lengths in bytes; digests in lower-case hexadecimal here, raw on the wire. A signed manifest has at most 4,096
 * bytes.
 *
 * Goals: only its origin can describe a file, and only for one swarm. Non-goals: whether the description is true, which
 * each peer finds out as it stores the file.
 *
 * @example
 * ```ts
 * // The coordinator, for its swarm.
 * const swarmId = newSwarmId()
 *
 * // The origin.
 * const { bytes } = await signManifest(manifest, swarmId, privateKey)
 *
 * // Everyone else. Rejects with an InvalidManifestError.
 * const opened = await openManifest(bytes, swarmId)
 * const problem = catalogProblem([opened.manifest, ...others])
 * ```
 */
export { catalogProblem, extentOf } from './catalog.ts'
export { type Attributes, isModificationTime, type Manifest, sameManifest } from './manifest.ts'
export {
  checkedSwarmId,
  InvalidManifestError,
  newSwarmId,
  openManifest,
  type SignedManifest,
  type Signer,
  signManifest,
  verifyByLibp2p
} from './signed-manifest.ts'
