/**
 * Has the MD5s of all unfinished contents catch up with what is here, between the store's other calls.
 *
 * Three or four MD5s side by side cost little more than one (md5/md5.ts). So while the store is busy, one that could go
 * on waits for others; they come soon, since the files of a swarm arrive together. What waits is read back from the
 * system's memory, which costs a tenth of hashing it.
 */
import { Md5, type Md5Input } from './md5/md5.ts'
import { Md5Lanes } from './md5/md5-lanes.ts'
import { LANE_COUNT } from './md5/md5-module.ts'
import type { PrefixMd5 } from './prefix-md5.ts'

/** So many side by side cost as much as four: a swarm of four peers has no more. */
const ENOUGH_LANES = 3

/** A content with more to take waits for no other: it would be read from the disk, and be late in the end. */
const MAX_WAITING_BYTE_LENGTH = 64 * 1024 * 1024

/** When nothing has come for so long there is time to take each alone. */
const QUIET_MS = 10

export interface HashedPrefix {
  readonly prefix: PrefixMd5
  /** The MD5 of the whole is known. */
  onDigest(): void
  /** Something could not be read, for a reason that may be over the next time. */
  onUnread(): void
}

export class PrefixHasher {
  readonly lanes = new Md5Lanes()
  /** Those that will have something to take. */
  readonly #unfinished = new Set<HashedPrefix>()
  /** Of these, those that have. */
  readonly #waiting = new Set<HashedPrefix>()
  #immediate: NodeJS.Immediate | undefined
  #quietTimer: NodeJS.Timeout | undefined
  #isQuiet = false

  /** Something came of a content, or has to be tried again. */
  advance(content: HashedPrefix): void {
    this.#isQuiet = false
    this.#quietTimer?.refresh()
    this.#unfinished.add(content)
    if (content.prefix.waitingByteLength > 0) {
      this.#waiting.add(content)
    }
    this.#schedule()
  }

  stop(): void {
    this.#unfinished.clear()
    this.#waiting.clear()
    clearImmediate(this.#immediate)
    clearTimeout(this.#quietTimer)
  }

  #schedule(): void {
    if (this.#waiting.size === 0) {
      return
    }
    if (this.#isWorthIt()) {
      this.#immediate ??= setImmediate(() => {
        this.#immediate = undefined
        this.#takeOnce()
        this.#schedule()
      })
    } else {
      this.#quietTimer ??= setTimeout(() => {
        this.#quietTimer = undefined
        this.#isQuiet = true
        this.#schedule()
      }, QUIET_MS).unref()
    }
  }

  #isWorthIt(): boolean {
    return (
      this.#isQuiet ||
      this.#waiting.size >= Math.min(ENOUGH_LANES, this.#unfinished.size) ||
      [...this.#waiting].some(
        ({ prefix }) => prefix.isWhole || prefix.waitingByteLength > MAX_WAITING_BYTE_LENGTH
      )
    )
  }

  /** A piece of each, as many as there are lanes: less than a millisecond's work. */
  #takeOnce(): void {
    const taken = new Map<HashedPrefix, Md5Input>()
    for (const content of [...this.#waiting].slice(0, LANE_COUNT)) {
      const bytes = this.#next(content, taken.size)
      if (bytes !== undefined) {
        taken.set(content, { md5: content.prefix.md5, bytes })
      }
    }
    Md5.updateTogether([...taken.values()])
    for (const [content, { bytes }] of taken) {
      content.prefix.took(bytes.byteLength)
      this.#waiting.delete(content)
      if (content.prefix.waitingByteLength > 0) {
        this.#waiting.add(content)
      } else if (content.prefix.isWhole) {
        this.#unfinished.delete(content)
        content.onDigest()
      }
    }
  }

  #next(content: HashedPrefix, lane: number): Uint8Array | undefined {
    try {
      const bytes = content.prefix.next((byteLength) => this.lanes.slot(lane, byteLength))
      if (bytes === undefined && content.prefix.waitingByteLength === 0) {
        this.#waiting.delete(content)
      }
      return bytes
    } catch {
      this.#waiting.delete(content)
      content.onUnread()
      return undefined
    }
  }
}
