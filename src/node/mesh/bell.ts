/** Wakes waiting steps: they wait for a time, or until something has changed, whichever comes first. */
export class Bell {
  readonly #waiting = new Set<() => void>()

  ring(): void {
    for (const wake of [...this.#waiting]) {
      wake()
    }
  }

  /** Resolves when it rings, and after `limitMs` at the latest, which may be infinite. Rejects when the signal aborts. */
  wait(limitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const settle = (end: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', onAbort)
        end()
      }
      const wake = (): void => settle(resolve)
      const onAbort = (): void => settle(() => reject(signal.reason))
      const timer = Number.isFinite(limitMs) ? setTimeout(wake, limitMs) : undefined
      this.#waiting.add(wake)
      signal.addEventListener('abort', onAbort)
    })
  }
}
