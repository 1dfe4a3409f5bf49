/** What a peer says of Potluck's own files among those that it was told to share. */
import { printable } from '../core/names.ts'
import type { OwnFile } from './own-files.ts'

/** Names in the warning; the log has room for 300 characters of a message. */
const MAX_NAMED = 3
const MAX_NAME_LENGTH = 56

const WHAT_IT_IS: Readonly<Record<OwnFile, string>> = {
  secret: 'the secret of a swarm',
  identity: 'the private key of a peer or a coordinator',
  invitation: 'an invitation to a swarm',
  state: 'the unfinished swarm of a coordinator, with its keys',
  log: 'an event log of Potluck',
  report: 'a report of Potluck',
  output: 'the output of a peer or a coordinator'
}

/** Whether a share that has it is refused altogether. */
export function isKey(own: OwnFile): boolean {
  return own === 'secret' || own === 'identity'
}

/** Why a file is not shared, to be said after its path. */
export function ownFileRefusal(own: OwnFile): string {
  const advice = isKey(own)
    ? 'everyone in the swarm would receive it. Move it to a folder that is not shared, or share other paths.'
    : 'Potluck shares none of its own files. Leave it out, or put it into an archive and share that.'
  return `holds ${WHAT_IT_IS[own]}: ${advice}`
}

/** One line for all that was left out. @param paths as the others would have seen them, at least one */
export function leftOutWarning(paths: readonly string[]): string {
  const named = paths.slice(0, MAX_NAMED).map(shortened)
  const more = paths.length - named.length
  const list = more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
  return `Potluck does not share its own files and left these out: ${list}. To share a log or a report, put it into an archive.`
}

/** Its end says more than its beginning. */
function shortened(path: string): string {
  const characters = [...printable(path)]
  return characters.length > MAX_NAME_LENGTH
    ? `…${characters.slice(1 - MAX_NAME_LENGTH).join('')}`
    : characters.join('')
}
