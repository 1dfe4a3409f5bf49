/**
 * Counts how often each peer sent corrupt data. A peer that did so too often is banned: it is asked for nothing more,
 * and nothing that it announces is believed. Pure: only data that was verified and found corrupt counts, against its
 * sender and no other.
 */
import { MAX_ADMISSIONS, MAX_FALSEHOODS } from './constants.ts'

export class Blame {
  #falsehoods = 0
  #admissions = 0

  /** It sent a corrupt chunk or corrupt digests. @returns whether this one gets it banned */
  add(): boolean {
    this.#falsehoods++
    return this.#falsehoods === MAX_FALSEHOODS
  }

  /** It says that its disk corrupted the data. That excuses one occurrence, unless it is banned already. */
  admit(): void {
    if (!this.isBanned && this.#falsehoods > 0 && this.#admissions < MAX_ADMISSIONS) {
      this.#admissions++
      this.#falsehoods--
    }
  }

  get isBanned(): boolean {
    return this.#falsehoods >= MAX_FALSEHOODS
  }
}
