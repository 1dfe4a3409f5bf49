/** An invitation in a file, for scripts: a coordinator writes it, and a peer reads it. */
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { codeOf, messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { systemCodeOf } from '../core/system-errors.ts'
import { replacePrivateFile } from '../keys/private-file.ts'
import { MAX_INVITATION_TEXT_LENGTH } from '../protocols/invitation.ts'
import type { InvitingRole } from './coordinator-command.ts'
import { absolute } from './working-folder.ts'

/** This program writes exactly this form. */
const OWN_CONTENT = /^\s*(?:potluck1[a-z2-7]+\s*)?$/

/** The text of the file. Its reader decides whether it is an invitation. @throws PotluckError CONFIGURATION */
export async function readInvitationFile(path: string): Promise<string> {
  try {
    return await readStart(absolute(path))
  } catch (error) {
    if (error instanceof PotluckError) {
      throw error
    }
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new PotluckError(
      'CONFIGURATION',
      `The invitation file ${printable(path)} cannot be read: ${why}. Name the file that the coordinator wrote with --invitation-file, once it listens.`,
      { cause: error }
    )
  }
}

/** At most as many bytes as an invitation has. */
async function readStart(path: string): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of createReadStream(path, { end: MAX_INVITATION_TEXT_LENGTH - 1 })) {
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** The file that a coordinator writes its invitation to. */
export class InvitationFile {
  readonly #path: string
  #writing: Promise<void> | undefined
  #written: string | undefined

  private constructor(path: string) {
    this.#path = path
  }

  /** @throws PotluckError CONFIGURATION if the file has anything but an earlier invitation */
  static async at(given: string): Promise<InvitationFile> {
    const path = absolute(given)
    try {
      if (OWN_CONTENT.test(await readStart(path))) {
        return new InvitationFile(path)
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') {
        return new InvitationFile(path)
      }
      throw new PotluckError(
        'CONFIGURATION',
        `The invitation cannot be written to ${printable(given)}: ${messageOf(error)}. Name another file with --invitation-file.`,
        { cause: error }
      )
    }
    throw new PotluckError(
      'CONFIGURATION',
      `${printable(given)} contains something other than an invitation, so it was not changed. Name another file with --invitation-file.`
    )
  }

  /** For the same coordinator; the file has its invitation while it listens. */
  of(coordinator: InvitingRole): InvitingRole {
    return {
      events: coordinator.events,
      isOpen: coordinator.isOpen,
      get invitation() {
        return coordinator.invitation
      },
      start: async () => {
        await coordinator.start()
        this.#writing = this.#write(coordinator.invitation)
        await this.#writing
      },
      startNow: () => coordinator.startNow(),
      setExpectedPeers: (count: number) => coordinator.setExpectedPeers(count),
      completed: () => coordinator.completed(),
      stop: async (reason?: string) => {
        await this.#remove()
        await coordinator.stop(reason)
      }
    }
  }

  async #write(invitation: string): Promise<void> {
    try {
      await replacePrivateFile(this.#path, `${invitation}\n`)
      this.#written = invitation
    } catch (error) {
      const isDisk = ['ENOSPC', 'EIO', 'EDQUOT'].includes(systemCodeOf(error) ?? '')
      throw PotluckError.of(
        error,
        isDisk ? 'DISK' : 'CONFIGURATION',
        (why) =>
          `The invitation cannot be written to ${printable(this.#path)} (${why}). Name a file in a folder that you can write to with --invitation-file.`
      )
    }
  }

  /** Removes the file, unless another coordinator has written it since. */
  async #remove(): Promise<void> {
    await this.#writing?.catch(() => undefined)
    const text = this.#written === undefined ? '' : await readStart(this.#path).catch(() => '')
    if (this.#written !== undefined && text.trim() === this.#written) {
      await rm(this.#path, { force: true }).catch(() => undefined)
    }
  }
}
