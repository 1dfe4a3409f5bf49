/** Asks the person at this process's terminal whether the peer should fetch the files. */
import { formatBytes } from '../core/units.ts'
import type { FetchQuestion } from '../events/peer.ts'
import type { Output } from './output.ts'
import { canBeTypedTo, watchTypedLines } from './typed-lines.ts'

const QUESTION = 'Type y and Enter to fetch it, n and Enter to leave.'

/** Undefined if no one could answer. The event has shown the files that the question is about. */
export function asker({
  screen
}: Output): ((question: FetchQuestion, signal: AbortSignal) => Promise<boolean>) | undefined {
  if (!screen.live || !canBeTypedTo()) {
    return undefined
  }
  return async ({ missingBytes }, signal) => {
    signal.throwIfAborted()
    const answered = Promise.withResolvers<boolean>()
    const unwatch = watchTypedLines((line) => {
      screen.typed()
      const answer = answerOf(line)
      if (answer === undefined) {
        screen.line(QUESTION)
      } else {
        answered.resolve(answer)
      }
    })
    const abort = (): void => answered.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      screen.line(`Fetch ${formatBytes(missingBytes)}? ${QUESTION}`)
      return await answered.promise
    } finally {
      signal.removeEventListener('abort', abort)
      unwatch()
    }
  }
}

/** Undefined if it is neither. */
function answerOf(line: string): boolean | undefined {
  const word = line.toLowerCase()
  if (word === 'y' || word === 'yes') {
    return true
  }
  return word === 'n' || word === 'no' ? false : undefined
}
