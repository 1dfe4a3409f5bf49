/**
 * How other processes of this user ask a running coordinator to start. A client sends one line of JSON over a socket,
 * and receives one line as the answer. The folder of the socket keeps other users out (control-folder.ts).
 */
import { renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import * as z from 'zod'
import { isErrorCode, PotluckError } from '../core/errors.ts'
import { hasCode } from '../core/system-errors.ts'
import { draftOf, newSocketPath, socketPaths } from './control-folder.ts'

const MAX_REQUEST_LENGTH = 1024
/** Of a full swarm, all names and addresses take less. */
const MAX_REPLY_LENGTH = 1024 * 1024
const MAX_CONNECTIONS = 8
const TIMEOUT_MS = 5000

const request = z.union([
  z.strictObject({ ask: z.literal('status') }),
  z.strictObject({ ask: z.literal('start') }),
  z.strictObject({ ask: z.literal('wait'), expectedPeers: z.number() })
])
export type ControlRequest = z.output<typeof request>

const status = z.object({
  /** The coordinator's name. */
  name: z.string(),
  /** Where it listens, without its PeerId. */
  addresses: z.array(z.string()),
  /** Whether it still waits for people. */
  isWaiting: z.boolean(),
  expectedPeers: z.number(),
  /** Those who are here. */
  names: z.array(z.string())
})
/** A coordinator, as others on its machine see it. */
export type CoordinatorStatus = z.output<typeof status>

const reply = z.union([
  z.object({ status }),
  z.object({ code: z.custom<string>((value) => typeof value === 'string'), message: z.string() })
])
type Reply = z.output<typeof reply>

/** Does what is asked. @throws PotluckError that says why it is not done */
export type ControlHandler = (asked: ControlRequest) => CoordinatorStatus

export class ControlSocket {
  readonly #server: Server
  readonly #path: string
  readonly #sockets: ReadonlySet<Socket>

  private constructor(server: Server, path: string, sockets: ReadonlySet<Socket>) {
    this.#server = server
    this.#path = path
    this.#sockets = sockets
  }

  /**
   * Listens for requests, and holds no process open. A coordinator does without it where it cannot be made.
   *
   * @returns undefined when this system has no place for a socket
   */
  static async listen(handle: ControlHandler, path = newSocketPath()): Promise<ControlSocket | undefined> {
    if (path === undefined) {
      return undefined
    }
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket.unref().on('close', () => sockets.delete(socket)))
      serve(socket, handle)
    })
    server.maxConnections = MAX_CONNECTIONS
    server.unref()
    try {
      await removeStale(socketPaths([dirname(path)]))
      await new Promise<void>((resolve, reject) => {
        // It stays: a connection that cannot be accepted, for lack of descriptors, is an error as well.
        server.on('error', reject)
        server.listen(draftOf(path), resolve)
      })
      renameSync(draftOf(path), path)
      return new ControlSocket(server, path, sockets)
    } catch {
      server.close()
      return undefined
    }
  }

  close(): void {
    this.#server.close()
    rmSync(this.#path, { force: true })
    for (const socket of this.#sockets) {
      socket.destroy()
    }
  }
}

/** Removes the sockets of processes that were killed: they refuse connections. */
export async function removeStale(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const socket = connect(path)
    await new Promise<void>((resolve) => {
      socket.on('connect', resolve).on('error', (error) => {
        removeRefusing(path, error)
        resolve()
      })
    })
    socket.destroy()
  }
}

/** @returns whether no process listens there any more */
function removeRefusing(path: string, error: unknown): boolean {
  const isLeft = hasCode(error, 'ECONNREFUSED', 'ENOENT')
  if (isLeft) {
    rmSync(path, { force: true })
  }
  return isLeft
}

function serve(socket: Socket, handle: ControlHandler): void {
  readLine(socket, MAX_REQUEST_LENGTH).then(
    (line) => socket.end(`${JSON.stringify(replyTo(line, handle))}\n`, () => socket.destroy()),
    () => socket.destroy()
  )
}

function replyTo(line: string, handle: ControlHandler): Reply {
  try {
    return { status: handle(request.parse(JSON.parse(line))) }
  } catch (error) {
    const { code, message } = PotluckError.of(
      error,
      'CONFIGURATION',
      () => 'The coordinator does not know this request. Install the same release on both.'
    )
    return { code, message }
  }
}

/**
 * Asks the coordinator of a socket.
 *
 * @returns undefined when no process listens there any more; its socket is removed
 * @throws PotluckError what the coordinator says, or COORDINATOR_UNREACHABLE when it gives no answer
 */
export async function askCoordinator(
  path: string,
  asked: ControlRequest
): Promise<CoordinatorStatus | undefined> {
  const socket = connect(path)
  try {
    const line = readLine(socket, MAX_REPLY_LENGTH)
    socket.write(`${JSON.stringify(asked)}\n`)
    const answer = reply.parse(JSON.parse(await line))
    if ('status' in answer) {
      return answer.status
    }
    const { code, message } = answer
    throw new PotluckError(isErrorCode(code) ? code : 'REFUSED', message)
  } catch (error) {
    if (removeRefusing(path, error)) {
      return undefined
    }
    throw PotluckError.of(
      error,
      'COORDINATOR_UNREACHABLE',
      (why) => `A coordinator runs here and does not answer (${why}). Press Enter at its terminal instead.`
    )
  } finally {
    socket.destroy()
  }
}

/** The first line. @throws Error when it is too long, does not come in time, or the connection breaks */
async function readLine(socket: Socket, maxLength: number): Promise<string> {
  let text = ''
  let late: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      late = setTimeout(() => reject(new Error(`no line in ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS)
      socket.setEncoding('utf8')
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('it closed the connection')))
      socket.on('data', (piece: string) => {
        text += piece
        const end = text.indexOf('\n')
        if (end >= 0) {
          resolve(text.slice(0, end))
        } else if (text.length > maxLength) {
          reject(new Error('it sent too long a line'))
        }
      })
    })
  } finally {
    clearTimeout(late)
    socket.removeAllListeners('data')
  }
}
