/**
 * The files that chunks are read from and written to, open while they are in use: a limited number; the one unused for
 * the longest is closed first.
 *
 * All calls are synchronous: they run in a thread of their own, and reading a chunk is faster than waiting for it.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { hasCode } from '../core/system-errors.ts'
import { NO_FOLLOW } from './durable.ts'
import { type FileStamp, stampOf } from './stamps.ts'

/**
 * Far below the usual limit of 1,024, most of which connections need. More than the contents that wait to be finished
 * (MAX_BACKGROUND): a tiny file is opened once to be written, synced and read back.
 */
const MAX_OPEN_FILES = 256

export type Access = 'read' | 'write'

interface OpenFile {
  descriptor: number
  /** How many asynchronous calls use it: it must not be closed during them. */
  uses: number
  /** Whether to close it when they are done. */
  dropped: boolean
  /** Of a file that `create` made or opened. */
  inode?: bigint
}

// A pipe that took a file's place would block the thread until someone wrote to it.
export const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
const WRITE_FLAGS = constants.O_RDWR | NO_FOLLOW
const FLAGS = { read: READ_FLAGS, write: WRITE_FLAGS, create: WRITE_FLAGS | constants.O_CREAT }

export class Descriptors {
  /** In the order of their last use. */
  readonly #open = new Map<string, OpenFile>()
  readonly #maxOpenFiles: number
  #scratch = new Uint8Array()

  constructor(maxOpenFiles = MAX_OPEN_FILES) {
    this.#maxOpenFiles = maxOpenFiles
  }

  /** Fills `bytes` from the offset on; fewer when the file ends before. @returns how many bytes were read */
  read(path: string, access: Access, bytes: Uint8Array, byteOffset: number): number {
    return readFully(this.#use(path, access).descriptor, bytes, byteOffset)
  }

  /** The stamp of the file that `read` reads. */
  stamp(path: string, access: Access): FileStamp {
    return stampOf(fstatSync(this.#use(path, access).descriptor, { bigint: true }))
  }

  /** Lends the descriptor for one call. */
  use<T>(path: string, access: Access, call: (descriptor: number) => T): T {
    return call(this.#use(path, access).descriptor)
  }

  /** Bytes to read into; the next call returns the same ones. */
  scratch(byteLength: number): Uint8Array<ArrayBuffer> {
    if (this.#scratch.byteLength < byteLength) {
      this.#scratch = new Uint8Array(byteLength)
    }
    return this.#scratch.subarray(0, byteLength)
  }

  write(path: string, bytes: Uint8Array, byteOffset: number): void {
    const { descriptor } = this.#use(path, 'write')
    let written = 0
    while (written < bytes.byteLength) {
      written += writeSync(descriptor, bytes, written, bytes.byteLength - written, byteOffset + written)
    }
  }

  /**
   * Makes a file of the length, or gives an existing one that length.
   *
   * @param isFilled whether all of it is written next, which makes a shorter one as long
   * @returns its inode
   */
  create(path: string, byteLength: number, isFilled = false): bigint {
    const file = this.#use(path, 'create')
    const { size, ino } = fstatSync(file.descriptor, { bigint: true })
    file.inode = ino
    // Not every file system can change a file's length, even to its present length.
    if (Number(size) > byteLength || (Number(size) < byteLength && !isFilled)) {
      ftruncateSync(file.descriptor, byteLength)
    }
    return ino
  }

  /** Lends the descriptor to asynchronous work; it stays open until that is over. */
  async lend<T>(path: string, access: Access, borrow: (descriptor: number) => Promise<T>): Promise<T> {
    const file = this.#use(path, access)
    file.uses++
    try {
      return await borrow(file.descriptor)
    } finally {
      file.uses--
      if (file.dropped && file.uses === 0) {
        closeSync(file.descriptor)
      }
    }
  }

  /**
   * Does work that opens files by itself. If the process may open no more, it closes the files open here and tries once
   * again.
   */
  async withRoom<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!hasCode(error, 'EMFILE', 'ENFILE') || this.#open.size === 0) {
        throw error
      }
      this.#closeDownTo(0)
      return await work()
    }
  }

  /** To be called when another file gets the name, or this one another name. */
  close(path: string): void {
    const file = this.#open.get(path)
    if (file === undefined) {
      return
    }
    this.#open.delete(path)
    file.dropped = true
    if (file.uses === 0) {
      closeSync(file.descriptor)
    }
  }

  /** What is read next is the file that has the name: a file that is known to have that inode stays open. */
  closeUnlessSame(path: string, inode: bigint): void {
    // Some file systems give all files the number 0.
    if (inode === 0n || this.#open.get(path)?.inode !== inode) {
      this.close(path)
    }
  }

  closeAll(): void {
    for (const path of [...this.#open.keys()]) {
      this.close(path)
    }
  }

  #use(path: string, access: keyof typeof FLAGS): OpenFile {
    const file = this.#open.get(path) ?? this.#openFile(path, access)
    this.#open.delete(path)
    this.#open.set(path, file)
    return file
  }

  #openFile(path: string, access: keyof typeof FLAGS): OpenFile {
    this.#closeDownTo(this.#maxOpenFiles - 1)
    const flags = FLAGS[access]
    try {
      return { descriptor: openSync(path, flags, 0o666), uses: 0, dropped: false }
    } catch (error) {
      if (!hasCode(error, 'EMFILE', 'ENFILE') || this.#open.size === 0) {
        throw error
      }
    }
    // The process has no more descriptors: make do with fewer.
    this.#closeDownTo(0)
    return { descriptor: openSync(path, flags, 0o666), uses: 0, dropped: false }
  }

  #closeDownTo(count: number): void {
    for (const [path, { uses }] of this.#open) {
      if (this.#open.size <= count) {
        return
      }
      // Lent files would stay open all the same.
      if (uses === 0) {
        this.close(path)
      }
    }
  }
}

/** Reads until the bytes are filled or the file ends. @returns how many were read */
export function readFully(descriptor: number, bytes: Uint8Array, byteOffset: number): number {
  let filled = 0
  for (let count = -1; count !== 0 && filled < bytes.byteLength; filled += count) {
    count = readSync(descriptor, bytes, filled, bytes.byteLength - filled, byteOffset + filled)
  }
  return filled
}
