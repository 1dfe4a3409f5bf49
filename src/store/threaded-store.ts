/**
 * The store in a thread of its own, so that hashing and writing never delay the network. The same contract; buffers
 * are transferred, so a chunk is not copied on its way.
 */
import { Worker } from 'node:worker_threads'
import { messageOf, PotluckError } from '../core/errors.ts'
import { fileOfPackage } from '../package.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import type { ChunkOutcome, ContentState, SharedEntry, Store, StoreListener } from './store.ts'
import {
  AdoptedManifests,
  type Call,
  type FromThread,
  isResultOf,
  isTransferred,
  type Method,
  type Parcel,
  postTogether,
  type Result,
  type ThreadInit,
  type ToThread,
  unpackError,
  type Value
} from './thread-messages.ts'

export interface ThreadedStoreInit extends ThreadInit {
  listener: StoreListener
}

/** Of a chunk that was copied: the caller puts its own buffer in. */
const STORED: Result<'writeChunk'> = {
  method: 'writeChunk',
  value: { stored: true, buffer: new ArrayBuffer(0) }
}

interface Pending {
  resolve(result: Result): void
  reject(error: Error): void
}

/** @throws PotluckError COLLECTION_LOCKED, or DISK when the folder cannot be used */
export async function openThreadedStore(init: ThreadedStoreInit): Promise<Store> {
  const { listener, ...workerData } = init
  // Nothing that the thread or Node.js there might write may wait for a terminal.
  const worker = new Worker(fileOfPackage('dist/store-thread.js'), {
    workerData,
    stdout: true,
    stderr: true
  })
  await opened(worker)
  return new ThreadedStore(worker, listener)
}

/** The thread's first message says whether there is a store. */
function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', ([message]: FromThread[]) => {
      if (message?.type === 'open-failed') {
        reject(unpackError(message.error))
      } else {
        resolve()
      }
    })
    worker.once('error', (error) => reject(threadError(error.message)))
    worker.once('exit', () => reject(threadError('it ended')))
  })
}

/** The near end of a thread that holds a store. */
export class ThreadedStore implements Store {
  readonly #worker: Worker
  readonly #listener: StoreListener
  readonly #pending = new Map<number, Pending>()
  readonly #exited: Promise<void>
  readonly #adopted = new AdoptedManifests()
  #lastId = 0
  /** What waits for the end of the turn. */
  #asked: Parcel<ToThread>[] = []
  #flushing: NodeJS.Immediate | undefined
  #closing: Promise<void> | undefined
  /** Why nothing can be asked any more. */
  #ended: Error | undefined

