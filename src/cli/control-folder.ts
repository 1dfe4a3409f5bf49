/**
 * Where the coordinators of this user can be reached from other processes on this machine: one socket for each, in a
 * folder that only this user can open.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The longest path of a socket that every system accepts (sockaddr_un of macOS, with its zero). */
const MAX_PATH_BYTE_LENGTH = 103

const EXTENSION = '.sock'

/** The folder of the service in deploy/, whose temporary folder no other process sees. */
const SERVICE_FOLDER = '/run/potluck'

/** A path for a new socket; undefined when this system has no place for it. */
export function newSocketPath(folders = controlFolders()): string | undefined {
  // Not by the number of the process: containers that share a folder have processes of one number.
  const name = `${randomBytes(6).toString('hex')}${EXTENSION}`
  return folders
    .map((folder) => ({ folder, path: join(folder, name) }))
    .find(
      ({ folder, path }) =>
        Buffer.byteLength(draftOf(path)) <= MAX_PATH_BYTE_LENGTH && isPrivate(folder, true)
    )?.path
}

/** What a socket is called until it accepts connections: one that refuses them counts as left by a killed process. */
export function draftOf(path: string): string {
  return `${path}.new`
}

/** The sockets of all processes of this user, also of those that have ended without removing theirs. */
export function socketPaths(folders = controlFolders()): string[] {
  return folders
    .filter((folder) => isPrivate(folder, false))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(EXTENSION))
}

/**
 * The first that can be used is used. Of two processes of a user, one may have TMPDIR or XDG_RUNTIME_DIR and the other
 * not, so /tmp comes before them. It also outlives a logout, at which the system removes XDG_RUNTIME_DIR while a
 * coordinator under `nohup` goes on. Windows has no such folder.
 */
function controlFolders(): string[] {
  const uid = process.getuid?.()
  if (uid === undefined) {
    return []
  }
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? ''
  return [
    ...new Set([
      ...[SERVICE_FOLDER].filter((folder) => existsSync(folder)),
      join('/tmp', `potluck-${uid}`),
      join(tmpdir(), `potluck-${uid}`),
      join('/run/user', String(uid), 'potluck'),
      ...(runtime.startsWith('/') ? [join(runtime, 'potluck')] : [])
    ])
  ]
}

/** Whether the folder is there and this user's alone. @param makes whether to make it when it is missing */
function isPrivate(folder: string, makes: boolean): boolean {
  try {
    if (makes) {
      mkdirSync(folder, { mode: 0o700, recursive: false })
    }
  } catch {
    // It is there already, or the check below finds none.
  }
  try {
    const status = lstatSync(folder)
    return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0
  } catch {
    return false
  }
}
