/**
 * The store in a thread of its own, so that hashing and writing never delay the network. The same contract; buffers
 * are transferred, so a chunk is not copied on its way.
 */
import { Worker } from 'node:worker_threads'
import { PotluckError } from '../core/errors.ts'
import { fileOfPackage } from '../package.ts'
import type { ChunkOutcome, Store, StoreListener } from './store.ts'
import {
  AdoptedManifests,
  type Call,
  type Event,
  type EventParameters,
  type EventTold,
  type FromThread,
  isResultOf,
  isTransferred,
  MessageQueue,
  type Method,
  type Parameter,
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
  reject(error: unknown): void
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
      if (message?.type === 'opened' && message.error !== undefined) {
        reject(unpackError(message.error))
      } else {
        resolve()
      }
    })
    worker.once('error', (error) => reject(threadError(error.message)))
    worker.once('exit', () => reject(threadError('it ended')))
  })
}

/** What a listener is told, in a form that shows the compiler which parameters belong to which event. */
type Hearing = { [E in Event]: (...parameters: EventParameters[E]) => void }

/** The near end of a thread that holds a store. */
export class ThreadedStore implements Store {
  readonly #listener: StoreListener
  readonly #hearing: Hearing
  readonly #queue: MessageQueue<ToThread>
  readonly #pending = new Map<number, Pending>()
  readonly #exited: Promise<void>
  readonly #adopted = new AdoptedManifests()
  #lastId = 0
  #closing: Promise<void> | undefined
  /** Why nothing can be asked any more. */
  #ended: Error | undefined

  constructor(worker: Worker, listener: StoreListener) {
    this.#listener = listener
    this.#hearing = this.#hearingFor(listener)
    this.#queue = new MessageQueue({
      port: worker,
      onFailed: ({ id }, error) => this.#settle(id)?.reject(error)
    })
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

  hashShares(...parameters: Parameter['hashShares']): Promise<Value['hashShares']> {
    return this.#ask({ method: 'hashShares', parameters })
  }

  adopt(...parameters: Parameter['adopt']): Promise<Value['adopt']> {
    this.#adopted.add(parameters[0])
    return this.#ask({ method: 'adopt', parameters })
  }

  digests(...parameters: Parameter['digests']): Promise<Value['digests']> {
    return this.#ask({ method: 'digests', parameters })
  }

  setDigests(...[key, digests]: Parameter['setDigests']): Promise<boolean> {
    // A copy: it stays the caller's, and may be a view of something larger.
    const copy = digests.slice()
    return this.#ask({ method: 'setDigests', parameters: [key, copy] }, [copy.buffer])
  }

  readChunk(...parameters: Parameter['readChunk']): Promise<Value['readChunk']> {
    return this.#ask({ method: 'readChunk', parameters })
  }

  async writeChunk(...parameters: Parameter['writeChunk']): Promise<ChunkOutcome> {
    const [key, chunkIndex, buffer, byteLength] = parameters
    if (isTransferred(byteLength)) {
      return this.#ask({ method: 'writeChunk', parameters }, [buffer])
    }
    const copy = buffer.slice(0, byteLength)
    const outcome = await this.#ask({ method: 'writeChunk', parameters: [key, chunkIndex, copy, byteLength] })
    return { ...outcome, buffer }
  }

  confirm(): Promise<Value['confirm']> {
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
    const id = this.#lastId
    const result = await new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#queue.send({ id, call }, transferred)
      if (transferred.length > 0) {
        // A buffer goes at once, as its caller expects.
        this.#queue.flush()
      }
    })
    if (!isResultOf(result, call.method)) {
      throw new Error(`the storage thread answered ${call.method} with ${result.method}`)
    }
    return result.value
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
      case 'told':
        hear(this.#hearing, message.told)
        break
    }
  }

  #hearingFor(listener: StoreListener): Hearing {
    return {
      onHashing: (...progress) => listener.onHashing(...progress),
      onChunksHeld: (...chunks) => listener.onChunksHeld?.(...chunks),
      onChunkLost: (...chunk) => listener.onChunkLost?.(...chunk),
      onWarning: (message) => listener.onWarning?.(message),
      onEntryFailed: (manifest, { code, message }) =>
        listener.onEntryFailed(this.#adopted.at(manifest), new PotluckError(code, message)),
      onFileLost: (manifest) => listener.onFileLost?.(this.#adopted.at(manifest)),
      onContentLost: (root) => listener.onContentLost?.(root),
      onFatal: (error) => listener.onFatal(unpackError(error))
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

function hear<E extends Event>(hearing: Hearing, { event, parameters }: EventTold<E>): void {
  hearing[event](...parameters)
}

function threadError(cause: string): PotluckError {
  return new PotluckError(
    'DISK',
    `the storage thread stopped unexpectedly (${cause}); start again: what was stored is kept`
  )
}
