/** A torment does something to Potluck over and over, and checks its promise each time. */

export interface TormentOptions {
  /** How often. */
  count: number
  /** The seed of everything random. */
  seed: number
  signal: AbortSignal
  onProgress(done: number): void
}

export interface Torment {
  /** One word, for `--only`. */
  name: string
  what: string
  /** The unit of the count. */
  unit: string
  /** The count of the whole torment. */
  figure: number
  /** Its duration, on two cores of a cloud machine. */
  minutes: number
  /** Rejects as soon as the promise is broken. */
  run(options: TormentOptions): Promise<void>
}
