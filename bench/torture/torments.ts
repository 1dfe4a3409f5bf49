/** What a torment is: something that is done to Potluck over and over, after each of which its promise is looked at. */

export interface TormentOptions {
  /** How often. */
  count: number
  /** Decides all that is random. */
  seed: number
  signal: AbortSignal
  onProgress(done: number): void
}

export interface Torment {
  /** One word, for `--only`. */
  name: string
  what: string
  /** What is counted. */
  unit: string
  /** How many make the whole torment. */
  figure: number
  /** How long that takes, on two cores of a cloud machine. */
  minutes: number
  /** Rejects as soon as the promise is broken. */
  run(options: TormentOptions): Promise<void>
}
