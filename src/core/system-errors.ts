/**
 * The names of the operating system's errors. Node knows the errors that libuv knows. Linux has more, mostly of network
 * file systems and quotas, which Node reports as "Unknown system error -122".
 */

/** By Linux's number: the code, and the text of its C library. */
const UNKNOWN_TO_NODE: Readonly<Record<string, readonly [string, string]>> = {
  35: ['EDEADLK', 'resource deadlock avoided'],
  37: ['ENOLCK', 'no locks available'],
  42: ['ENOMSG', 'no message of desired type'],
  43: ['EIDRM', 'identifier removed'],
  52: ['EBADE', 'invalid exchange'],
  61: ['ENODATA', 'no data available'],
  62: ['ETIME', 'timer expired'],
  64: ['ENONET', 'machine is not on the network'],
  65: ['ENOPKG', 'package not installed'],
  66: ['EREMOTE', 'object is remote'],
  67: ['ENOLINK', 'link has been severed'],
  70: ['ECOMM', 'communication error on send'],
  72: ['EMULTIHOP', 'multihop attempted'],
  74: ['EBADMSG', 'bad message'],
  77: ['EBADFD', 'file descriptor in bad state'],
  78: ['EREMCHG', 'remote address changed'],
  116: ['ESTALE', 'stale file handle'],
  117: ['EUCLEAN', 'structure needs cleaning'],
  121: ['EREMOTEIO', 'remote I/O error'],
  122: ['EDQUOT', 'disk quota exceeded'],
  123: ['ENOMEDIUM', 'no medium found'],
  124: ['EMEDIUMTYPE', 'wrong medium type'],
  126: ['ENOKEY', 'required key not available'],
  127: ['EKEYEXPIRED', 'key has expired'],
  128: ['EKEYREVOKED', 'key has been revoked'],
  129: ['EKEYREJECTED', 'key was rejected by service'],
  133: ['EHWPOISON', 'memory page has hardware error']
}

/** As Node writes it: in the code, and once or twice at the start of the message. */
const UNKNOWN = /Unknown system error -(\d+)/
const UNKNOWN_IN_MESSAGE = /Unknown system error -(\d+)(?:: Unknown system error -\1)?/g

/** The code of a failed system call, such as "ENOLCK"; undefined when the error has none. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) {
    return undefined
  }
  const code = String(error.code)
  const [, number] = UNKNOWN.exec(code) ?? []
  return namesOf(number)?.[0] ?? code
}

export function hasCode(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  const code = systemCodeOf(error)
  return code !== undefined && codes.includes(code)
}

/** The answers of file systems without a sync: many network and FUSE file systems. */
export const NO_SYNC = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** The message, with the system's text for errors that Node has no name for. */
export function withSystemWords(message: string): string {
  return message.replace(UNKNOWN_IN_MESSAGE, (unknown: string, number: string) => {
    const names = namesOf(number)
    return names === undefined ? unknown : names.join(': ')
  })
}

/** Other systems number their errors differently. */
function namesOf(number: string | undefined): readonly [string, string] | undefined {
  return process.platform === 'linux' && number !== undefined ? UNKNOWN_TO_NODE[number] : undefined
}
