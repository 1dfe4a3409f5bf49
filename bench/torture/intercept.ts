/**
 * Stands between this process and its file system: it can observe the calls of a store, make them fail, or end the
 * process at one.
 */
import fs from 'node:fs'
import promises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

/** The calls of a store, except those that only look at names. */
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

/** The calls that change nothing on the disk. */
const READING = new Set(['readSync', 'closeSync', 'readFile', 'handle.read', 'handle.close'])

export interface FileCall {
  /** Its name in `node:fs`; prefixed with "handle." for a method of a FileHandle. */
  name: string
  args: readonly unknown[]
  /** The file of a handle. */
  handle: object | undefined
  /** Whether it may change what a crash leaves behind. */
  changes: boolean
  /** Makes the call, with its own arguments by default. */
  perform(args?: readonly unknown[]): unknown
}

/** Gets each call instead of the file system; the caller gets its result. */
export type Interceptor = (call: FileCall) => unknown

/** @returns a function that restores the file system */
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
