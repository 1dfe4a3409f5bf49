/**
 * The swarm's secret: a line of text that every machine of the swarm has, in a file or in the environment.
 *
 * It is used to make and to check proofs, and never leaves this object: no error, event or log has it, and printing the
 * object shows nothing of it.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { basename } from 'node:path'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import type { SwarmSecret } from '../protocols/admission/index.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'

/** 256 bits cannot be guessed. */
const SECRET_BYTE_LENGTH = 32

/** The prefix of a secret, so that people and scanners recognise one. */
const PREFIX = 'potluck-secret-'

const LINE = /^potluck-secret-([\w-]{43})$/

const WHAT_IT_IS = 'make one with --new-secret <file> of the coordinator'

/** Separates the key of an invitation from keys derived for other purposes. */
const INVITATION_DOMAIN = 'potluck-invitation-v1'
const INVITATION_KEY_BYTE_LENGTH = 32

/** The secret as its owner has it: it makes invitations. */
export interface RootSecret extends SwarmSecret {
  /**
   * The key of the invitations into one swarm of one coordinator (HKDF-SHA-256). It reveals neither the secret nor the
   * key of another swarm.
   */
  invitationKey(swarm: SwarmOfOne): Uint8Array<ArrayBuffer>
}

interface SwarmOfOne {
  coordinatorId: string
  swarmId: Uint8Array
}

/** Where a secret may come from. */
export interface SecretSources {
  /** The file that the configuration names. */
  secretFile: string | undefined
  /** The line itself, from the environment; ignored if a file is named. */
  line: string | undefined
}

/** @throws PotluckError CONFIGURATION when the source is not a secret, or others may read it */
export async function loadSecret({ secretFile, line }: SecretSources): Promise<RootSecret | undefined> {
  if (secretFile !== undefined) {
    return parse(await readLine(secretFile), printable(secretFile))
  }
  return line === undefined ? undefined : parse(line, 'POTLUCK_SECRET')
}

/** A secret that no one else has, for one run of a coordinator. */
export function makeSecretBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(randomBytes(SECRET_BYTE_LENGTH))
}

export function secretOf(bytes: Uint8Array): RootSecret {
  return new Secret(Buffer.from(bytes))
}

/** Writes a new secret to a file that does not exist yet. @throws PotluckError CONFIGURATION, DISK */
export async function makeSecretFile(path: string): Promise<void> {
  refuseSecretAsPath(path)
  const line = `${PREFIX}${randomBytes(SECRET_BYTE_LENGTH).toString('base64url')}\n`
  const written = await writePrivateFile(path, line).catch((error: unknown) => {
    throw PotluckError.of(
      error,
      'DISK',
      (why) =>
        `the secret cannot be written to ${printable(path)} (${why}); choose a folder that can be written to`
    )
  })
  if (!written) {
    throw new PotluckError(
      'CONFIGURATION',
      `${printable(path)} exists already, and a secret in it would be lost; choose another name, or remove it first`
    )
  }
}

async function readLine(path: string): Promise<string> {
  refuseSecretAsPath(path)
  const content = await readPrivateFile(path).catch((error: unknown) => {
    throw PotluckError.of(
      error,
      'CONFIGURATION',
      (why) =>
        `the secret file ${printable(path)} cannot be read (${why}); name a readable one with --secret-file`
    )
  })
  if (content === undefined) {
    throw new PotluckError(
      'CONFIGURATION',
      `there is no secret file ${printable(path)}; name an existing one with --secret-file, or ${WHAT_IT_IS}`
    )
  }
  return content.toString('utf8')
}

/** If someone passes a secret instead of the file's name, the error about the file must not show it. */
function refuseSecretAsPath(path: string): void {
  if (basename(path).startsWith(PREFIX)) {
    throw new PotluckError(
      'CONFIGURATION',
      'the path of the secret file is itself a secret, and everyone on this machine can read it there: write it into a file and name that file; better, make a new secret'
    )
  }
}

function parse(text: string, source: string): RootSecret {
  const [, encoded = ''] = LINE.exec(text.trim()) ?? []
  const key = Buffer.from(encoded, 'base64url')
  // The last character has spare bits: each secret has only one spelling.
  if (key.byteLength !== SECRET_BYTE_LENGTH || key.toString('base64url') !== encoded) {
    throw new PotluckError('CONFIGURATION', `${source} does not hold a secret of Potluck; ${WHAT_IT_IS}`)
  }
  return new Secret(key)
}

class Secret implements RootSecret {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  proofOf(statement: Uint8Array): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(createHmac('sha256', this.#key).update(statement).digest())
  }

  isProof(proof: Uint8Array, statement: Uint8Array): boolean {
    const expected = this.proofOf(statement)
    return proof.byteLength === expected.byteLength && timingSafeEqual(proof, expected)
  }

  invitationKey({ coordinatorId, swarmId }: SwarmOfOne): Uint8Array<ArrayBuffer> {
    const info = `${INVITATION_DOMAIN} ${coordinatorId}`
    return new Uint8Array(hkdfSync('sha256', this.#key, swarmId, info, INVITATION_KEY_BYTE_LENGTH))
  }
}
