/** The arguments of `potluck join` and `potluck host` without a flag: an invitation, and paths of files and folders. */
import { lstatSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { multiaddrTextOf } from '../config/network-address.ts'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { readInvitation } from '../protocols/invitation.ts'
import { callOf } from './calls.ts'
import { nearest } from './nearest.ts'
import { absolute } from './working-folder.ts'

/** The nearest name is searched among at most this many. */
const MAX_NEIGHBOURS = 10_000

/** How an invitation begins, in quotes or not. A path that begins like this needs "./" before it. */
const BEGINS_AS_INVITATION = /^["'“”‘’\s]*potluck\d/i

export interface JoinArguments {
  /** As it was given, valid or not; `-` for standard input; undefined if none was given. */
  invitation: string | undefined
  /** What to share. */
  paths: string[]
}

/**
 * Tells the invitation from the paths, in any order.
 *
 * @param isInvited whether the invitation has another source
 * @throws PotluckError CONFIGURATION
 */
export function joinArguments(words: readonly string[], isInvited: boolean): JoinArguments {
  const [first, ...rest] = words
  if (first === '-' && !isInvited) {
    return { invitation: '-', paths: rest }
  }
  const whole = words.filter(isInvitation)
  // A valid one, or else one that was meant to be one.
  const [invitation = words.find((word) => BEGINS_AS_INVITATION.test(word) && !isThere(word)), second] = whole
  if (second !== undefined) {
    throw new PotluckError(
      'CONFIGURATION',
      `There are ${whole.length} invitations: a peer joins one swarm. Leave out the others.`
    )
  }
  if (invitation === undefined && !isInvited && words.length > 0) {
    throw new PotluckError('CONFIGURATION', `${notInvited(words)} ${howToJoin()}`)
  }
  return { invitation, paths: words.filter((word) => word !== invitation) }
}

/** Whether it is an invitation, complete and unchanged. */
export function isInvitation(word: string): boolean {
  try {
    readInvitation(word)
    return true
  } catch {
    return false
  }
}

/** Whether it is an invitation, or was meant to be one and is no path. */
export function looksLikeInvitation(word: string): boolean {
  return isInvitation(word) || (BEGINS_AS_INVITATION.test(word) && !isThere(word))
}

/** What to do without an invitation. */
export function howToJoin(): string {
  return `Run "${callOf('join')} potluck1…" with the invitation that the host sent, followed by what you share.`
}

function notInvited(words: readonly string[]): string {
  const [first = ''] = words
  const address = words.find((word) => !isThere(word) && isAddress(word))
  if (address !== undefined) {
    return `${printable(address)} is an address, not an invitation. With a secret file, run "${callOf('peer')} --coordinator ${printable(address)}" instead.`
  }
  return isThere(first)
    ? `There is no invitation: ${printable(first)} is a file or folder to share. If the invitation is in a file, name that with --invitation-file.`
    : `There is no invitation: ${printable(first)} is neither an invitation nor an existing file or folder.`
}

function isAddress(word: string): boolean {
  try {
    return multiaddrTextOf(word).includes('/tcp/')
  } catch {
    return false
  }
}

/** Called before anything starts. @throws PotluckError CONFIGURATION for the first path that does not exist */
export function checkPaths(paths: readonly string[]): void {
  const missing = paths.find((path) => !isThere(path))
  if (missing === undefined) {
    return
  }
  const name = printable(missing)
  if (looksLikeInvitation(missing)) {
    throw new PotluckError(
      'CONFIGURATION',
      `Arguments that begin with "potluck1" are invitations, not files or folders to share. ${howToJoin()}`
    )
  }
  const meant = nearestPath(missing)
  const hint =
    meant === undefined ? 'Check the path, or leave it out.' : `Did you mean "${printable(meant)}"?`
  const what = /[*?]/.test(missing) ? 'No file or folder has a name like' : 'There is no file or folder'
  throw new PotluckError('CONFIGURATION', `${what} "${name}". ${hint}`)
}

/**
 * Whether the path exists; a path that cannot be checked may exist. @throws PotluckError CONFIGURATION without a
 * working folder
 */
export function isThere(path: string): boolean {
  try {
    lstatSync(absolute(path))
    return true
  } catch (error) {
    if (error instanceof PotluckError) {
      throw error
    }
    return !(error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
  }
}

/** An existing name beside it that is nearly the same. */
function nearestPath(path: string): string | undefined {
  const folder = dirname(path)
  try {
    const names = readdirSync(absolute(folder)).slice(0, MAX_NEIGHBOURS)
    const name = nearest(basename(path), names)
    return name === undefined ? undefined : path.slice(0, path.lastIndexOf(basename(path))) + name
  } catch {
    return undefined
  }
}
