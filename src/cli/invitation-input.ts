/** Reads an invitation that is typed, pasted or piped in, for people who keep it out of the arguments. */
import { messageOf, PotluckError } from '../core/errors.ts'
import { InvitationError, MAX_INVITATION_TEXT_LENGTH, readInvitation } from '../protocols/invitation.ts'
import { streamOf } from './descriptor.ts'

export interface InvitationInput extends AsyncIterable<Buffer | string> {
  isTTY?: boolean
}

/**
 * The text up to the end of its first invitation, even if a chat has broken it into lines, or the whole text without
 * one. Its reader decides whether it is valid.
 */
export async function readInvitationFrom(input: InvitationInput): Promise<string> {
  if (input.isTTY === true) {
    streamOf(2).write('Paste the invitation, then press Enter:\n')
  }
  let text = ''
  try {
    for await (const part of input) {
      text += part.toString()
      if (text.length > MAX_INVITATION_TEXT_LENGTH || !wantsMore(text, input.isTTY === true)) {
        break
      }
    }
  } catch (error) {
    // The terminal has gone, or standard input is a folder.
    throw new PotluckError(
      'CONFIGURATION',
      `The invitation cannot be read from standard input (${messageOf(error)}). Give it after --join, or in POTLUCK_INVITATION.`,
      { cause: error }
    )
  }
  return text
}

/** Typed input gets an answer to each line that is no invitation; piped input may arrive in any parts. */
function wantsMore(text: string, isTyped: boolean): boolean {
  try {
    readInvitation(text)
    return false
  } catch (error) {
    const problem = error instanceof InvitationError ? error.problem : undefined
    return problem === 'cut-off' || (problem === 'absent' && (!isTyped || !/[a-z0-9]/i.test(text)))
  }
}
