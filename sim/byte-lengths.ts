/** The bytes of each message on a connection: its encoding by the protocol, and the overhead of Yamux and Noise. */
import { DIGEST_BYTE_LENGTH } from '#potluck/core/chunks.js'

/** Yamux cuts the bytes of a stream into frames of at most this length. */
const FRAME_BYTE_LENGTH = 64 * 1024

/** Per frame: Yamux's header of 12 bytes, Noise's length of 2 and its tag of 16. */
const FRAME_OVERHEAD_BYTES = 30

/** The length before each message: for most, below 128 bytes, one byte; at most three. */
const LENGTH_BYTES = 2

/** A root with its field's tag and length. */
const ROOT_BYTES = 34

/** A number of a message with its tag: usually at most the size of an id or an index. */
const NUMBER_BYTES = 4

/** A double, a number and a boolean with their tags, and the field around them. */
const STATUS_BYTES = 2 + 9 + NUMBER_BYTES + 2

/** The tag and the length of a repeated field's entry, or of packed numbers. */
const ENTRY_BYTES = 3

/** A chunk's index among others of its content. */
const INDEX_BYTES = 2

/** The numbers of a reply: id, byte length, and how long the ask waited. */
const REPLY_BYTES = 3 * NUMBER_BYTES

/** The ask for a chunk: its id, root and index. */
export const ASK_BYTE_LENGTH = onConnection(NUMBER_BYTES + ROOT_BYTES + NUMBER_BYTES)

/** An open slot: its id only. */
export const SLOT_BYTE_LENGTH = onConnection(NUMBER_BYTES)

/** The ask for digests: the root, from where, and how many. */
export const DIGESTS_ASK_BYTE_LENGTH = onConnection(ROOT_BYTES + 2 * NUMBER_BYTES)

/** An ask's id, with the note that it is taken back. */
export const CANCEL_BYTE_LENGTH = onConnection(NUMBER_BYTES + 2)

/** A reply without a chunk: the ask's id, and the reason. */
export const REFUSAL_BYTE_LENGTH = onConnection(NUMBER_BYTES + 2)

/** A reply with a chunk. In the reply to a slot it names the chunk. */
export function replyByteLength(chunkByteLength: number, slot: boolean): number {
  return onConnection(REPLY_BYTES + (slot ? ROOT_BYTES + NUMBER_BYTES : 0) + chunkByteLength)
}

/** The digests of this many chunks. */
export function digestsByteLength(chunkCount: number): number {
  return onConnection(ROOT_BYTES + NUMBER_BYTES + ENTRY_BYTES + chunkCount * DIGEST_BYTE_LENGTH)
}

/** News of this many chunks of this many contents, with or without the status. */
export function newsByteLength(contents: number, chunks: number, status: boolean): number {
  return onConnection(
    contents * (2 * ENTRY_BYTES + ROOT_BYTES) + chunks * INDEX_BYTES + (status ? STATUS_BYTES : 0)
  )
}

/** The holdings of this many contents, with this many bytes of bitfields. */
export function holdingsByteLength(contents: number, bitfieldBytes: number): number {
  return onConnection(contents * (2 * ENTRY_BYTES + ROOT_BYTES) + bitfieldBytes + STATUS_BYTES)
}

function onConnection(byteLength: number): number {
  const framed = LENGTH_BYTES + byteLength
  return framed + Math.ceil(framed / FRAME_BYTE_LENGTH) * FRAME_OVERHEAD_BYTES
}
