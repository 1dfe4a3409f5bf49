/** Which members the swarm has started without, as far as their files go, for people. Pure. */
import type { Member } from '../protocols/coordination/index.ts'

const OWN =
  "the swarm started without this peer's files, because the coordinator received no valid list of them in time; start the coordinator and all peers anew to share them"

export class LeftOut {
  readonly #ownPeerId: string
  /** By PeerId, those that were told. */
  readonly #told = new Set<string>()

  constructor(ownPeerId: string) {
    this.#ownPeerId = ownPeerId
  }

  /** What is new of it in a roster. */
  take(members: readonly Member[]): string[] {
    const fresh = members.filter(({ peerId, leftOut }) => leftOut === true && !this.#told.has(peerId))
    return fresh.map(({ name, peerId }) => {
      this.#told.add(peerId)
      return peerId === this.#ownPeerId
        ? OWN
        : `the swarm started without the files of ${name}: the coordinator received no valid list of them in time`
    })
  }
}
