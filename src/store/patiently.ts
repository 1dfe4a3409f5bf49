/** Retries work that fails for lack of a resource of this process or machine: the error says nothing about the file. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isOfResources } from './disk-errors.ts'

const RETRY_MS = 250

/** Half a minute: by then the exchange also ends connections that a getter waits on. */
const MAX_TRIES = 120

/** @throws what the work throws, or the signal's reason */
export async function patiently<T>(work: () => Promise<T> | T, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (!isOfResources(error) || attempt >= MAX_TRIES) {
        throw error
      }
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
