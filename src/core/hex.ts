/**
 * Bytes as lower-case hexadecimal text. It runs for every chunk that is asked for and sent; general functions are
 * slower.
 */

const DIGITS = '0123456789abcdef'

const TEXT_OF_BYTE: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `${DIGITS[byte >>> 4]}${DIGITS[byte & 0xf]}`
)

const BYTE_OF_TEXT: ReadonlyMap<string, number> = new Map(TEXT_OF_BYTE.map((text, byte) => [text, byte]))

/** @throws RangeError when the text is not hexadecimal */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil(text.length / 2))
  for (let index = 0; index < bytes.length; index++) {
    const byte = BYTE_OF_TEXT.get(text.slice(2 * index, 2 * index + 2))
    if (byte === undefined) {
      throw new RangeError('not lower-case hexadecimal')
    }
    bytes[index] = byte
  }
  return bytes
}

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    text += TEXT_OF_BYTE[byte]
  }
  return text
}
