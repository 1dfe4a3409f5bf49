/** The coordinator's events, as they come from its process line by line. */
import type { CoordinatorEvent } from '../events/coordinator.ts'

/** The event on the line, or undefined for a line that is none. */
export function parseCoordinatorEvent(line: string): CoordinatorEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isEvent(value) ? value : undefined
  } catch {
    // Not ours: something else in that process wrote to its standard output.
    return undefined
  }
}

/** The process is of this same version, so what has the frame of an event is one. */
function isEvent(value: unknown): value is CoordinatorEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'event' in value &&
    typeof value.event === 'string' &&
    'atMs' in value &&
    typeof value.atMs === 'number' &&
    'peer' in value &&
    typeof value.peer === 'string'
  )
}
