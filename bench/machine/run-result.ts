/** The result of a benchmark's run. */
import { messageOf, PotluckError } from '#potluck/core/errors.js'
import { countOf } from '#potluck/core/units.js'
import { formatDuration } from '#potluck/view/units.js'

/** A failed run is also a result. */
export type RunResult<Measurement> = { measurement: Measurement } | { failure: string }

/**
 * One run, with a time limit for its processes. @param measure gets the signal for them. @throws the signal's reason
 */
export async function measuredWithin<Measurement>(
  limitMs: number,
  signal: AbortSignal,
  measure: (signal: AbortSignal) => Promise<RunResult<Measurement>>
): Promise<RunResult<Measurement>> {
  const timeout = AbortSignal.timeout(limitMs)
  try {
    return await measure(AbortSignal.any([signal, timeout]))
  } catch (error) {
    signal.throwIfAborted()
    return {
      failure: timeout.aborted ? `not complete within ${formatDuration(limitMs)}` : messageOf(error)
    }
  }
}

/** @throws PotluckError INCOMPLETE when a run failed */
export function requireSuccess(results: readonly { runs: readonly RunResult<unknown>[] }[]): void {
  const failed = results.flatMap(({ runs }) => runs).filter((run) => 'failure' in run).length
  if (failed > 0) {
    throw new PotluckError('INCOMPLETE', `${countOf(failed, 'run')} failed; why stands below the table.`)
  }
}
