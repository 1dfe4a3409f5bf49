/**
 * Lets the MD5s of all unfinished contents catch up with what is here, between the store's other calls.
 *
 * Three MD5s side by side cost little more than one (md5/md5.ts). So while chunks keep arriving, an MD5 that could
 * continue waits for others; they come soon, because the files of a swarm arrive together. Chunks that have left the
 * chunk cache meanwhile are read back from the system's memory, which costs a tenth of hashing them.
 */
import { MAX_CHUNK_BYTE_LENGTH } from '../core/chunks.ts'
import { Md5, type Md5Input } from './md5/md5.ts'
import { Md5Lanes } from './md5/md5-lanes.ts'
import { LANE_COUNT } from './md5/md5-module.ts'
import type { PrefixMd5 } from './prefix-md5.ts'

/** A content with more to take waits for no other: it would be late in the end. */
const MAX_WAITING_BYTE_LENGTH = 8 * 1024 * 1024

/** When no chunk has arrived for this long there is time to take each alone. */
const QUIET_MS = 10

/** A complete content with no more than this left is taken at once, so that small files do not pile up. */
const AT_ONCE_BYTE_LENGTH = MAX_CHUNK_BYTE_LENGTH

export interface HashedPrefix {
  readonly prefix: PrefixMd5
  onDigest(): void
  /** Something could not be read, for a reason that may be over the next time. */
  onUnread(): void
}

export class PrefixHasher {
  readonly lanes = new Md5Lanes()
  /** Those that will have something to take. */
  readonly #unfinished = new Set<HashedPrefix>()
  /** Those of them that have, unless it was lost in the meantime. */
  readonly #waiting = new Set<HashedPrefix>()
  #immediate: NodeJS.Immediate | undefined
  #quietTimer: NodeJS.Timeout | undefined
  #isQuiet = false
  #stopped = false

  /** Something of a content arrived, or has to be retried. */
  advance(content: HashedPrefix): void {
    if (this.#stopped) {
      return
    }
    const { prefix } = content
    this.#isQuiet = false
    this.#quietTimer?.refresh()
    this.#unfinished.add(content)
    if (prefix.waitingByteLength > 0) {
      this.#waiting.add(content)
    }
    if (prefix.isWhole && prefix.waitingByteLength <= AT_ONCE_BYTE_LENGTH) {
      // A piece at a time.
      while (this.#waiting.has(content) && this.#take([content]));
    }
    this.#schedule()
  }

  /** Nothing more of it is to be taken. */
  remove(content: HashedPrefix): void {
    this.#unfinished.delete(content)
    this.#waiting.delete(content)
  }

  stop(): void {
    this.#stopped = true
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
        this.#take([...this.#waiting].slice(0, LANE_COUNT))
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
      this.#waiting.size >= Math.min(LANE_COUNT, this.#unfinished.size) ||
      [...this.#waiting].some(
        ({ prefix }) => prefix.isWhole || prefix.waitingByteLength > MAX_WAITING_BYTE_LENGTH
      )
    )
  }

  /** A piece of each: less than a millisecond's work, unless they are verified again. @returns whether there was any */
  #take(contents: readonly HashedPrefix[]): boolean {
    const taken = new Map<HashedPrefix, Md5Input>()
    for (const content of contents) {
      // Pieces that could not be read follow after the others, too.
      this.#waiting.delete(content)
      const bytes = this.#next(content, taken.size)
      if (bytes !== undefined) {
        taken.set(content, { md5: content.prefix.md5, bytes })
      }
    }
    Md5.updateTogether([...taken.values()])
    for (const [content, { bytes }] of taken) {
      content.prefix.took(bytes.byteLength)
      if (content.prefix.waitingByteLength > 0) {
        this.#waiting.add(content)
      } else if (content.prefix.isWhole) {
        this.remove(content)
        content.onDigest()
      }
    }
    return taken.size > 0
  }

  #next(content: HashedPrefix, lane: number): Uint8Array | undefined {
    try {
      const bytes = content.prefix.next((byteLength) => this.lanes.slot(lane, byteLength))
      if (bytes === undefined && content.prefix.waitingByteLength > 0) {
        this.#waiting.add(content)
      }
      return bytes
    } catch {
      content.onUnread()
      return undefined
    }
  }
}
