/**
 * Where the coordinators of this user can be reached from other processes on this machine: one socket for each, in a
 * folder that only this user can open.
 */
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { hasCode } from '../core/system-errors.ts'

/** The longest name of a socket that every system accepts (sockaddr_un of macOS, with its zero). */
const MAX_PATH_BYTE_LENGTH = 103

const EXTENSION = '.sock'

/** The path for a socket of this process; undefined when this system has no place for it. */
export function ownSocketPath(folders = controlFolders()): string | undefined {
  for (const folder of folders) {
    const path = join(folder, `${process.pid}${EXTENSION}`)
    if (Buffer.byteLength(path) <= MAX_PATH_BYTE_LENGTH && isPrivate(folder, true)) {
      return path
    }
  }
  return undefined
}

/** The sockets of all processes of this user, also of those that have ended without removing theirs. */
export function socketPaths(folders = controlFolders()): string[] {
  return folders
    .filter((folder) => isPrivate(folder, false))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(EXTENSION))
}

/** Removes the sockets of processes that were killed, and one that had the number of this process. */
export function removeStale(folder: string): void {
  for (const path of socketPaths([folder])) {
    const pid = Number(basename(path, EXTENSION))
    if (pid === process.pid || !isAlive(pid)) {
      rmSync(path, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}

/**
 * A service often has no XDG_RUNTIME_DIR while its user's terminal has one: both use the same folder where there is one.
 * Windows has no such folder.
 */
function controlFolders(): string[] {
  const uid = process.getuid?.()
  if (uid === undefined) {
    return []
  }
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? ''
  return [
    ...new Set([
      join('/run/user', String(uid), 'potluck'),
      ...(runtime.startsWith('/') ? [join(runtime, 'potluck')] : []),
      join(tmpdir(), `potluck-${uid}`)
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
