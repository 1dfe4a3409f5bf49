/** Members without whose files the swarm has started, for people. Pure. */
import type { Member } from '../protocols/coordination/index.ts'

const OWN =
  "the swarm started without this peer's files, because the coordinator received no valid list of them in time; start this peer again to share them"

export class LeftOut {
  readonly #ownPeerId: string
  /** By PeerId, those that were reported. */
  readonly #told = new Set<string>()
  #names: string[] = []

  constructor(ownPeerId: string) {
    this.#ownPeerId = ownPeerId
  }

  /** As in the last roster, including this peer. */
  get names(): readonly string[] {
    return this.#names
  }

  /** The newly left out members in a roster. */
  take(members: readonly Member[]): string[] {
    const leftOut = members.filter((member) => member.leftOut === true)
    this.#names = leftOut.map(({ name }) => name)
    const fresh = leftOut.filter(({ peerId }) => !this.#told.has(peerId))
    return fresh.map(({ name, peerId }) => {
      this.#told.add(peerId)
      return peerId === this.#ownPeerId
        ? OWN
        : `the swarm started without the files of ${name}: the coordinator received no valid list of them in time`
    })
  }
}
