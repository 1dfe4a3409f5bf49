/**
 * Writes WebAssembly: the few instructions and sections that functions on one memory need, with the numbers of the core
 * specification, version 2.
 *
 * Instructions are functions of the code of their operands, so they read like expressions: `i32.add(local.get(0),
 * i32.constant(1))`.
 */

/** Bytes in their order; the nesting means nothing. */
export type Code = number | readonly Code[]

/** WebAssembly's unit of memory. */
export const PAGE_BYTE_LENGTH = 64 * 1024

/** Words of 32 bits. */
export const i32 = {
  constant: (value: number): Code => [0x41, signed(value | 0)],
  add: (x: Code, y: Code): Code => [x, y, 0x6a],
  and: (x: Code, y: Code): Code => [x, y, 0x71],
  or: (x: Code, y: Code): Code => [x, y, 0x72],
  xor: (x: Code, y: Code): Code => [x, y, 0x73],
  not: (x: Code): Code => i32.xor(x, i32.constant(-1)),
  rotateLeft: (x: Code, bits: number): Code => [x, i32.constant(bits), 0x77],
  load: (address: Code, byteOffset: number): Code => [address, 0x28, UNALIGNED, unsigned(byteOffset)],
  store: (address: Code, byteOffset: number, value: Code): Code => [
    address,
    value,
    0x36,
    UNALIGNED,
    unsigned(byteOffset)
  ]
}

export const local = {
  get: (index: number): Code => [0x20, unsigned(index)],
  set: (index: number, value: Code): Code => [value, 0x21, unsigned(index)]
}

/** Repeats the body as often as the local says, at least once, and leaves 0 in the local. */
export function repeat(countLocal: number, body: Code): Code {
  const decrement = local.set(countLocal, i32.add(local.get(countLocal), i32.constant(-1)))
  const branchUnlessZero = [local.get(countLocal), 0x0d, 0x00]
  return [0x03, NO_RESULT, body, decrement, branchUnlessZero, END]
}

export interface WasmFunction {
  /** Numbers of 32 bits, the locals from 0 on; there is no result. */
  parameterCount: number
  /** The number of further locals, which are such numbers too. */
  localCount: number
  body: Code
}

/** A module that exports the functions by their names, and the memory they work in as `memory`. */
export function encodeModule(
  functions: Readonly<Record<string, WasmFunction>>,
  pageCount: number
): Uint8Array<ArrayBuffer> {
  const named = Object.entries(functions)
  const types = named.map(([, { parameterCount }]) => [
    0x60,
    vector(new Array<Code>(parameterCount).fill(I32)),
    NOTHING
  ])
  const typeIndices = named.map((_, index) => unsigned(index))
  const memory = [BOTH_LIMITS, unsigned(pageCount), unsigned(pageCount)]
  const memoryExport = [text('memory'), 0x02, 0]
  const functionExports = named.map(([name], index) => [text(name), 0x00, unsigned(index)])
  const bodies = named.map(([, { localCount, body }]) =>
    sized([vector([[unsigned(localCount), I32]]), body, END])
  )
  return Uint8Array.from(
    bytesOf([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, types),
      section(3, typeIndices),
      section(5, [memory]),
      section(7, [memoryExport, ...functionExports]),
      section(10, bodies)
    ])
  )
}

const I32 = 0x7f
const END = 0x0b
const NO_RESULT = 0x40
const NOTHING = 0
const BOTH_LIMITS = 1

/** Any address is allowed; promising alignment makes nothing faster. */
const UNALIGNED = 0

function section(id: number, items: readonly Code[]): Code {
  return [id, sized(vector(items))]
}

function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), items]
}

function sized(code: Code): Code {
  const bytes = bytesOf(code)
  return [unsigned(bytes.length), bytes]
}

function text(name: string): Code {
  return sized([...new TextEncoder().encode(name)])
}

/** LEB128: 7 bits per byte, the lowest first; the highest bit of a byte says that more follow. */
function unsigned(value: number): Code {
  return value < 0x80 ? value : [(value & 0x7f) | 0x80, unsigned(value >>> 7)]
}

/** The same for signed numbers of 32 bits; bit 6 of the last byte gives the sign. */
function signed(value: number): Code {
  return value >= -0x40 && value < 0x40 ? value & 0x7f : [(value & 0x7f) | 0x80, signed(value >> 7)]
}

function bytesOf(code: Code): number[] {
  const bytes: number[] = []
  append(code, bytes)
  return bytes
}

function append(code: Code, bytes: number[]): void {
  if (typeof code === 'number') {
    bytes.push(code)
    return
  }
  for (const part of code) {
    append(part, bytes)
  }
}
