/**
 * How often a peer sent false bytes. Of whoever did so too often nothing more is asked, and nothing that it tells is
 * believed. Pure: only what was verified and found false goes in, to the peer that sent it and no other.
 */
import { MAX_ADMISSIONS, MAX_FALSEHOODS } from './constants.ts'

export class Blame {
  #falsehoods = 0
  #admissions = 0

  /** It sent a false chunk or false digests. @returns whether it is banned for this one, and was not before */
  add(): boolean {
    this.#falsehoods++
    return this.#falsehoods === MAX_FALSEHOODS
  }

  /** It says that its disk spoilt what it sent. That excuses one falsehood, unless it is banned already. */
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
