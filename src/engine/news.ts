/**
 * What the others learn of this peer: what it has, and its status. A greeted remote knows everything that is here. From
 * then on it gets news in batches: one message for many chunks, and no chunk stays unknown for long.
 */
import type { NewChunks, PeerStatus } from '../protocols/availability/index.ts'
import type { EngineOptions } from './options.ts'
import type { Outbox } from './outbox.ts'
import type { Remote } from './remote.ts'
import type { Content, SwarmState } from './swarm-state.ts'

export interface NewsInit {
  state: SwarmState
  outbox: Outbox
  options: EngineOptions
  remotes: ReadonlyMap<string, Remote>
  /** The current status. */
  status(): PeerStatus
}

export class News {
  readonly #init: NewsInit
  /** Chunks that are here and that no one has been told of, in the order in which they arrived. */
  #chunks: number[] = []

  constructor(init: NewsInit) {
    this.#init = init
  }

  /** Sends the remote everything that is here, and the status. */
  greet(remote: Remote): void {
    remote.greeted = true
    this.#init.outbox.tellHoldings(remote.id)
    this.#tell(remote, [], this.#init.status())
  }

  /** Sends all remotes what is here of a content. */
  addContent(content: Content): void {
    for (const remote of this.#greeted()) {
      this.#init.outbox.tellHoldings(remote.id, content)
    }
  }

  /** One more chunk is here. */
  addChunk(chunk: number): void {
    const { outbox, options } = this.#init
    this.#chunks.push(chunk)
    if (this.#chunks.length >= options.newsBatchChunks) {
      this.#tellAll()
    } else if (this.#chunks.length === 1) {
      outbox.tellSoon(options.newsBatchMs)
    }
  }

  /**
   * The status may have changed: if it has notably, all news is sent at once.
   *
   * @param anyhow whether to send it to everyone even if it has not changed, to show that this peer is alive
   */
  addStatus(anyhow: boolean): void {
    const status = this.#init.status()
    let isNews = false
    for (const remote of this.#greeted()) {
      remote.sentStatus = anyhow ? undefined : remote.sentStatus
      isNews ||= !sameStatus(status, remote.sentStatus)
    }
    if (isNews) {
      this.#tellAll()
    }
  }

  /** Sends the news that has waited long enough. */
  tell(): void {
    if (this.#chunks.length > 0) {
      this.#tellAll()
    }
  }

  #tellAll(): void {
    const haves = havesOf(this.#init.state, this.#chunks)
    this.#chunks = []
    const status = this.#init.status()
    for (const remote of this.#greeted()) {
      this.#tell(remote, haves, status)
    }
  }

  #tell(remote: Remote, haves: readonly NewChunks[], status: PeerStatus): void {
    const isNews = !sameStatus(status, remote.sentStatus)
    if (isNews || haves.length > 0) {
      remote.sentStatus = status
      this.#init.outbox.tellNews(remote.id, haves, isNews ? status : undefined)
    }
  }

  *#greeted(): Iterable<Remote> {
    for (const remote of this.#init.remotes.values()) {
      if (remote.greeted) {
        yield remote
      }
    }
  }
}

/** Chunks, by their contents. */
export function havesOf(state: SwarmState, chunks: readonly number[]): NewChunks[] {
  const indices = new Map<string, number[]>()
  for (const chunk of chunks) {
    const { root, chunkIndex } = state.refOf(chunk)
    const known = indices.get(root)
    if (known === undefined) {
      indices.set(root, [chunkIndex])
    } else {
      known.push(chunkIndex)
    }
  }
  return [...indices].map(([root, chunkIndices]) => ({ root, chunkIndices }))
}

/** Whether others would plan alike with both: a rate may differ by an eighth. */
function sameStatus(status: PeerStatus, sent: PeerStatus | undefined): boolean {
  const rate = status.uplinkBytesPerSecond ?? 0
  const sentRate = sent?.uplinkBytesPerSecond ?? 0
  return (
    sent !== undefined &&
    status.freshChunks === sent.freshChunks &&
    status.takesRequests === sent.takesRequests &&
    status.copiesOwed === sent.copiesOwed &&
    status.done === sent.done &&
    Math.abs(rate - sentRate) <= sentRate / 8
  )
}
