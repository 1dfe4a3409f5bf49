/** Failures of the store, for the exchange: what is reported of them, and whether receiving goes on. */

import { messageOf, PotluckError } from '../../core/errors.ts'
import { DISK_FULL_PAUSE_MS } from '../../engine/constants.ts'
import type { Engine } from '../../engine/engine.ts'
import type { ChunkFailure } from '../../events/peer.ts'
import { DiskFullError, WriteFailedError } from '../../store/store.ts'
import type { ChunkBuffers } from './chunk-buffers.ts'
import type { ExchangeInit } from './exchange.ts'

export interface StoreFaultsInit
  extends Pick<ExchangeInit, 'store' | 'state' | 'now' | 'emit' | 'fileOf' | 'nameOf' | 'onFatal'> {
  engine: Engine
  buffers: ChunkBuffers
  /** Aborts when the exchange stops: the store may be closed from then on. */
  signal: AbortSignal
}

export class StoreFaults {
  readonly #init: StoreFaultsInit

  constructor(init: StoreFaultsInit) {
    this.#init = init
  }

  /**
   * A chunk for another peer, in a buffer that `release` frees; verified if a peer received corrupt bytes of it.
   *
   * @throws what the store throws, once it is reported
   */
  async read(chunk: number, isDoubted: boolean, getter: string): Promise<Uint8Array> {
    const { state, store, buffers, emit, fileOf, nameOf, signal } = this.#init
    const { root, chunkIndex } = state.refOf(chunk)
    try {
      return isDoubted
        ? await store.readChunk(root, chunkIndex, true)
        : await buffers.read((buffer) => store.readChunk(root, chunkIndex, false, buffer))
    } catch (error) {
      // The store finds out what has become of the file and reports it; a closed store says nothing of files.
      if (!signal.aborted) {
        const about = { file: fileOf(root), chunkIndex, to: nameOf(getter) }
        emit({ event: 'chunk-unreadable', ...about, message: messageOf(error) })
      }
      throw error
    }
  }

  /**
   * The outcome for a chunk that was to be written: the disk's own error counts as no chunk, a full disk pauses
   * receiving.
   */
  chunkFailureOf(error: unknown): ChunkFailure {
    if (error instanceof WriteFailedError) {
      return 'disk-failed'
    }
    return this.take(error) ? 'disk-full' : 'stream-closed'
  }

  /** Handles an error. @returns whether it was the store's: a full disk pauses receiving, anything else ends the run */
  take(error: unknown): boolean {
    const { engine, now, emit, onFatal } = this.#init
    if (error instanceof DiskFullError) {
      if (!engine.isPaused(now())) {
        engine.pauseUntil(now() + DISK_FULL_PAUSE_MS)
        emit({ event: 'disk-full', message: error.message, retryInMs: DISK_FULL_PAUSE_MS })
      }
      return true
    }
    if (error instanceof PotluckError) {
      onFatal(error)
      return true
    }
    return false
  }
}
