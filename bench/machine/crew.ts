/** The processes of one measurement: started in their places, watched together, ended together. */
import { unlessAborted } from '#potluck/cli/unless-aborted.js'
import { messageOf, PotluckError } from '#potluck/core/errors.js'
import {
  type Child,
  type ChildEnd,
  Children,
  endInWords,
  type ProgramCall
} from '#potluck/local-run/children.js'

/** The last output of a process, shown when it fails. */
const KEPT_LINES = 10

/** How to run programs in their places. */
export interface Launcher {
  /** The program, changed to run at the place with this name. */
  callAt(name: string, call: ProgramCall): ProgramCall
}

/** All run unchanged, on this machine. */
export const THIS_MACHINE: Launcher = { callAt: (_, call) => call }

export interface MemberInit {
  /** The place that it runs at. */
  at: string
  call: ProgramCall
  /** Called with the process's id. */
  onStart?(processId: number): void
  onOutput?(line: string): void
}

export class Crew {
  readonly #launcher: Launcher
  readonly #children = new Children()
  readonly #succeeded: Promise<void>[] = []
  readonly #failure: Promise<never>
  #fail: (error: unknown) => void = () => undefined
  #ending = false

  constructor(launcher: Launcher) {
    this.#launcher = launcher
    this.#failure = new Promise((_, reject) => {
      this.#fail = reject
    })
    // Every waiting caller gets the failure; without one, nothing is lost.
    this.#failure.catch(() => undefined)
  }

  /** A process that ends with another exit code than 0 fails the whole crew. @throws Error when all are being ended */
  start({ at, call, onStart, onOutput }: MemberInit): Child {
    if (this.#ending) {
      throw new Error('nothing is started any more')
    }
    const lastLines: string[] = []
    const child = this.#children.start({
      name: at,
      call: this.#launcher.callAt(at, call),
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
    if (child.processId !== undefined) {
      onStart?.(child.processId)
    }
    this.#succeeded.push(
      child.ended.then((end) => {
        if (!this.#ending && !succeeded(end)) {
          const said = lastLines.length === 0 ? '' : `: ${lastLines.join('; ')}`
          this.#fail(new PotluckError('INCOMPLETE', `${at} ${endInWords(end)}${said}`))
        }
      })
    )
    return child
  }

  /** Starts a process and resolves when it has ended with exit code 0; any other end fails the whole crew. */
  async finish(init: MemberInit): Promise<void> {
    const end = await this.start(init).ended
    if (!succeeded(end)) {
      await this.#failure
    }
  }

  /** The result of the promise. @throws PotluckError INCOMPLETE when a process fails before; the signal's reason */
  async until<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
    return await unlessAborted(Promise.race([promise, this.#failure]), signal)
  }

  /** Resolves when all have ended by themselves. */
  async ended(signal: AbortSignal): Promise<void> {
    await this.until(Promise.all(this.#succeeded), signal)
  }

  /** Ends all running processes. */
  async end(): Promise<void> {
    this.#ending = true
    await this.#children.endAll()
  }
}

function succeeded(end: ChildEnd): boolean {
  return 'exitCode' in end && end.exitCode === 0
}
