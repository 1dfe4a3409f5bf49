/** Torrents of one file, for the BitTorrent systems: bencoding (BEP 3) and SHA-1 of the pieces. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** The same length as this project's chunks, so that it gives no system an advantage. */
const PIECE_BYTE_LENGTH = 256 * 1024

const SHA1_BYTE_LENGTH = 20

export type Bencodable =
  | number
  | string
  | Uint8Array
  | readonly Bencodable[]
  | { readonly [key: string]: Bencodable }

export function bencode(value: Bencodable): Buffer {
  if (typeof value === 'number') {
    return Buffer.from(`i${value}e`)
  }
  if (typeof value === 'string') {
    return bencode(Buffer.from(value))
  }
  if (value instanceof Uint8Array) {
    return Buffer.concat([Buffer.from(`${value.byteLength}:`), value])
  }
  if (isList(value)) {
    return Buffer.concat([Buffer.from('l'), ...value.map(bencode), Buffer.from('e')])
  }
  // Our keys are ASCII, so this is also the required order of their bytes.
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([
    Buffer.from('d'),
    ...pairs.flatMap(([key, held]) => [bencode(key), bencode(held)]),
    Buffer.from('e')
  ])
}

/** The torrent of the file at the path. */
export async function torrentOf(path: string, name: string, announce: string): Promise<Buffer> {
  const digests: Buffer[] = []
  let byteLength = 0
  for await (const piece of piecesOf(path)) {
    digests.push(createHash('sha1').update(piece).digest())
    byteLength += piece.byteLength
  }
  const pieces = Buffer.concat(digests, digests.length * SHA1_BYTE_LENGTH)
  // Private: peers are found through the tracker only.
  const info = { length: byteLength, name, 'piece length': PIECE_BYTE_LENGTH, pieces, private: 1 }
  return bencode({ announce, info })
}

async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  // A file's stream fills its buffer completely, except at the end of the file.
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTE_LENGTH })) {
    if (Buffer.isBuffer(piece)) {
      yield piece
    }
  }
}

/** `Array.isArray` does not narrow the type of readonly arrays. */
function isList(value: Bencodable): value is readonly Bencodable[] {
  return Array.isArray(value)
}
