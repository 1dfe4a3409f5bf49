/**
 * The messages between the threaded store and its thread. Chunks are in buffers that both share, identified by numbers.
 */
import { type ErrorCode, messageOf, PotluckError } from '../core/errors.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import type { FileStoreInit } from './file-store.ts'
import {
  ChunkUnreadableError,
  DiskFullError,
  type Store,
  type StoreListener,
  WriteFailedError
} from './store.ts'

export type ThreadInit = Pick<
  FileStoreInit,
  'collection' | 'shares' | 'exclude' | 'portableNames' | 'name' | 'verify' | 'identityNote' | 'runFiles'
>

/** All calls of a store, by the method's name. */
export type Method = keyof Store
export type Parameter = { [M in Method]: Parameters<Store[M]> }
export type Value = { [M in Method]: Awaited<ReturnType<Store[M]>> }

export type Call<M extends Method = Method> = { [K in M]: { method: K; parameters: Parameter[K] } }[M]
export type Result<M extends Method = Method> = { [K in M]: { method: K; value: Value[K] } }[M]

/**
 * All calls of a listener except for complete files, by the method's name: manifests by their numbers, errors packed.
 */
type Listener = Omit<Required<StoreListener>, 'onFileComplete'>
export type Event = keyof Listener
type Told<T> = T extends Manifest ? number : T extends Error ? ErrorMessage : T
type AllTold<T extends unknown[]> = { [I in keyof T]: Told<T[I]> }
export type EventParameters = { [E in Event]: AllTold<Parameters<Listener[E]>> }
export type EventTold<E extends Event = Event> = {
  [K in E]: { event: K; parameters: EventParameters[K] }
}[E]

/** A shared buffer by its number, with the buffer itself the first time. */
interface Lent {
  buffer: number
  shared?: SharedArrayBuffer | undefined
}

export type ToThread =
  | { type: 'call'; id: number; call: Call }
  /** `readChunk` into a shared buffer. */
  | ({ type: 'read'; id: number; root: string; chunkIndex: number; isDoubted: boolean | undefined } & Lent)
  /** `writeChunk` from a shared buffer. */
  | ({ type: 'write'; id: number; key: string; chunkIndex: number; byteLength: number } & Lent)
  /** A shared buffer that will not be named again. */
  | { type: 'forget'; buffer: number }

export type FromThread =
  /** The first of all: whether there is a store. */
  | { type: 'opened'; error?: ErrorMessage }
  /** `free`: of `writeChunk`, the shared buffers that the store does not keep. */
  | { type: 'result'; id: number; result: Result; free?: number[] }
  | { type: 'error'; id: number; error: ErrorMessage }
  /** A chunk of this many bytes was read into the buffer that was lent for it. */
  | { type: 'read'; id: number; byteLength: number }
  /**
   * For calls of `writeChunk`, in one message: their chunks were stored; and the shared buffers that the store does not
   * keep.
   */
  | { type: 'stored'; ids: number[]; free: number[] }
  | { type: 'files-complete'; manifests: number[]; local: boolean; checkedAtMs: number | undefined }
  | { type: 'told'; told: EventTold }

/** A shorter chunk is copied into the message: the chunk cache would keep a whole buffer for it. */
const MIN_LENT_BYTE_LENGTH = 16 * 1024

/** Whether a chunk of this many bytes is written from its buffer, and not from a copy. */
export function isLent(buffer: ArrayBufferLike, byteLength: number): buffer is SharedArrayBuffer {
  return byteLength >= MIN_LENT_BYTE_LENGTH && buffer instanceof SharedArrayBuffer
}

/** A message, with the buffers that are transferred with it. */
interface Parcel<M> {
  message: M
  transferred: ArrayBuffer[]
}

export interface MessageQueueInit<M> {
  port: { postMessage(messages: M[], transferred: ArrayBuffer[]): void }
  /** Merges the next message into this one. @returns whether it could */
  merge?(message: M, next: M): boolean
  /** A message cannot be posted, for the reason. */
  onFailed(message: M, error: unknown): void
}

/** All messages of one turn of the event loop are sent as one, in their order. */
export class MessageQueue<M> {
  readonly #init: MessageQueueInit<M>
  #waiting: Parcel<M>[] = []
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(init: MessageQueueInit<M>) {
    this.#init = init
  }

