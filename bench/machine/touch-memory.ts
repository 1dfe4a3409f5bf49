/** Allocates this many bytes of memory, writes to all of them, and ends: `node touch-memory.js <bytes>`. */

const PIECE_BYTE_LENGTH = 256 * 1024 * 1024

const byteLength = Number(process.argv[2])
const held: Buffer[] = []
for (let touched = 0; touched < byteLength; touched += PIECE_BYTE_LENGTH) {
  held.push(Buffer.alloc(Math.min(PIECE_BYTE_LENGTH, byteLength - touched), 1))
}
