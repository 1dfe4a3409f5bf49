/** The coordinator's events, as they come from its process line by line. */
import { z } from 'zod'
import type { CoordinatorEvent } from '../events/coordinator.ts'

const frame = z.object({ event: z.string(), atMs: z.number(), peer: z.string() })

/** The process is of this same version, so what has the frame of an event is one. */
const coordinatorEvent = z.custom<CoordinatorEvent>((value) => frame.safeParse(value).success)

/** The event on the line, or undefined for a line that is none. */
export function parseCoordinatorEvent(line: string): CoordinatorEvent | undefined {
  try {
    return coordinatorEvent.parse(JSON.parse(line))
  } catch {
    // Not ours: something else in that process wrote to its standard output.
    return undefined
  }
}
