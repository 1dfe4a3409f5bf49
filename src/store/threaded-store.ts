/**
 * The store in a thread of its own, so that hashing and writing never delay the network. It has the same contract; a
 * chunk in a `SharedArrayBuffer` is not copied on its way.
 */
import { Worker } from 'node:worker_threads'
import { PotluckError } from '../core/errors.ts'
import { fileOfPackage } from '../package.ts'
import { LentBuffers } from './shared-buffers.ts'
import type { ChunkOutcome, Store, StoreListener } from './store.ts'
import {
  AdoptedManifests,
  type Call,
  type Event,
  type EventParameters,
  type EventTold,
  type FromThread,
  isLent,
  isResultOf,
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

interface Lent {
  number: number
  buffer: SharedArrayBuffer
}

interface Pending {
  /** The buffers that were lent for reading or writing. */
  lent: Lent | undefined
  resolve(result: Result): void
  reject(error: unknown): void
}

/** @throws PotluckError COLLECTION_LOCKED, or DISK when the folder cannot be used */
export async function openThreadedStore(init: ThreadedStoreInit): Promise<Store> {
  const { listener, ...workerData } = init
  // Nothing that the thread, or Node.js in it, might write may wait for a terminal.
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

/** The calls of a listener, in a form that shows the compiler which parameters belong to which event. */
type Hearing = { [E in Event]: (...parameters: EventParameters[E]) => void }

/** This thread's end of a thread with a store. */
export class ThreadedStore implements Store {
  readonly #listener: StoreListener
  readonly #hearing: Hearing
  readonly #queue: MessageQueue<ToThread>
  readonly #pending = new Map<number, Pending>()
  readonly #exited: Promise<void>
  readonly #adopted = new AdoptedManifests()
  readonly #buffers = new LentBuffers((buffer) => this.#forget(buffer))
  #lastId = 0
  #closing: Promise<void> | undefined
  /** Why no more calls are possible. */
  #ended: Error | undefined

  constructor(worker: Worker, listener: StoreListener) {
    this.#listener = listener
    this.#hearing = this.#hearingFor(listener)
    this.#queue = new MessageQueue({
      port: worker,
      onFailed: (message, error) => {
        if (message.type === 'forget') {
          return
        }
        if ('shared' in message && message.shared !== undefined) {
          this.#buffers.unname(message.shared)
        }
        this.#reject(message.id, error)
      }
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
    // A copy: the original stays the caller's, and may be a view of something larger.
    const copy = digests.slice()
    return this.#ask({ method: 'setDigests', parameters: [key, copy] }, [copy.buffer])
  }

  async readChunk(...parameters: Parameter['readChunk']): Promise<Value['readChunk']> {
    const [root, chunkIndex, isDoubted, buffer] = parameters
    if (!(buffer instanceof SharedArrayBuffer)) {
      return this.#ask({ method: 'readChunk', parameters: [root, chunkIndex, isDoubted] })
    }
    const { number, shared } = this.#lend(buffer)
    return this.#answer('readChunk', { number, buffer }, (id) =>
      this.#queue.send({ type: 'read', id, root, chunkIndex, isDoubted, buffer: number, shared })
    )
  }

  async writeChunk(...parameters: Parameter['writeChunk']): Promise<ChunkOutcome> {
    const [key, chunkIndex, buffer, byteLength] = parameters
    if (!isLent(buffer, byteLength)) {
      const copy = new Uint8Array(buffer).slice(0, byteLength).buffer
      const outcome = await this.#ask({
        method: 'writeChunk',
        parameters: [key, chunkIndex, copy, byteLength]
      })
      return { ...outcome, free: [...outcome.free, buffer] }
    }
    const { number, shared } = this.#lend(buffer)
    return this.#answer('writeChunk', { number, buffer }, (id) =>
      this.#queue.send({ type: 'write', id, key, chunkIndex, byteLength, buffer: number, shared })
    )
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

  #ask<M extends Method>(call: Call & { method: M }, transferred: ArrayBuffer[] = []): Promise<Value[M]> {
    return this.#answer(call.method, undefined, (id) =>
      this.#queue.send({ type: 'call', id, call }, transferred)
    )
  }

  async #answer<M extends Method>(
    method: M,
    lent: Lent | undefined,
    send: (id: number) => void
  ): Promise<Value[M]> {
    if (this.#ended !== undefined) {
      throw this.#ended
    }
    this.#lastId++
    const id = this.#lastId
    const result = await new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { lent, resolve, reject })
      send(id)
    })
    if (!isResultOf(result, method)) {
      throw new Error(`the storage thread answered ${method} with ${result.method}`)
    }
    return result.value
  }

  /** @throws Error when no more calls are possible, or the store has the buffer */
  #lend(buffer: SharedArrayBuffer): ReturnType<LentBuffers['lend']> {
    if (this.#ended !== undefined) {
      throw this.#ended
    }
    return this.#buffers.lend(buffer)
  }

  #takeBack(numbers: readonly number[]): SharedArrayBuffer[] {
    return numbers.flatMap((number) => this.#buffers.takeBack(number) ?? [])
  }

  #forget(buffer: number): void {
    if (this.#ended === undefined) {
      this.#queue.send({ type: 'forget', buffer })
    }
  }

  #handle(message: FromThread): void {
    switch (message.type) {
      case 'result':
        this.#onResult(message)
        break
      case 'error':
        this.#reject(message.id, unpackError(message.error))
        break
      case 'read':
        this.#onRead(message)
        break
      case 'stored':
        this.#onStored(message)
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
      onMovedAside: (...paths) => listener.onMovedAside?.(...paths),
      onFileLost: (manifest) => listener.onFileLost?.(this.#adopted.at(manifest)),
      onContentLost: (root) => listener.onContentLost?.(root),
      onFatal: (error) => listener.onFatal(unpackError(error))
    }
  }

  #onResult({ id, result, free = [] }: FromThread & { type: 'result' }): void {
    const pending = this.#settle(id)
    if (result.method === 'writeChunk') {
      pending?.resolve({ ...result, value: { ...result.value, free: this.#takeBack(free) } })
      return
    }
    this.#endLoan(pending)
    pending?.resolve(result)
  }

  #onRead({ id, byteLength }: FromThread & { type: 'read' }): void {
    const pending = this.#settle(id)
    if (pending?.lent !== undefined) {
      this.#endLoan(pending)
      const value = new Uint8Array(pending.lent.buffer, 0, byteLength)
      pending.resolve({ method: 'readChunk', value })
    }
  }

  /** The free buffers are returned with the first of the chunks. */
  #onStored({ ids, free }: FromThread & { type: 'stored' }): void {
    let buffers = this.#takeBack(free)
    for (const id of ids) {
      this.#settle(id)?.resolve({ method: 'writeChunk', value: { stored: true, free: buffers } })
      buffers = []
    }
  }

  #reject(id: number, error: unknown): void {
    const pending = this.#settle(id)
    this.#endLoan(pending)
    pending?.reject(error)
  }

  #endLoan(pending: Pending | undefined): void {
    if (pending?.lent !== undefined) {
      this.#buffers.takeBack(pending.lent.number)
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  /** The thread has ended: by itself only when the store was closed. */
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
