/** Reads an invitation that is typed, pasted or piped in, for those who keep it out of the arguments. */
import { messageOf, PotluckError } from '../core/errors.ts'
import { InvitationError, MAX_INVITATION_TEXT_LENGTH, readInvitation } from '../protocols/invitation.ts'
import { streamOf } from './descriptor.ts'

/** Standard input. */
export interface InvitationInput extends AsyncIterable<Buffer | string> {
  isTTY?: boolean
}

/**
 * The text up to the end of its first invitation, however many lines a chat has made of it, or all that there is. Whether
 * it can be used is for its reader to say.
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
    // A terminal that has gone, or a folder in the place of a file.
    throw new PotluckError(
      'CONFIGURATION',
      `The invitation cannot be read from standard input (${messageOf(error)}). Give it after --join, or in POTLUCK_INVITATION.`,
      { cause: error }
    )
  }
  return text
}

/** Whoever types gets an answer to a line that is none; what is piped in may come in any parts. */
function wantsMore(text: string, isTyped: boolean): boolean {
  try {
    readInvitation(text)
    return false
  } catch (error) {
    const problem = error instanceof InvitationError ? error.problem : undefined
    return problem === 'cut-off' || (problem === 'absent' && (!isTyped || !/[a-z0-9]/i.test(text)))
  }
}
