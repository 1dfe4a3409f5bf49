/**
 * The socket option TCP_NOTSENT_LOWAT, which Node has no call for: set through koffi, which calls C functions of the
 * process. koffi is optional, and all goes on without it, with longer waits on slow links.
 */
import { debuglog } from 'node:util'
import { messageOf } from '../../protocols/errors.ts'

/** From the systems' <netinet/tcp.h>; the others have no such option, or none that is known here. */
const TCP_NOTSENT_LOWAT: Partial<Record<NodeJS.Platform, number>> = { linux: 25, darwin: 0x201 }

const IPPROTO_TCP = 6

const INT_BYTE_LENGTH = 4

/** @returns whether the system did it; it does not for what is no TCP socket */
export type SetUnsentLimit = (descriptor: number, byteLength: number) => boolean

/** Undefined where it cannot be set. */
export async function loadUnsentOption(): Promise<SetUnsentLimit | undefined> {
  const option = TCP_NOTSENT_LOWAT[process.platform]
  if (option === undefined) {
    return undefined
  }
  try {
    const { load } = await import('koffi')
    const setsockopt = load(null).func('int setsockopt(int, int, int, const int *, uint32_t)')
    return (descriptor, byteLength) =>
      setsockopt(descriptor, IPPROTO_TCP, option, [byteLength], INT_BYTE_LENGTH) === 0
  } catch (error) {
    debuglog('potluck')('send queues stay as long as the system makes them: %s', messageOf(error))
    return undefined
  }
}
