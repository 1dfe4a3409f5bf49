/**
 * The errors that people see, each with a code that says the same to machines.
 *
 * A message says what happened, to what, and what to do next. It is shown as it is, without a stack trace.
 */

import { withSystemWords } from './system-errors.ts'

/** Exit codes of the commands, by the reason for the end. */
export const EXIT_CODES = {
  ok: 0,
  usage: 2,
  coordinator: 3,
  incomplete: 4,
  integrity: 5,
  disk: 6,
  interrupted: 130
} as const

/** What a command ends with, by the error that ends it. */
export const ERROR_EXIT_CODES = {
  /** A flag, a configuration file or a value in one cannot be used. */
  CONFIGURATION: EXIT_CODES.usage,
  /** The address to listen on is in use or is not this machine's. */
  LISTEN_FAILED: EXIT_CODES.usage,
  /** A shared path is missing, cannot be read, or has a name that others could not store. */
  SHARE_UNUSABLE: EXIT_CODES.usage,
  /** Another process works on the same collection folder. */
  COLLECTION_LOCKED: EXIT_CODES.usage,
  /** The coordinator could not be reached in time. */
  COORDINATOR_UNREACHABLE: EXIT_CODES.coordinator,
  /** The connection to the coordinator broke before the catalog was known. */
  COORDINATOR_LOST: EXIT_CODES.coordinator,
  /** The coordinator refused this peer, or its request, and said why. */
  REFUSED: EXIT_CODES.coordinator,
  /** The other side broke the protocol. */
  PROTOCOL: EXIT_CODES.coordinator,
  /** Chunks are missing, and no remaining peer has them. */
  INCOMPLETE: EXIT_CODES.incomplete,
  /** Bytes do not match their manifest, and no one has better ones. */
  INTEGRITY: EXIT_CODES.integrity,
  /** A read or write of the disk failed, or there is not enough room. */
  DISK: EXIT_CODES.disk,
  /** The user stopped it. */
  INTERRUPTED: EXIT_CODES.interrupted
} as const

export type ErrorCode = keyof typeof ERROR_EXIT_CODES

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_EXIT_CODES, text)
}

/** An error with a message for the person who runs the program. */
export class PotluckError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PotluckError'
    this.code = code
  }

  /**
   * The thrown value if it is such an error; otherwise one that has it as its cause. @param say the message, given the
   * reason
   */
  static of(error: unknown, code: ErrorCode, say: (why: string) => string): PotluckError {
    return error instanceof PotluckError
      ? error
      : new PotluckError(code, say(messageOf(error)), { cause: error })
  }

  /** The exit code of the process when this error ends it. */
  get exitCode(): number {
    return ERROR_EXIT_CODES[this.code]
  }
}

/** The system's code for the error, such as EADDRINUSE; undefined when there is none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown))
}

/** The message of any thrown value, for a person. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map(messageOf).join('; ')
  }
  return withSystemWords(error instanceof Error ? error.message : String(error))
}
