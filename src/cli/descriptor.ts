/** Writes to the descriptors of standard output and standard error without waiting. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { codeOf } from '../core/errors.ts'

export type StandardDescriptor = 1 | 2

/** The reader accepts nothing at the moment. */
const NOT_NOW: ReadonlySet<string> = new Set(['EAGAIN', 'ENOBUFS'])

/** The disk is full until someone makes room. */
const DISK_FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

const WITHOUT_WAITING = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/** Writes as much as is accepted at once. @returns the number of bytes. @throws Error of the system */
export function taker(descriptor: StandardDescriptor): (bytes: Uint8Array) => number {
  if (process.platform === 'win32') {
    return streamTaker(streamOf(descriptor))
  }
  const target = withoutWaiting(descriptor)
  return (bytes) => {
    try {
      return writeSync(target, bytes)
    } catch (error) {
      if (NOT_NOW.has(codeOf(error) ?? '')) {
        return 0
      }
      throw error
    }
  }
}

export function isDiskFull(error: unknown): boolean {
  return DISK_FULL.has(codeOf(error) ?? '')
}

/** Whether both lead to the same place, where lines of one could get between those of the other. */
export function areSame(one: StandardDescriptor, other: StandardDescriptor): boolean {
  const [a, b] = [statOf(one), statOf(other)]
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino && a.rdev === b.rdev
}

/** Descriptors that this process has opened. Opening one for a pipe changes a mode for all that share the pipe. */
const streams = new Set<NodeJS.WriteStream>()

/** Node's own stream: for output before anything is in progress, and for the size of a terminal. */
export function streamOf(descriptor: StandardDescriptor): NodeJS.WriteStream {
  const stream = descriptor === 1 ? process.stdout : process.stderr
  if (!streams.has(stream)) {
    streams.add(stream)
    // The reader or the terminal has gone: its size cannot be read any more either.
    stream.on('error', () => undefined)
  }
  return stream
}

/** Resolves when the reader has accepted everything that was written to these streams. */
export async function streamsWritten(): Promise<void> {
  await Promise.all(
    [...streams].map(
      (stream) =>
        new Promise<void>((resolve) => {
          if (stream.writableLength === 0) {
            resolve()
          } else {
            stream.write('', () => resolve())
          }
        })
    )
  )
}

/** Which of a process's first three descriptors are terminals. */
export function terminals(): number[] {
  return [0, 1, 2].filter((descriptor) => isatty(descriptor))
}

/**
 * For the last moment of a process. At its end Node.js restores the modes of terminals, and aborts if one of them is
 * gone. It skips closed descriptors, and nothing here changes a terminal's mode.
 */
export function leaveTerminals(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) {
    // It is closed already.
    attempt(() => closeSync(descriptor))
  }
}

/** A descriptor of the same place whose `write` never waits. */
function withoutWaiting(descriptor: StandardDescriptor): number {
  const stat = statOf(descriptor)
  if (stat === undefined || stat.isFile() || (stat.isCharacterDevice() && !isatty(descriptor))) {
    return descriptor
  }
  // A mode set on the descriptor itself would also hold for every process that shares it, such as the shell.
  const opened = open(`/proc/self/fd/${descriptor}`) ?? (isOwnTerminal(stat) ? open('/dev/tty') : undefined)
  if (opened === undefined && !isatty(descriptor)) {
    // Sockets, and pipes of another user: Node.js makes them non-blocking when it creates a stream, and undoes it at
    // its end.
    streamOf(descriptor)
  }
  return opened ?? descriptor
}

/** After `su` the terminal belongs to another user, and can only be opened by this name. */
function isOwnTerminal({ rdev }: Stats): boolean {
  const text = attempt(() => readFileSync('/proc/self/stat', 'latin1')) ?? ''
  // The fifth field after the name, which may contain spaces and brackets.
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[4]) === rdev
}

function open(path: string): number | undefined {
  return attempt(() => openSync(path, WITHOUT_WAITING))
}

function statOf(descriptor: number): Stats | undefined {
  return attempt(() => fstatSync(descriptor))
}

/** Undefined if the system refuses. */
function attempt<Value>(call: () => Value): Value | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}

/** Windows: the stream keeps what is not accepted yet. */
function streamTaker(stream: NodeJS.WriteStream): (bytes: Uint8Array) => number {
  return (bytes) => {
    if (stream.writableLength > 0) {
      return 0
    }
    stream.write(bytes)
    return bytes.byteLength
  }
}
