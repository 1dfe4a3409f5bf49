/** Events from log files, which anyone may have written: they are checked before they are used. */
import * as z from 'zod'
import { type CoordinatorEvent, coordinatorEvents } from '../events/coordinator.ts'
import { type PeerEvent, peerEvents } from '../events/peer.ts'

/** The report uses none of these, and some of them are frequent. */
const UNREAD: ReadonlySet<string> = new Set<(CoordinatorEvent | PeerEvent)['event']>([
  'serving',
  'limits',
  'hashing',
  'hashed',
  'capacities',
  'coordinator-connected',
  'peer-connected',
  'availability',
  'digests',
  'chunk-requested'
])

const COORDINATOR = new Map<string, z.ZodType<CoordinatorEvent>>(Object.entries(coordinatorEvents))
// A coordinator's report knows the files from its catalog.
COORDINATOR.delete('manifests-published')
const PEER = new Map<string, z.ZodType<PeerEvent>>(Object.entries(peerEvents))

const framed = z.object({ event: z.string(), atMs: z.number(), peer: z.string() })

/** `broken`: it is no event, or not a valid one of its name. `other`: an event that no report needs. */
export type Checked<E> = E | 'broken' | 'other'

export function checkedCoordinatorEvent(value: unknown): Checked<CoordinatorEvent> {
  return checked(value, COORDINATOR)
}

export function checkedPeerEvent(value: unknown): Checked<PeerEvent> {
  return checked(value, PEER)
}

function checked<E>(value: unknown, schemas: ReadonlyMap<string, z.ZodType<E>>): Checked<E> {
  const frame = framed.safeParse(value)
  if (!frame.success) {
    return 'broken'
  }
  const schema = UNREAD.has(frame.data.event) ? undefined : schemas.get(frame.data.event)
  if (schema === undefined) {
    return 'other'
  }
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : 'broken'
}
