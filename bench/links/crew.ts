/** The processes of one measurement: started in their places, watched together, ended together. */
import { unlessAborted } from '#potluck/cli/unless-aborted.js'
import { messageOf, PotluckError } from '#potluck/protocols/errors.js'
import { type Child, Children, endInWords, type ProgramCall } from '#potluck/swarm/children.js'
import type { Network } from './network.ts'

/** The last words of a process, shown when it fails. */
const KEPT_LINES = 10

export interface MemberInit {
  /** Of the host that it runs at. */
  at: string
  call: ProgramCall
  onOutput?(line: string): void
}

export class Crew {
  readonly #network: Network
  readonly #children = new Children()
  readonly #succeeded: Promise<void>[] = []
  readonly #failure: Promise<never>
  #fail: (error: unknown) => void = () => undefined
  #ending = false

  constructor(network: Network) {
    this.#network = network
    this.#failure = new Promise((_, reject) => {
      this.#fail = reject
    })
    // Whoever waits for something hears of it; where nobody waits, nothing is lost.
    this.#failure.catch(() => undefined)
  }

  start({ at, call, onOutput }: MemberInit): Child {
    const lastLines: string[] = []
    const child = this.#children.start({
      name: at,
      call: this.#network.callAt(at, call),
      onError: (line) => {
        lastLines.push(line)
        lastLines.splice(0, lastLines.length - KEPT_LINES)
      },
      onOutput: (line) => {
        try {
          onOutput?.(line)
        } catch (error) {
          this.#fail(
            new PotluckError('INCOMPLETE', `${at} printed what nobody can read: ${messageOf(error)}`)
          )
        }
      }
    })
    this.#succeeded.push(
      child.ended.then((end) => {
        if (!this.#ending && !('exitCode' in end && end.exitCode === 0)) {
          const said = lastLines.length === 0 ? '' : `: ${lastLines.join('; ')}`
          this.#fail(new PotluckError('INCOMPLETE', `${at} ${endInWords(end)}${said}`))
        }
      })
    )
    return child
  }

  /** What the promise comes to. @throws PotluckError INCOMPLETE when a process fails before; the signal's reason */
  async until<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
    return await unlessAborted(Promise.race([promise, this.#failure]), signal)
  }

  /** Resolves when all have ended by themselves. */
  async ended(signal: AbortSignal): Promise<void> {
    await this.until(Promise.all(this.#succeeded), signal)
  }

  /** Ends those that still run. */
  async end(): Promise<void> {
    this.#ending = true
    await this.#children.endAll()
  }
}
