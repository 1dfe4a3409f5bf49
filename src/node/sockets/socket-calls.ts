/**
 * Options and information of TCP sockets that Node has no call for, through koffi, which calls C functions of the
 * process. koffi is optional; without it everything works, with longer waits on slow links.
 */
import { endianness } from 'node:os'
import { debuglog } from 'node:util'
import { messageOf } from '../../core/errors.ts'
import type { SocketProgress } from './uplink-pace.ts'

/** From the systems' <netinet/tcp.h>; the others have no such option, or none that is known here. */
const TCP_NOTSENT_LOWAT: Partial<Record<NodeJS.Platform, number>> = { linux: 25, darwin: 0x201 }

const IPPROTO_TCP = 6

const INT_BYTE_LENGTH = 4

/** Only on Linux, whose kernel keeps its struct tcp_info stable and only adds to its end. */
const TCP_INFO = 11

/** Their places in struct tcp_info, from <linux/tcp.h>. */
const TCP_INFO_AT = { unackedSegments: 24, rttMicroseconds: 68, bytesAcked: 120, notsentBytes: 144 }

/** Its least length; kernels from 4.6 on fill it. */
const TCP_INFO_BYTE_LENGTH = 148

const isLittleEndian = endianness() === 'LE'

/** The calls that this system has. */
export interface SocketCalls {
  /** @returns whether the system did it; it refuses for anything but a TCP socket */
  setUnsentLimit(descriptor: number, byteLength: number): boolean
  /** Undefined when the system does not say. */
  progressOf(descriptor: number): SocketProgress | undefined
}

/** Undefined when there are none. */
export async function loadSocketCalls(): Promise<SocketCalls | undefined> {
  const option = TCP_NOTSENT_LOWAT[process.platform]
  if (option === undefined) {
    return undefined
  }
  try {
    const { load } = await import('koffi')
    const library = load(null)
    const setsockopt = library.func('int setsockopt(int, int, int, const int *, uint32_t)')
    const getsockopt = library.func('int getsockopt(int, int, int, void *, _Inout_ uint32_t *)')
    const info = new DataView(new ArrayBuffer(TCP_INFO_BYTE_LENGTH))
    const bytes = new Uint8Array(info.buffer)
    return {
      setUnsentLimit: (descriptor, byteLength) =>
        setsockopt(descriptor, IPPROTO_TCP, option, [byteLength], INT_BYTE_LENGTH) === 0,
      progressOf: (descriptor) => {
        const length = [TCP_INFO_BYTE_LENGTH]
        const isTold =
          process.platform === 'linux' &&
          getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, bytes, length) === 0 &&
          length[0] === TCP_INFO_BYTE_LENGTH
        return isTold ? progressIn(info) : undefined
      }
    }
  } catch (error) {
    debuglog('potluck')('send queues stay as long as the system makes them: %s', messageOf(error))
    return undefined
  }
}

function progressIn(info: DataView): SocketProgress {
  return {
    ackedByteLength: Number(info.getBigUint64(TCP_INFO_AT.bytesAcked, isLittleEndian)),
    isWaiting: info.getUint32(TCP_INFO_AT.unackedSegments, isLittleEndian) > 0,
    unsentByteLength: info.getUint32(TCP_INFO_AT.notsentBytes, isLittleEndian),
    roundTripMs: info.getUint32(TCP_INFO_AT.rttMicroseconds, isLittleEndian) / 1000
  }
}
