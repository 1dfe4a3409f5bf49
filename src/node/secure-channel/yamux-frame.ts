/** Yamux's frames: a header of twelve bytes, and for data as many bytes as the header says. */

export const HEADER_BYTE_LENGTH = 12

const VERSION = 0

export const FrameType = { DATA: 0, WINDOW_UPDATE: 1, PING: 2, GO_AWAY: 3 } as const
export type FrameType = (typeof FrameType)[keyof typeof FrameType]

export const Flag = { SYN: 1, ACK: 2, FIN: 4, RST: 8 } as const

/** Why a connection ends, in the `length` of a GO_AWAY. */
export const GoAway = { NORMAL: 0, PROTOCOL_ERROR: 1, INTERNAL_ERROR: 2 } as const

/** `length` is that of the data, the growth of the window, a ping's id, or why the connection ends. */
export interface FrameHeader {
  type: number
  flags: number
  streamId: number
  length: number
}

/** The other side sent what Yamux does not allow. */
export class YamuxViolation extends Error {
  override readonly name = 'YamuxViolation'
}

export function encodeHeader({ type, flags, streamId, length }: FrameHeader, target: Uint8Array): void {
  target[0] = VERSION
  target[1] = type
  target[2] = flags >>> 8
  target[3] = flags
  putUint32(target, 4, streamId)
  putUint32(target, 8, length)
}

/** @throws YamuxViolation */
export function decodeHeader(bytes: Uint8Array, header: FrameHeader): void {
  const [version, type = 0, high = 0, low = 0] = bytes
  if (version !== VERSION) {
    throw new YamuxViolation(`a frame of version ${version}`)
  }
  header.type = type
  header.flags = (high << 8) | low
  header.streamId = uint32At(bytes, 4)
  header.length = uint32At(bytes, 8)
}

function putUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24
  target[offset + 1] = value >>> 16
  target[offset + 2] = value >>> 8
  target[offset + 3] = value
}

function uint32At(bytes: Uint8Array, offset: number): number {
  const at = (index: number): number => bytes[offset + index] ?? 0
  return ((at(0) << 24) | (at(1) << 16) | (at(2) << 8) | at(3)) >>> 0
}
