/** What the threaded store and its thread say to one another. Chunks travel as transferred buffers, never copied. */
import { type ErrorCode, messageOf, PotluckError } from '../core/errors.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import type { RunFiles } from './file-look.ts'
import { ChunkUnreadableError, DiskFullError, type Store, WriteFailedError } from './store.ts'

/** What the thread starts with. */
export interface ThreadInit {
  collection: string
  shares: string[]
  name: string
  verify?: boolean
  /** What there is to say of this peer's identity where it is not in the collection. */
  identityNote?: string | undefined
  runFiles?: RunFiles | undefined
}

/** All that a store does can be asked for, by the method's name. */
export type Method = keyof Store
export type Parameter = { [M in Method]: Parameters<Store[M]> }
export type Value = { [M in Method]: Awaited<ReturnType<Store[M]>> }

export type Call<M extends Method = Method> = { [K in M]: { method: K; parameters: Parameter[K] } }[M]
export type Result<M extends Method = Method> = { [K in M]: { method: K; value: Value[K] } }[M]

export interface ToThread {
  id: number
  call: Call
}

/**
 * What is shorter is copied into the message: handing a buffer over takes longer, and each one is an object more for the
 * garbage collector of either thread.
 */
const MIN_TRANSFERRED_BYTE_LENGTH = 16 * 1024

/** Whether so many bytes are handed over with their buffer. */
export function isTransferred(byteLength: number): boolean {
  return byteLength >= MIN_TRANSFERRED_BYTE_LENGTH
}

/** A message, with the buffers that go over with it. */
export interface Parcel<M> {
  message: M
  transferred: ArrayBuffer[]
}

/**
 * Posts messages together, in their order. Where that fails, each goes alone: one that cannot be posted costs the others
 * nothing.
 *
 * @param onFailed gets each message that cannot be posted, with the reason
 */
export function postTogether<M>(
  port: { postMessage(messages: M[], transferred: ArrayBuffer[]): void },
  parcels: readonly Parcel<M>[],
  onFailed: (message: M, error: unknown) => void
): void {
  const post = (some: readonly Parcel<M>[]): void =>
    port.postMessage(
      some.map(({ message }) => message),
      some.flatMap(({ transferred }) => transferred)
    )
  try {
    post(parcels)
    return
  } catch {
    // Nothing was posted, and no buffer has changed hands.
  }
  for (const parcel of parcels) {
    try {
      post([parcel])
    } catch (error) {
      onFailed(parcel.message, error)
    }
  }
}

/**
 * Manifests as the threads name them to one another: numbered in the order in which they were first adopted. A catalog that
 * comes again takes no more room.
 */
export class AdoptedManifests {
  readonly #manifests: Manifest[] = []
  readonly #numbers = new Map<string, number>()
  /** The same by the manifests themselves, which costs less. */
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

  /** @throws Error for the number of none */
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

export type FromThread =
  | { type: 'opened' }
  | { type: 'open-failed'; error: ErrorMessage }
  | { type: 'result'; id: number; result: Result }
  | { type: 'error'; id: number; error: ErrorMessage }
  /** The results of calls of `writeChunk` whose chunks were copied, in one message: a thousand tiny files are a thousand of them. */
  | { type: 'stored'; ids: number[] }
  | { type: 'files-complete'; manifests: number[]; local: boolean; checkedAtMs: number | undefined }
  | { type: 'hashing'; hashedBytes: number; totalBytes: number }
  | { type: 'chunks-held'; root: string; chunkIndices: number[] }
  | { type: 'chunk-lost'; root: string; chunkIndex: number }
  | { type: 'warning'; message: string }
  | { type: 'entry-failed'; manifest: number; error: ErrorMessage }
  | { type: 'file-lost'; manifest: number }
  | { type: 'content-lost'; root: string }
  | { type: 'failure'; error: ErrorMessage }

/** Adds to a message what another one says, where both say the same of different things. @returns whether it could */
export function merge(message: FromThread, next: FromThread): boolean {
  if (message.type === 'stored' && next.type === 'stored') {
    message.ids.push(...next.ids)
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

/** An error without its stack, which would be of the other thread and of no use to anyone. */
export interface ErrorMessage {
  kind: 'disk-full' | 'potluck' | 'chunk-unreadable' | 'write-failed' | 'other'
  code: ErrorCode
  message: string
}

export function packError(error: unknown): ErrorMessage {
  const message = messageOf(error)
  if (error instanceof DiskFullError) {
    return { kind: 'disk-full', code: 'DISK', message }
  }
  if (error instanceof PotluckError) {
    return { kind: 'potluck', code: error.code, message }
  }
  if (error instanceof WriteFailedError) {
    return { kind: 'write-failed', code: 'DISK', message }
  }
  return { kind: error instanceof ChunkUnreadableError ? 'chunk-unreadable' : 'other', code: 'DISK', message }
}

export function unpackError({ kind, code, message }: ErrorMessage): Error {
  switch (kind) {
    case 'disk-full':
      return new DiskFullError(message)
    case 'potluck':
      return new PotluckError(code, message)
    case 'chunk-unreadable':
      return new ChunkUnreadableError(message)
    case 'write-failed':
      return new WriteFailedError(message)
    case 'other':
      return new Error(message)
  }
}

/** Whether the result is one of the method. */
export function isResultOf<M extends Method>(
  result: Result,
  method: M
): result is Result & { value: Value[M] } {
  return result.method === method
}