  /** @param delayMs how long it may wait for others; by default until the end of the turn */
  send(message: M, transferred: ArrayBuffer[] = [], delayMs?: number): void {
    const last = this.#waiting.at(-1)?.message
    if (last === undefined || this.#init.merge?.(last, message) !== true) {
      this.#waiting.push({ message, transferred })
    }
    if (delayMs === undefined) {
      this.#immediate ??= setImmediate(() => this.flush())
    } else {
      this.#timer ??= setTimeout(() => this.flush(), delayMs)
    }
  }

  /** Posts what waits. If that fails, each is posted alone, so one that cannot be posted does not affect the others. */
  flush(): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    this.#immediate = undefined
    this.#timer = undefined
    const parcels = this.#waiting
    this.#waiting = []
    try {
      this.#post(parcels)
      return
    } catch {
      // Nothing was posted, and no buffer has changed hands.
    }
    for (const parcel of parcels) {
      try {
        this.#post([parcel])
      } catch (error) {
        this.#init.onFailed(parcel.message, error)
      }
    }
  }

  #post(parcels: readonly Parcel<M>[]): void {
    if (parcels.length > 0) {
      this.#init.port.postMessage(
        parcels.map(({ message }) => message),
        parcels.flatMap(({ transferred }) => transferred)
      )
    }
  }
}

/**
 * Numbers for manifests between the threads, in the order in which they were first adopted. A catalog that is sent
 * again takes no more room.
 */
export class AdoptedManifests {
  readonly #manifests: Manifest[] = []
  readonly #numbers = new Map<string, number>()
  /** The same by the manifest objects, which is cheaper. */
  readonly #known = new WeakMap<Manifest, number>()

  add(manifests: readonly Manifest[]): void {
    for (const manifest of manifests) {
      const identity = identityOf(manifest)
      const number = this.#numbers.get(identity) ?? this.#manifests.length
      if (number === this.#manifests.length) {
        this.#numbers.set(identity, number)
        this.#manifests.push(manifest)
      }
      this.#known.set(manifest, number)
    }
  }

  /** @throws Error for one that was not adopted */
  numberOf(manifest: Manifest): number {
    const number = this.#known.get(manifest) ?? this.#numbers.get(identityOf(manifest))
    if (number === undefined) {
      throw new Error(`${manifest.path} was not adopted`)
    }
    return number
  }

  /** @throws Error for an unused number */
  at(number: number): Manifest {
    const manifest = this.#manifests[number]
    if (manifest === undefined) {
      throw new Error(`manifest ${number} was not adopted`)
    }
    return manifest
  }
}

/** Equal for manifests that a store takes for the same entry, whoever signed them. */
function identityOf({ kind, origin, path, byteLength, md5, root }: Manifest): string {
  return JSON.stringify([kind, origin, path, byteLength, md5, root])
}

/** Merges another message into this one, if both say the same of different things. @returns whether it could */
export function merge(message: FromThread, next: FromThread): boolean {
  if (message.type === 'stored' && next.type === 'stored') {
    message.ids.push(...next.ids)
    message.free.push(...next.free)
    return true
  }
  if (
    message.type === 'files-complete' &&
    next.type === 'files-complete' &&
    message.local === next.local &&
    message.checkedAtMs === next.checkedAtMs
  ) {
    message.manifests.push(...next.manifests)
    return true
  }
  return false
}

/** An error without its stack, which would be the other thread's and useless. */
export interface ErrorMessage {
  kind: keyof typeof MAKERS
  code: ErrorCode
  message: string
}

const MAKERS = {
  'disk-full': (message: string) => new DiskFullError(message),
  potluck: (message: string, code: ErrorCode) => new PotluckError(code, message),
  'chunk-unreadable': (message: string) => new ChunkUnreadableError(message),
  'write-failed': (message: string) => new WriteFailedError(message),
  other: (message: string) => new Error(message)
}

export function packError(error: unknown): ErrorMessage {
  return {
    kind: kindOf(error),
    code: error instanceof PotluckError ? error.code : 'DISK',
    message: messageOf(error)
  }
}

export function unpackError({ kind, code, message }: ErrorMessage): Error {
  return MAKERS[kind](message, code)
}

function kindOf(error: unknown): ErrorMessage['kind'] {
  if (error instanceof PotluckError) {
    return error instanceof DiskFullError ? 'disk-full' : 'potluck'
  }
  if (error instanceof WriteFailedError) {
    return 'write-failed'
  }
  return error instanceof ChunkUnreadableError ? 'chunk-unreadable' : 'other'
}

export function isResultOf<M extends Method>(
  result: Result,
  method: M
): result is Result & { value: Value[M] } {
  return result.method === method
}
