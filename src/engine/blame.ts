/**
 * Who sent false bytes, and how often. Of whoever did so too often nothing more is asked, and nothing that it tells is
 * believed. Pure: only what was verified and found false goes in, with the peer that sent it and no other.
 */
import { MAX_FALSEHOODS } from './constants.ts'

export class Blame {
  /** By peer, how often it sent false bytes. */
  readonly #falsehoods = new Map<string, number>()

  /** A peer sent a false chunk or false digests. @returns whether it is banned for this one, and was not before */
  add(peerId: string): boolean {
    const count = (this.#falsehoods.get(peerId) ?? 0) + 1
    this.#falsehoods.set(peerId, count)
    return count === MAX_FALSEHOODS
  }

  isBanned(peerId: string): boolean {
    return (this.#falsehoods.get(peerId) ?? 0) >= MAX_FALSEHOODS
  }

  get banned(): string[] {
    return [...this.#falsehoods.keys()].filter((peerId) => this.isBanned(peerId))
  }
}
