/** The messages of the chunk protocol, written and read as for every chunk. */
import { concat } from 'uint8arrays/concat'
import { DEFAULT_CHUNK_BYTE_LENGTH, DIGEST_BYTE_LENGTH } from '#potluck/core/chunks.js'
import { CHUNK_PROTOCOL } from '#potluck/protocols/chunk/index.js'
import { ChunkReply, ChunkRequest } from '#potluck/protocols/chunk/pb/messages.js'
import { ChunkReplyDecoder } from '#potluck/protocols/chunk/reply-decoder.js'
import { frame } from '#potluck/protocols/wire.js'
import type { Work } from './rounds.ts'

/** A round of this many takes a tenth of a second. */
const MESSAGES = 200_000

/** 64 MiB per round. */
const REPLIES = 256

/** The piece length of a secure connection: Noise's messages are 64 KiB minus its own bytes. */
const FRAME_BYTE_LENGTH = 65_519

const root = new Uint8Array(DIGEST_BYTE_LENGTH).fill(7)

export function codecWork(): Work[] {
  return [
    { name: `${CHUNK_PROTOCOL}: write a request`, unit: 'operations', round: writeRequests },
    { name: `${CHUNK_PROTOCOL}: read a request`, unit: 'operations', round: readRequests },
    { name: `${CHUNK_PROTOCOL}: read replies with chunks`, unit: 'MB', round: readReplies }
  ]
}

function writeRequests(begin: () => void): number {
  begin()
  for (let id = 0; id < MESSAGES; id++) {
    frame(ChunkRequest, { id, root, chunkIndex: id })
  }
  return MESSAGES
}

function readRequests(begin: () => void): number {
  const bytes = ChunkRequest.encode({ id: MESSAGES, root, chunkIndex: MESSAGES })
  begin()
  for (let count = 0; count < MESSAGES; count++) {
    ChunkRequest.decode(bytes)
  }
  return MESSAGES
}

function readReplies(begin: () => void): number {
  const header = frame(ChunkReply, {
    id: 1,
    status: ChunkReply.Status.OK,
    byteLength: DEFAULT_CHUNK_BYTE_LENGTH
  })
  const bytes = concat([header, new Uint8Array(DEFAULT_CHUNK_BYTE_LENGTH)])
  const target = new Uint8Array(DEFAULT_CHUNK_BYTE_LENGTH)
  const decoder = new ChunkReplyDecoder({ begin: () => target, end: () => undefined })
  begin()
  for (let count = 0; count < REPLIES; count++) {
    for (let offset = 0; offset < bytes.byteLength; offset += FRAME_BYTE_LENGTH) {
      decoder.push(bytes.subarray(offset, offset + FRAME_BYTE_LENGTH))
    }
  }
  return REPLIES * DEFAULT_CHUNK_BYTE_LENGTH
}
