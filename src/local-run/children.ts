/** Processes that never outlive the process that started them. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../core/errors.ts'
import { fileOfPackage } from '../package.ts'

/** A role stops within 2 s after a signal; a slower one hangs. */
const KILL_AFTER_MS = 3000

const ENTRIES = { coordinator: 'dist/coordinator.js', peer: 'dist/peer.js' }

/** A program and its arguments. */
export type ProgramCall = readonly [program: string, ...argv: string[]]

/** The command that runs a role in the Node.js of this process. @param nodeOptions of Node.js itself */
export function roleCall(
  role: keyof typeof ENTRIES,
  argv: readonly string[],
  nodeOptions: readonly string[] = []
): ProgramCall {
  return [process.execPath, ...nodeOptions, fileURLToPath(fileOfPackage(ENTRIES[role])), ...argv]
}

export interface ChildInit {
  name: string
  call: ProgramCall
  /** Called with every line of standard output, which is discarded without it. */
  onOutput?: (line: string) => void
  /** Called with every line of standard error. */
  onError(line: string): void
}

/** How a process ended: with a code, by a signal, or without having started. */
export type ChildEnd = { exitCode: number } | { signal: NodeJS.Signals } | { failure: string }

export interface Child {
  readonly name: string
  readonly processId: number | undefined
  /** Settled when the process is gone and all its output has been read. Never rejects. */
  readonly ended: Promise<ChildEnd>
}

export class Children {
  readonly #running = new Map<ChildProcess, Promise<ChildEnd>>()
  /** Kills all at once. */
  readonly #killAll = (): void => {
    for (const child of this.#running.keys()) {
      child.kill('SIGKILL')
    }
  }

  constructor() {
    process.on('exit', this.#killAll)
  }

  start({ name, call, onOutput, onError }: ChildInit): Child {
    const [program, ...argv] = call
    // The channel ("ipc") carries nothing. A role ends when it closes, so no role survives even a `kill -9` of this
    // process.
    const options: SpawnOptions = {
      stdio: ['ignore', onOutput === undefined ? 'ignore' : 'pipe', 'pipe', 'ipc']
    }
    let child: ChildProcess
    try {
      child = spawn(program, argv, options)
    } catch (error) {
      return { name, processId: undefined, ended: Promise.resolve({ failure: messageOf(error) }) }
    }
    readLines(child.stdout, onOutput)
    readLines(child.stderr, onError)
    const ended = endOf(child)
    this.#running.set(child, ended)
    void ended.then(() => this.#running.delete(child))
    return { name, processId: child.pid, ended }
  }

  /** Asks all to stop, kills those that do not, and resolves when all are gone. */
  async endAll(): Promise<void> {
    const escalation = setTimeout(this.#killAll, KILL_AFTER_MS)
    for (const child of this.#running.keys()) {
      child.kill('SIGTERM')
    }
    await Promise.all(this.#running.values())
    clearTimeout(escalation)
    process.off('exit', this.#killAll)
  }
}

/** `ended with exit code 3`, to follow the process's name. */
export function endInWords(end: ChildEnd): string {
  if ('failure' in end) {
    return `could not be started (${end.failure})`
  }
  return 'signal' in end ? `was killed by ${end.signal}` : `ended with exit code ${end.exitCode}`
}

function readLines(stream: Readable | null, onLine: ((line: string) => void) | undefined): void {
  if (stream !== null && onLine !== undefined) {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine)
  }
}

function endOf(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      // Also emitted when a signal cannot be sent; in that case the process exists and will end.
      if (child.pid === undefined) {
        resolve({ failure: messageOf(error) })
      }
    })
    child.once('close', (code, signal) => {
      resolve(signal === null ? { exitCode: code ?? 1 } : { signal })
    })
  })
}
