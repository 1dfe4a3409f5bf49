/** Runs a coordinator or a peer as the only task of this process: shows it, logs it, ends it. */
import { setTimeout as delay } from 'node:timers/promises'
import { EXIT_CODES, messageOf, PotluckError } from '../core/errors.ts'
import { type EventBase, type EventStream, type Listener, written } from '../events/stream.ts'
import { visibleLine } from '../view/escape.ts'
import { EventLog } from '../view/log.ts'
import { spoken } from '../view/text.ts'
import { watchInterrupts } from './interrupt.ts'
import type { Output } from './output.ts'
import { onStartSignal } from './start-signal.ts'
import { unlessAborted } from './unless-aborted.ts'
import { leaveDeletedFolder } from './working-folder.ts'

/** A role that has ended closes its connections and files in less time; what hangs longer is abandoned. */
const STOP_TIMEOUT_MS = 10_000

/** The part of `createPeer`'s and `createCoordinator`'s result that a command needs. */
export interface Role<E extends EventBase> {
  readonly events: EventStream<E>
  start(): Promise<void>
  stop(reason?: string): Promise<void>
  completed(): Promise<{ complete: boolean }>
}

export interface RunPlan<E extends EventBase> {
  name: string
  /** The name of the role if the process has several: machines find it in each event. */
  role?: string
  /** The folder of the log files; undefined for none. */
  logs: string | undefined
  output: Output
  create(signal: AbortSignal): Promise<Role<E>>
  show: Listener<E>
  /** The text of an event in the log. */
  text(event: E): string
  /** Whether to log an event; by default all are logged. */
  isLogged?(event: E): boolean
  /**
   * On SIGHUP: reads the configuration again and applies what can be changed during the run; resolves with what people
   * need to know besides. @throws PotluckError, which changes nothing. Without it the signal ends the process.
   */
  reload?(): Promise<string | undefined>
  /** What SIGUSR2 asks for. @throws PotluckError, which becomes a warning */
  startNow?(): void
  /** A warning at the start; undefined for none. */
  warning?: string | undefined
  /** Ends the role as if it had thrown this error, a PotluckError. */
  end?: AbortSignal
  /** What people can do after Ctrl-C, in a sentence; undefined for nothing. */
  afterInterrupt?(): string | undefined
  /** Runs after the role has stopped and its logs are written. Does not throw. */
  afterwards?(): Promise<void>
}

/** Resolves with the exit code. Failures that a user can cause have been printed by then. */
export async function runRole<E extends EventBase>(plan: RunPlan<E>): Promise<number> {
  return await new RoleRun(plan).run()
}

class RoleRun<E extends EventBase> {
  readonly #plan: RunPlan<E>
  readonly #log: EventLog | undefined
  readonly #interrupt = new AbortController()
  #role: Role<E> | undefined

  constructor(plan: RunPlan<E>) {
    this.#plan = plan
    const { name, logs, output } = plan
    this.#log =
      logs === undefined
        ? undefined
        : new EventLog({
            folder: logs,
            name,
            onUnwritable: (message) => output.complain(spoken(name, message))
          })
  }

  async run(): Promise<number> {
    this.#plan.output.neverWait()
    leaveDeletedFolder()
    const flush = (): void => this.#log?.flushNow()
    process.on('exit', flush)
    const unwatchReload = this.#watchReload()
    const unwatchStart = this.#watchStart()
    const unwatch = watchInterrupts({
      stop: () => this.#interrupted(),
      giveUp: () => process.exit(EXIT_CODES.interrupted)
    })
    if (this.#plan.warning !== undefined) {
      this.#warn(this.#plan.warning)
    }
    try {
      return await this.#guarded()
    } finally {
      await this.#log?.close()
      process.off('exit', flush)
      unwatchReload()
      unwatchStart()
      await this.#plan.afterwards?.()
      // After an interrupt the deadline also holds for the end of the process itself.
      if (!this.#interrupt.signal.aborted) {
        unwatch()
      }
    }
  }

