/** Reads a peer's configuration again while it runs, applies what can be changed, and reports the rest. */

import { type PeerConfig, type PeerLimits, peerConfigSchema } from '../config/peer.ts'
import type { PeerEvent } from '../events/peer.ts'
import { type ConfigRequest, loadConfig } from './config-file.ts'
import type { Role } from './run.ts'

/** The part of a peer that this command needs. */
export interface PeerRole extends Role<PeerEvent> {
  setLimits(limits: PeerLimits): void
}

/** Reads the configuration again while the peer runs. */
export class Reload {
  readonly #request: ConfigRequest
  /** The settings in effect. */
  #config: PeerConfig
  #peer: PeerRole | undefined

  constructor(request: ConfigRequest, config: PeerConfig) {
    this.#request = request
    this.#config = config
  }

  /** The peer that was made with the first configuration. */
  take(peer: PeerRole): PeerRole {
    this.#peer = peer
    // The configuration may have been read again in the meantime.
    peer.setLimits(limitsOf(this.#config))
    return peer
  }

  /** @returns the changed settings that cannot take effect, for people. @throws PotluckError CONFIGURATION */
  async run(): Promise<string | undefined> {
    if (this.#request.file === undefined) {
      return 'There is no configuration file to read again: this peer was started without --config. Nothing has changed.'
    }
    const read = await loadConfig(peerConfigSchema, this.#request)
    const limits = limitsOf(read)
    this.#config = { ...this.#config, ...limits }
    this.#peer?.setLimits(limits)
    const left = changedKeys(this.#config, read)
    return left.length === 0
      ? undefined
      : `The changes of ${left.join(', ')} in the configuration have no effect: only maxUp and maxDown can change while a peer runs. Restart the peer to apply the rest.`
  }
}

function limitsOf({ maxUp, maxDown }: PeerConfig): PeerLimits {
  return { maxUp, maxDown }
}

/** The settings that differ. */
function changedKeys(one: PeerConfig, other: PeerConfig): string[] {
  const { options: keys } = peerConfigSchema.keyof()
  return keys.filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]))
}
