/** Stands between this process and its file system: the calls of a store can be seen, failed, or be its last. */
import fs from 'node:fs'
import promises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

/** Those that a store makes, but for the ones that only look at names. */
const CALLS = [
  'openSync',
  'readSync',
  'writeSync',
  'ftruncateSync',
  'closeSync',
  'fdatasync',
  'mkdirSync',
  'renameSync',
  'rmSync',
  'writeFileSync'
]
const PROMISE_CALLS = ['open', 'mkdir', 'chmod', 'rename', 'rm', 'copyFile', 'readFile']
const HANDLE_CALLS = ['read', 'writeFile', 'datasync', 'sync', 'close']

/** Those that change nothing on the disk. */
const READING = new Set(['readSync', 'closeSync', 'readFile', 'handle.read', 'handle.close'])

export interface FileCall {
  /** As `node:fs` calls it; with "handle." before it where it is a FileHandle's. */
  name: string
  args: readonly unknown[]
  /** The file that a handle is of. */
  handle: object | undefined
  /** Whether it may change what a crash leaves. */
  changes: boolean
  /** Makes the call, with its own arguments unless others are given. */
  perform(args?: readonly unknown[]): unknown
}

/** Gets each call instead of the file system; what it returns is what the caller gets. */
export type Interceptor = (call: FileCall) => unknown

/** @returns a function that puts the file system back in its place */
export function interceptFileSystem(interceptor: Interceptor): () => void {
  const undo = [
    ...CALLS.map((name) => replace(fs, name, name, undefined, interceptor)),
    ...PROMISE_CALLS.filter((name) => name !== 'open').map((name) =>
      replace(promises, name, name, undefined, interceptor)
    ),
    replace(promises, 'open', 'open', undefined, async (call) => {
      const handle = await interceptor(call)
      if (isHandle(handle)) {
        for (const name of HANDLE_CALLS) {
          replace(handle, name, `handle.${name}`, handle, interceptor)
        }
      }
      return handle
    })
  ]
  syncBuiltinESMExports()
  return () => {
    for (const one of undo) {
      one()
    }
    syncBuiltinESMExports()
  }
}

function replace(
  owner: object,
  property: string,
  name: string,
  handle: object | undefined,
  interceptor: Interceptor
): () => void {
  const original: unknown = Reflect.get(owner, property)
  if (typeof original !== 'function') {
    throw new Error(`the file system has no ${property}`)
  }
  const replacement = (...args: unknown[]): unknown =>
    interceptor({
      name,
      args,
      handle,
      changes: !READING.has(name),
      perform: (others = args): unknown => Reflect.apply(original, owner, others)
    })
  Reflect.set(owner, property, replacement)
  return () => Reflect.set(owner, property, original)
}

function isHandle(value: unknown): value is FileHandle {
  return typeof value === 'object' && value !== null && 'datasync' in value
}
