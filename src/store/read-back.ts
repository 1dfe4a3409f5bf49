/**
 * Reads a part file back when everything is here, before it gets its final name: another program may have cut,
 * overwritten or replaced it, and the renamed file must be the verified one.
 *
 * All of it is read at the very end. So each chunk's CRC-32 is kept from when it was verified; comparing it takes half
 * the time of SHA-256. It finds accidents; a malicious program can write to the file once it has its name.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { Bitfield } from '../core/bitfield.ts'
import { byteLengthOfChunk, chunkByteOffset, chunkCountOf } from '../core/chunks.ts'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import type { ChunkFile } from './chunk-file.ts'
import type { Descriptors } from './descriptors.ts'
import { MIN_NOTED_BYTE_LENGTH } from './hasher.ts'
import { type FileStamp, sameStamp, stampAt, untilSettled } from './stamps.ts'
import type { CheckedFile } from './stored-content.ts'

/** How much is read between two turns of the event loop. */
const TURN_BYTE_LENGTH = 1024 * 1024

/** A read of many chunks, between which other work is done. */
export class LongRead {
  readonly #signal: AbortSignal
  #byteLength = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** This much was read. @throws the signal's reason */
  async after(byteLength: number): Promise<void> {
    this.#byteLength += byteLength
    if (this.#byteLength >= TURN_BYTE_LENGTH) {
      this.#byteLength = 0
      await nextTurn()
      this.#signal.throwIfAborted()
    }
  }
}

/** A file that another program writes to may be quiet a moment later; if stamps are unstable, it never seems to be. */
const MAX_ATTEMPTS = 2

/** A file that loses something this often when all was here is not fetched again for ever. */
const MAX_SPOILT = 5

export interface ReadBackInit {
  file: ChunkFile
  held: Bitfield
  descriptors: Descriptors
  signal: AbortSignal
  lose(chunkIndex: number): void
}

export class ReadBack {
  readonly #init: ReadBackInit
  /** By chunk; 0 if it is not known, which requires SHA-256. */
  readonly #checksums: Uint32Array
  #inode: bigint | undefined
  /** How often something was lost when all was here. */
  #spoilt = 0

  constructor(init: ReadBackInit) {
    this.#init = init
    this.#checksums = new Uint32Array(chunkCountOf(init.file.extent))
  }

  /** The inode of the file that chunks are written to; by default of what has the path now. */
  begin(inode = stampAt(this.#init.file.path)?.inode): void {
    this.#inode = inode
  }

  /** The chunk is there, verified. */
  note(chunkIndex: number, bytes: Uint8Array): void {
    this.#checksums[chunkIndex] = crc32(bytes)
  }

  /**
   * Reads all of it. Chunks that are no longer as verified are lost.
   *
   * @returns when that was, and the file's stamp then; undefined when something was lost
   * @throws PotluckError DISK when it is another file by now, the system's error, or the signal's reason
   */
  async run(): Promise<CheckedFile | undefined> {
    const { descriptors, file } = this.#init
    const { extent, path } = file
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const stamp = this.#restore()
      // The file that has the name is the one that will be renamed.
      descriptors.closeUnlessSame(path, stamp.inode)
      if (extent.byteLength >= MIN_NOTED_BYTE_LENGTH) {
        await untilSettled(stamp)
      }
      const readAtMs = Date.now()
      if (!(await this.#readAll())) {
        this.#countSpoilt()
        return undefined
      }
      if (sameStamp(stamp, this.#restore())) {
        return { stamp, readAtMs, isEarlier: false }
      }
    }
    return { stamp: undefined, readAtMs: Date.now(), isEarlier: false }
  }

  /** @returns whether all is there */
  async #readAll(): Promise<boolean> {
    const { file, signal, descriptors, held, lose } = this.#init
    const { extent, path } = file
    const reading = new LongRead(signal)
    let isWhole = true
    for (const chunkIndex of held.held()) {
      if (!this.#isAsVerified(chunkIndex, descriptors.scratch(byteLengthOfChunk(extent, chunkIndex)))) {
        isWhole = false
        this.#checkOwn(stampAt(path))
        lose(chunkIndex)
      }
      await reading.after(extent.chunkByteLength)
    }
    return isWhole && held.complete
  }

  #isAsVerified(chunkIndex: number, scratch: Uint8Array): boolean {
    const { file } = this.#init
    const checksum = this.#checksums[chunkIndex] ?? 0
    return (
      file.fill(scratch, chunkByteOffset(file.extent, chunkIndex)) &&
      (checksum === 0 ? file.isChunk(scratch, chunkIndex) : crc32(scratch) === checksum)
    )
  }

  /**
   * The stamp of the file that has the name, with its length restored. @throws PotluckError DISK when that is no longer
   * a file
   */
  #restore(): FileStamp {
    const { descriptors, file } = this.#init
    const { extent, path } = file
    const stamp = stampAt(path)
    if (stamp === undefined || stamp.byteLength === extent.byteLength) {
      return stamp ?? this.#checkOwn(stamp)
    }
    this.#checkOwn(stamp)
    descriptors.create(path, extent.byteLength)
    return stampAt(path) ?? this.#checkOwn(undefined)
  }

  /**
   * Leaves alone what someone else put there. @throws PotluckError DISK unless it is the file that chunks were written
   * to
   */
  #checkOwn(stamp: FileStamp | undefined): FileStamp {
    if (stamp !== undefined && stamp.inode === this.#inode) {
      return stamp
    }
    throw new PotluckError(
      'DISK',
      `another program replaced ${printable(this.#init.file.path)}; end that program and start this peer again`
    )
  }

  /** @throws PotluckError DISK when another program keeps writing to the file */
  #countSpoilt(): void {
    this.#spoilt++
    if (this.#spoilt >= MAX_SPOILT) {
      throw new PotluckError(
        'DISK',
        `another program keeps writing to ${printable(this.#init.file.path)}; end it, and start this peer again`
      )
    }
  }
}