  async #guarded(): Promise<number> {
    try {
      const outcome = await this.#outcome()
      return outcome.complete ? EXIT_CODES.ok : EXIT_CODES.incomplete
    } catch (error) {
      if (this.#interrupt.signal.aborted) {
        return EXIT_CODES.interrupted
      }
      if (error instanceof PotluckError) {
        this.#tellFailure(error)
        return error.exitCode
      }
      throw error
    } finally {
      await this.#stopped()
    }
  }

  async #outcome(): Promise<{ complete: boolean }> {
    const { end } = this.#plan
    const interrupt = this.#interrupt.signal
    const signal = end === undefined ? interrupt : AbortSignal.any([interrupt, end])
    const role = await unlessAborted(this.#plan.create(interrupt), signal)
    this.#role = role
    role.events.listen((event) => this.#take(event))
    const completed = role.completed()
    // It is awaited below. Until then, a failing start must not leave it without a handler.
    completed.catch(() => undefined)
    await unlessAborted(role.start(), signal)
    return await unlessAborted(completed, signal)
  }

  #take(event: E): void {
    const { output, role, show } = this.#plan
    const told = written(event)
    if (this.#plan.isLogged?.(event) !== false) {
      this.#log?.write(told, this.#plan.text(event))
    }
    output.event(role === undefined ? told : { ...told, role })
    show(event)
  }

  /** Windows has no such signal: Node uses its name for the end of the console, which ends its processes. */
  #watchReload(): () => void {
    const { reload } = this.#plan
    if (reload === undefined || process.platform === 'win32') {
      return () => undefined
    }
    // One after another, so that the last one counts.
    let reloaded: Promise<void> = Promise.resolve()
    const onSignal = (): void => {
      reloaded = reloaded.then(() => this.#reload(reload))
    }
    process.on('SIGHUP', onSignal)
    return () => process.off('SIGHUP', onSignal)
  }

  async #reload(reload: () => Promise<string | undefined>): Promise<void> {
    try {
      const news = await reload()
      if (news !== undefined) {
        this.#warn(news)
      }
    } catch (error) {
      this.#warn(`${messageOf(error)} Nothing has changed.`)
    }
  }

  #watchStart(): () => void {
    const { startNow } = this.#plan
    return startNow === undefined
      ? () => undefined
      : onStartSignal(() => {
          try {
            startNow()
          } catch (error) {
            this.#warn(messageOf(error))
          }
        })
  }

  /** Emits, as an event, what the engine does not know. */
  #warn(message: string): void {
    const { output, name } = this.#plan
    const event = output.stamped({ event: 'warning', message }, name)
    output.complain(spoken(name, message))
    this.#log?.write(event, visibleLine(message))
    output.event(event)
  }

  /** Prints it, and emits it as an event if the engine could not because it did not exist yet. */
  #tellFailure({ code, message }: PotluckError): void {
    const { output, name } = this.#plan
    output.complain(spoken(name, message))
    const event = output.error(code, message, name)
    if (event !== undefined) {
      this.#log?.write(event, `${visibleLine(message)} (${code})`)
    }
  }

  #interrupted(): void {
    const { output, name } = this.#plan
    output.screen.end()
    const advice = this.#plan.afterInterrupt?.()
    output.screen.line(spoken(name, 'Connection closed'), ...(advice === undefined ? [] : [advice]))
    this.#interrupt.abort(new PotluckError('INTERRUPTED', 'The run was interrupted.'))
  }

  async #stopped(): Promise<void> {
    const { signal } = this.#interrupt
    const ended = this.#plan.end?.aborted === true ? messageOf(this.#plan.end.reason) : 'the run ended'
    const reason = signal.aborted ? 'interrupted' : ended
    const timeout = new AbortController()
    await Promise.race([
      this.#role?.stop(reason),
      delay(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined)
    ])
    timeout.abort()
  }
}
