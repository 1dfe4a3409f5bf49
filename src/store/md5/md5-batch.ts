/** Gathers the input of several MD5s within a turn of the event loop, so that they take it side by side. */
import { Md5, type Md5Input } from './md5.ts'
import { Md5Lanes } from './md5-lanes.ts'

export class Md5Batch {
  #lanes: Md5Lanes | undefined
  #waiting: { input: Md5Input; onTaken: () => void }[] = []

  begin(): Md5 {
    this.#lanes ??= new Md5Lanes()
    return new Md5(this.#lanes)
  }

  /** Resolves when the MD5 has taken the bytes, at the end of this turn. It takes one input at a time. */
  update(input: Md5Input): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push({ input, onTaken: resolve }) === 1) {
        setImmediate(() => this.#take())
      }
    })
  }

  #take(): void {
    const taken = this.#waiting
    this.#waiting = []
    Md5.updateTogether(taken.map(({ input }) => input))
    for (const { onTaken } of taken) {
      onTaken()
    }
  }
}
