/** In what part of the time something is so, from 0 to 1, of late. Pure: the time comes in, in milliseconds. */
export class TimePart {
  readonly #smoothingMs: number
  #part: number
  #isSo: boolean
  #sinceMs: number | undefined

  /**
   * @param smoothingMs what was so long ago counts for a third of what is now
   * @param isSo before anything is said
   */
  constructor(smoothingMs: number, isSo: boolean) {
    this.#smoothingMs = smoothingMs
    this.#isSo = isSo
    this.#part = isSo ? 1 : 0
  }

  /** Up to the time of the last `set`. */
  get part(): number {
    return this.#part
  }

  /** From now on it is so, or is not. */
  set(isSo: boolean, nowMs: number): void {
    const kept = Math.exp(-(nowMs - (this.#sinceMs ?? nowMs)) / this.#smoothingMs)
    this.#part = kept * this.#part + (1 - kept) * (this.#isSo ? 1 : 0)
    this.#isSo = isSo
    this.#sinceMs = nowMs
  }
}
