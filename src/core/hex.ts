/** Bytes as text, in lower-case hexadecimal. */
import { fromString } from 'uint8arrays/from-string'
import { toString as toText } from 'uint8arrays/to-string'

/** @throws Error when the text is none */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(fromString(text, 'hex'))
}

export function toHex(bytes: Uint8Array): string {
  return toText(bytes, 'hex')
}
