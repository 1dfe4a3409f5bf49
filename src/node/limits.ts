/** Upload and download limits as people set them, and the link capacity that follows from them. Pure. */

import { type PeerConfig, type PeerLimits, peerLimitsSchema } from '../config/peer.ts'
import { bytesPerSecondOf, descriptionOf } from '../config/settings.ts'
import { PotluckError } from '../core/errors.ts'
import type { PeerEvent } from '../events/peer.ts'
import type { Unstamped } from '../events/stream.ts'
import { type ReportedCapacities, reportedCapacities } from '../protocols/coordination/index.ts'

export class Limits {
  readonly #configured: Pick<PeerConfig, 'uplink' | 'downlink'>
  #limits: PeerLimits

  constructor({ uplink, downlink, maxUp, maxDown }: PeerConfig) {
    this.#configured = { uplink, downlink }
    this.#limits = { maxUp, maxDown }
  }

  /** Replaces the earlier limits: an absent one is no limit. @throws PotluckError CONFIGURATION */
  set(limits: PeerLimits): void {
    const checked = peerLimitsSchema.safeParse(limits)
    if (!checked.success) {
      const { shape } = peerLimitsSchema
      const keys = [...new Set(checked.error.issues.flatMap(({ path: [key] }) => key ?? []))]
      const wrong = keys.length === 0 ? [checked.error.message] : keys.map(String)
      throw new PotluckError(
        'CONFIGURATION',
        `the limits cannot be used: ${wrong.join(' and ')} must be ${descriptionOf(shape.maxUp)}`
      )
    }
    this.#limits = checked.data
  }

  /** In bytes per second; undefined when there is none. */
  get maxUp(): number | undefined {
    return bytesPerSecondOf(this.#limits.maxUp)
  }

  get maxDown(): number | undefined {
    return bytesPerSecondOf(this.#limits.maxDown)
  }

  /** The configured capacity of the link: a limit counts as one too. */
  get configuredCapacities(): ReportedCapacities {
    return reportedCapacities(
      lesserOf(bytesPerSecondOf(this.#configured.uplink), this.maxUp),
      lesserOf(bytesPerSecondOf(this.#configured.downlink), this.maxDown)
    )
  }

  /** The text that reports them. */
  get event(): Unstamped<PeerEvent> {
    const { maxUp, maxDown } = this
    return {
      event: 'limits',
      ...(maxUp === undefined ? {} : { maxUpBytesPerSecond: maxUp }),
      ...(maxDown === undefined ? {} : { maxDownBytesPerSecond: maxDown })
    }
  }
}

/** The smaller of two that may be unknown. */
function lesserOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}
