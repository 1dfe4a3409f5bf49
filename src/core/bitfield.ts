/** The set of the chunks that a peer has of one file. */

export class Bitfield {
  /** How many chunks the file has. */
  readonly length: number
  readonly #bytes: Uint8Array
  #count = 0

  constructor(length: number) {
    this.length = length
    this.#bytes = new Uint8Array(Math.ceil(length / 8))
  }

  static full(length: number): Bitfield {
    const bitfield = new Bitfield(length)
    for (let index = 0; index < length; index++) {
      bitfield.add(index)
    }
    return bitfield
  }

  /**
   * Reads the output of `toBytes`.
   *
   * @throws RangeError when the bytes do not fit a file with `length` chunks: wrong length, or bits past the end
   */
  static fromBytes(bytes: Uint8Array, length: number): Bitfield {
    const bitfield = new Bitfield(length)
    if (bytes.byteLength !== bitfield.#bytes.byteLength) {
      throw new RangeError(
        `a bitfield of ${length} chunks has ${bitfield.#bytes.byteLength} bytes, not ${bytes.byteLength}`
      )
    }
    bitfield.#bytes.set(bytes)
    for (const byte of bytes) {
      bitfield.#count += bitCount(byte)
    }
    for (let index = length; index < bytes.byteLength * 8; index++) {
      if (bitfield.#bit(index)) {
        throw new RangeError(`a bitfield of ${length} chunks claims chunk ${index}`)
      }
    }
    return bitfield
  }

  get count(): number {
    return this.#count
  }

  /** Whether the set has every chunk; true for an empty file. */
  get complete(): boolean {
    return this.#count === this.length
  }

  has(index: number): boolean {
    return Number.isInteger(index) && index >= 0 && index < this.length && this.#bit(index)
  }

  /** Returns whether the chunk is new to the set. @throws RangeError when the file has no such chunk */
  add(index: number): boolean {
    this.#check(index)
    if (this.#bit(index)) {
      return false
    }
    this.#bytes[index >> 3] = (this.#bytes[index >> 3] ?? 0) | (0x80 >> (index & 7))
    this.#count++
    return true
  }

  /** Returns whether the chunk was in the set. @throws RangeError when the file has no such chunk */
  delete(index: number): boolean {
    this.#check(index)
    if (!this.#bit(index)) {
      return false
    }
    this.#bytes[index >> 3] = (this.#bytes[index >> 3] ?? 0) & ~(0x80 >> (index & 7))
    this.#count--
    return true
  }

  /** The indices of the chunks in the set, in ascending order. */
  *held(): Generator<number> {
    for (let index = 0; index < this.length; index++) {
      if (this.#bit(index)) {
        yield index
      }
    }
  }

  /**
   * The set as a small picture. It divides the file into so many stretches of about equal length, but no more than
   * there are chunks. Each has the share of its chunks in the set, from 0, none, to 255, all.
   */
  shares(maxCells: number): Uint8Array<ArrayBuffer> {
    const cells = new Uint8Array(Math.min(maxCells, this.length))
    for (let cell = 0; cell < cells.length; cell++) {
      const start = Math.floor((cell * this.length) / cells.length)
      const end = Math.floor(((cell + 1) * this.length) / cells.length)
      const held = this.#countIn(start, end)
      cells[cell] = held === end - start ? 255 : Math.ceil((held * 254) / (end - start))
    }
    return cells
  }

  /** A copy, in bytes: chunk i is the bit i % 8, from the most significant, of byte i / 8. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes)
  }

  /** How many of the chunks from `start` on and before `end` are in the set. */
  #countIn(start: number, end: number): number {
    let count = 0
    for (let index = start; index < end; ) {
      if ((index & 7) === 0 && end - index >= 8) {
        count += bitCount(this.#bytes[index >> 3] ?? 0)
        index += 8
      } else {
        count += this.#bit(index) ? 1 : 0
        index++
      }
    }
    return count
  }

  #bit(index: number): boolean {
    return ((this.#bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0
  }

  #check(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`no chunk ${index} in a file of ${this.length} chunks`)
    }
  }
}

function bitCount(byte: number): number {
  let count = 0
  for (let rest = byte; rest !== 0; rest &= rest - 1) {
    count++
  }
  return count
}
