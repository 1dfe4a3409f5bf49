/** The files that a peer publishes: hashed once, and signed for its present swarm. */
import type { PrivateKey } from '@libp2p/interface'
import { equals } from 'uint8arrays/equals'
import { manifestKey } from '../core/names.ts'
import type { PeerEvent } from '../events/peer.ts'
import type { Unstamped } from '../events/stream.ts'
import { signerOf } from '../keys/signatures.ts'
import { extentOf, type SignedManifest, signManifest } from '../protocols/manifest/index.ts'
import type { SharedEntry, Store } from '../store/store.ts'

export interface PublicationInit {
  name: string
  peerId: string
  privateKey: PrivateKey
  /** Milliseconds on any steady clock. */
  now(): number
  emit(event: Unstamped<PeerEvent>): void
}

export class Publication {
  readonly #init: PublicationInit
  #shared: SharedEntry[] = []
  /** It was hashed in chunks of this length. */
  #hashedBy: number | undefined
  #manifests: SignedManifest[] = []
  /** They are signed for the swarm of this id. */
  #signedFor: Uint8Array | undefined

  constructor(init: PublicationInit) {
    this.#init = init
  }

  get manifests(): SignedManifest[] {
    return this.#manifests
  }

  /** Resolves with the total length in bytes. @throws PotluckError */
  async hash(store: Store, chunkByteLength: number): Promise<number> {
    const { now, emit } = this.#init
    const startedAtMs = now()
    this.#hashedBy = chunkByteLength
    this.#shared = await store.hashShares(chunkByteLength)
    const extent = extentOf(this.#shared)
    emit({ event: 'hashed', ...extent, elapsedMs: now() - startedAtMs })
    return extent.byteLength
  }

  /** Signs it for a swarm, in chunks of its length, unless that is done. */
  async sign(store: Store, swarmId: Uint8Array, chunkByteLength: number): Promise<void> {
    if (this.#signedFor !== undefined && equals(this.#signedFor, swarmId)) {
      return
    }
    if (this.#hashedBy !== chunkByteLength) {
      await this.hash(store, chunkByteLength)
    }
    const { name, peerId, privateKey } = this.#init
    const origin = { origin: name, originId: peerId }
    const signer = signerOf(privateKey)
    this.#manifests = await Promise.all(
      this.#shared.map((entry) => signManifest({ ...entry, ...origin, chunkByteLength }, swarmId, signer))
    )
    this.#signedFor = swarmId
  }

  /** The text that reports that it was published. */
  get event(): Unstamped<PeerEvent> {
    const files = this.#manifests.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'file')
    return {
      event: 'manifests-published',
      ...extentOf(files),
      manifests: files.map((manifest) => ({
        file: manifestKey(manifest),
        byteLength: manifest.byteLength,
        md5: manifest.md5
      }))
    }
  }
}
