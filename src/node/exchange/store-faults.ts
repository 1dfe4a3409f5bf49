/** What goes wrong at the store, as the exchange takes it: what is told of it, and whether receiving goes on. */
import type { ChunkFailure } from '../../events/peer.ts'
import { messageOf, PotluckError } from '../../protocols/errors.ts'
import { DiskFullError, WriteFailedError } from '../store/store.ts'
import { DISK_FULL_PAUSE_MS } from './constants.ts'
import type { ExchangeComponents } from './exchange.ts'

export interface StoreFaultsInit
  extends Pick<ExchangeComponents, 'store' | 'state' | 'now' | 'emit' | 'fileOf' | 'onFailure'> {
  /** Aborts when the exchange stops: the store may be closed from then on. */
  signal: AbortSignal
}

export class StoreFaults {
  readonly #init: StoreFaultsInit
  /** Nothing is asked for before this time: there was no room for it. */
  #pausedUntilMs = 0

  constructor(init: StoreFaultsInit) {
    this.#init = init
  }

  /** Whether nothing is to be asked for, because there was no room for it a moment ago. */
  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs
  }

  /** A chunk for another peer. @throws what the store throws, once it is told */
  async read(chunk: number): Promise<Uint8Array> {
    const { state, store, emit, fileOf, signal } = this.#init
    const { root, chunkIndex } = state.refOf(chunk)
    try {
      return await store.readChunk(root, chunkIndex)
    } catch (error) {
      // What has become of the file, the store finds out and tells; one that was closed says nothing of files.
      if (!signal.aborted) {
        emit({ event: 'chunk-unreadable', file: fileOf(root), chunkIndex, message: messageOf(error) })
      }
      throw error
    }
  }

  /** What an error is to a chunk that was to be written: one of the disk is none yet, a full one pauses receiving. */
  chunkFailureOf(error: unknown): ChunkFailure {
    if (error instanceof WriteFailedError) {
      return 'disk-failed'
    }
    return this.take(error) ? 'disk-full' : 'stream-closed'
  }

  /** Takes an error. @returns whether it was the store's: a full disk pauses receiving, anything else ends the run */
  take(error: unknown): boolean {
    const { now, emit, onFailure } = this.#init
    if (error instanceof DiskFullError) {
      if (!this.isPaused(now())) {
        this.#pausedUntilMs = now() + DISK_FULL_PAUSE_MS
        emit({ event: 'disk-full', message: error.message, retryInMs: DISK_FULL_PAUSE_MS })
      }
      return true
    }
    if (error instanceof PotluckError) {
      onFailure(error)
      return true
    }
    return false
  }
}
