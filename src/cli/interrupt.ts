/** The ways to end a process from outside: Ctrl-C, a signal, or the end of the process that started it. */
import { isatty } from 'node:tty'

/**
 * A role's orderly stop, including its last writes and the end of the process, takes less than 2 s after the signal.
 */
const ORDERLY_STOP_MS = 1800

/** npm passes a terminal's Ctrl-C on to a process that has already received it: two signals this close count as one. */
const SAME_KEY_PRESS_MS = 300

export interface InterruptHandlers {
  /** Called once: stop in order. */
  stop(): void
  /** The time for that is over, or Ctrl-C was pressed again: end now. */
  giveUp(): void
  /** How much time that is. */
  orderlyStopMs?: number
}

/**
 * Listens until the returned function is called.
 *
 * @param now milliseconds on any steady clock
 */
export function watchInterrupts(
  handlers: InterruptHandlers,
  now = (): number => performance.now()
): () => void {
  const { stop, giveUp, orderlyStopMs = ORDERLY_STOP_MS } = handlers
  let firstAtMs: number | undefined
  let deadline: NodeJS.Timeout | undefined
  const interrupted = (signal?: NodeJS.Signals): void => {
    if (firstAtMs === undefined) {
      firstAtMs = now()
      deadline = setTimeout(giveUp, orderlyStopMs)
      deadline.unref()
      stop()
    } else if (signal === 'SIGINT' && now() - firstAtMs > SAME_KEY_PRESS_MS) {
      giveUp()
    }
  }
  const orphaned = (): void => interrupted()
  for (const signal of SIGNALS) {
    process.on(signal, interrupted)
  }
  // `npm start` keeps a channel to its processes. When it closes, no other process would end this one.
  process.on('disconnect', orphaned)
  if (goesOnWithoutTerminal()) {
    process.on('SIGHUP', goOn)
  }
  process.channel?.unref()
  if (process.connected === false) {
    // It closed before anyone listened.
    orphaned()
  }
  return () => {
    clearTimeout(deadline)
    process.off('disconnect', orphaned)
    process.off('SIGHUP', goOn)
    for (const signal of SIGNALS) {
      process.off(signal, interrupted)
    }
  }
}

// Not SIGHUP: a peer goes on and reads its configuration again (run.ts).
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM']

/**
 * Whether this process ignores a closed terminal: it was started with `nohup`, or by a service. Node.js forgets at its
 * start that `nohup` ignores the signal.
 */
function goesOnWithoutTerminal(): boolean {
  return process.platform !== 'win32' && !isatty(1) && !isatty(2)
}

function goOn(): void {
  // Empty on purpose: with a listener the signal ends nothing.
}
