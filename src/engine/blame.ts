/**
 * How often a peer sent false bytes. Of whoever did so too often nothing more is asked, and nothing that it tells is
 * believed. Pure: only what was verified and found false goes in, to the peer that sent it and no other.
 */
import { MAX_FALSEHOODS } from './constants.ts'

export class Blame {
  #falsehoods = 0

  /** It sent a false chunk or false digests. @returns whether it is banned for this one, and was not before */
  add(): boolean {
    this.#falsehoods++
    return this.#falsehoods === MAX_FALSEHOODS
  }

  get isBanned(): boolean {
    return this.#falsehoods >= MAX_FALSEHOODS
  }
}
