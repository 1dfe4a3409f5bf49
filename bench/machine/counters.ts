/** The kernel's counters, read from its text or from that of `ip`. Pure. */
import * as z from 'zod'

/** Bytes over a link. */
export interface LinkBytes {
  /** From the peer into the network. */
  sentBytes: number
  /** From the network to the peer. */
  receivedBytes: number
}

/** The part of `ip -s -j link show` that is read. */
const linksSchema = z.array(
  z.object({
    ifname: z.string(),
    stats64: z.object({ rx: z.object({ bytes: z.number() }), tx: z.object({ bytes: z.number() }) })
  })
)

/** By the name of the interface. It is the bridge's end of the link, so the peer sent what it received. */
export function parseLinkBytes(json: string): Map<string, LinkBytes> {
  return new Map(
    linksSchema
      .parse(JSON.parse(json))
      .map(({ ifname, stats64: { rx, tx } }) => [ifname, { sentBytes: rx.bytes, receivedBytes: tx.bytes }])
  )
}

/**
 * Ticks of the processor's clock per second, in all of the kernel's figures: the same on every architecture of today.
 */
const TICKS_PER_SECOND = 100

/** Positions in `/proc/<id>/stat`, counted after the name in brackets. */
const PARENT_FIELD = 1
const UTIME_FIELD = 11
const STIME_FIELD = 12
const CHILDREN_UTIME_FIELD = 13
const CHILDREN_STIME_FIELD = 14

export interface ProcessTime {
  /** The process that started it, or has adopted it. */
  parentId: number
  /** Processor seconds of all threads, in the program and in the kernel. */
  ownSeconds: number
  /** The same for its ended children, and for theirs. */
  endedChildrenSeconds: number
}

/** From `/proc/<id>/stat`. */
export function parseProcessTime(stat: string): ProcessTime {
  // The name of the program may contain spaces and brackets.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const secondsAt = (...places: number[]): number =>
    places.reduce((sum, place) => sum + (fields[place] ?? 0), 0) / TICKS_PER_SECOND
  return {
    parentId: fields[PARENT_FIELD] ?? 0,
    ownSeconds: secondsAt(UTIME_FIELD, STIME_FIELD),
    endedChildrenSeconds: secondsAt(CHILDREN_UTIME_FIELD, CHILDREN_STIME_FIELD)
  }
}

export interface MachineTime {
  busySeconds: number
  totalSeconds: number
}

/** From `/proc/stat`: the time that all cores together have worked, for any process, since the machine started. */
export function parseMachineTime(stat: string): MachineTime {
  const [first = ''] = stat.split('\n')
  // user nice system idle iowait irq softirq steal; the two of guests are included in user and nice.
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number)
  const busy = user + nice + system + irq + softirq + steal
  return { busySeconds: busy / TICKS_PER_SECOND, totalSeconds: (busy + idle + waiting) / TICKS_PER_SECOND }
}