  constructor(worker: Worker, listener: StoreListener) {
    this.#worker = worker
    this.#listener = listener
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#end(threadError('it ended'))
        resolve()
      })
    })
    worker.on('error', (error) => this.#end(threadError(error.message)))
    worker.on('message', (messages: FromThread[]) => {
      for (const message of messages) {
        this.#handle(message)
      }
    })
  }

  hashShares(chunkByteLength: number): Promise<SharedEntry[]> {
    return this.#ask({ method: 'hashShares', parameters: [chunkByteLength] })
  }

  adopt(manifests: Manifest[]): Promise<ContentState[]> {
    this.#adopted.add(manifests)
    return this.#ask({ method: 'adopt', parameters: [manifests] })
  }

  digests(
    root: string,
    firstChunkIndex: number,
    count: number
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#ask({ method: 'digests', parameters: [root, firstChunkIndex, count] })
  }

  setDigests(root: string, digests: Uint8Array<ArrayBuffer>): Promise<boolean> {
    // A copy: it stays the caller's, and may be a view of something larger.
    const copy = digests.slice()
    return this.#ask({ method: 'setDigests', parameters: [root, copy] }, [copy.buffer])
  }

  readChunk(root: string, chunkIndex: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#ask({ method: 'readChunk', parameters: [root, chunkIndex] })
  }

  async writeChunk(
    root: string,
    chunkIndex: number,
    buffer: ArrayBuffer,
    byteLength: number
  ): Promise<ChunkOutcome> {
    if (isTransferred(byteLength)) {
      return this.#ask({ method: 'writeChunk', parameters: [root, chunkIndex, buffer, byteLength] }, [buffer])
    }
    const copy = buffer.slice(0, byteLength)
    const outcome = await this.#ask({
      method: 'writeChunk',
      parameters: [root, chunkIndex, copy, byteLength]
    })
    return { ...outcome, buffer }
  }

  confirm(): Promise<Manifest[]> {
    return this.#ask({ method: 'confirm', parameters: [] })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#ended === undefined) {
      try {
        await this.#ask({ method: 'close', parameters: [] })
      } finally {
        await this.#exited
      }
    }
  }

  async #ask<M extends Method>(
    call: Call & { method: M },
    transferred: ArrayBuffer[] = []
  ): Promise<Value[M]> {
    if (this.#ended !== undefined) {
      throw this.#ended
    }
    this.#lastId++
    const message: ToThread = { id: this.#lastId, call }
    const result = await new Promise<Result>((resolve, reject) => {
      this.#pending.set(message.id, { resolve, reject })
      this.#send(message, transferred)
    })
    if (!isResultOf(result, call.method)) {
      throw new Error(`the storage thread answered ${call.method} with ${result.method}`)
    }
    return result.value
  }

  /** What is asked in one turn of the event loop goes over together, as what is answered does; buffers go at once. */
  #send(message: ToThread, transferred: ArrayBuffer[]): void {
    this.#asked.push({ message, transferred })
    if (transferred.length > 0) {
      this.#flush()
    } else {
      this.#flushing ??= setImmediate(() => this.#flush())
    }
  }

  #flush(): void {
    clearImmediate(this.#flushing)
    this.#flushing = undefined
    const asked = this.#asked
    this.#asked = []
    postTogether(this.#worker, asked, ({ id }, error) => this.#settle(id)?.reject(errorOf(error)))
  }

  #handle(message: FromThread): void {
    switch (message.type) {
      case 'result':
        this.#settle(message.id)?.resolve(message.result)
        break
      case 'error':
        this.#settle(message.id)?.reject(unpackError(message.error))
        break
      case 'stored':
        for (const id of message.ids) {
          this.#settle(id)?.resolve(STORED)
        }
        break
      case 'files-complete':
        for (const manifest of message.manifests) {
          this.#listener.onFileComplete(this.#adopted.at(manifest), message.local, message.checkedAtMs)
        }
        break
      case 'hashing':
        this.#listener.onHashing(message.hashedBytes, message.totalBytes)
        break
      case 'chunks-held':
        this.#listener.onChunksHeld?.(message.root, message.chunkIndices)
        break
      case 'chunk-lost':
        this.#listener.onChunkLost?.(message.root, message.chunkIndex)
        break
      case 'warning':
        this.#listener.onWarning?.(message.message)
        break
      case 'entry-failed': {
        const { code, message: why } = message.error
        this.#listener.onEntryFailed(this.#adopted.at(message.manifest), new PotluckError(code, why))
        break
      }
      case 'file-lost':
        this.#listener.onFileLost?.(this.#adopted.at(message.manifest))
        break
      case 'content-lost':
        this.#listener.onContentLost?.(message.root)
        break
      case 'failure':
        this.#listener.onFatal(unpackError(message.error))
        break
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  /** The thread is gone: by itself only when the store was closed. */
  #end(error: Error): void {
    if (this.#ended !== undefined) {
      return
    }
    this.#ended =
      this.#closing === undefined ? error : new PotluckError('INTERRUPTED', 'the store was closed meanwhile')
    for (const { reject } of this.#pending.values()) {
      reject(error)
    }
    this.#pending.clear()
    if (this.#closing === undefined) {
      this.#listener.onFatal(error)
    }
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown))
}

function threadError(cause: string): PotluckError {
  return new PotluckError(
    'DISK',
    `the storage thread stopped unexpectedly (${cause}); start again: what was stored is kept`
  )
}
