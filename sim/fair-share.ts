/**
 * Max-min fair rates: no flow can have more without taking it from a flow that has no more than itself.
 *
 * Every flow goes through one uplink and one downlink. Progressive filling (Bertsekas and Gallager, Data Networks,
 * 6.5.2): the link with the smallest share for each of its open flows fixes these flows, and leaves the rest to the
 * others.
 */
import { PriorityQueue, type QueueEntry } from './priority-queue.ts'

export interface Flow {
  readonly uplink: Link
  readonly downlink: Link
  /** Its share, in bytes/ms. */
  fairRate: number
}

/** One direction of a peer's access to the network. */
export class Link implements QueueEntry {
  key = 0
  readonly order: number
  slot = -1
  /** Its capacity, in bytes/ms. */
  available: number
  readonly flows = new Set<Flow>()
  /** The unassigned part of `available`, and the number of flows that are not fixed: while rates are computed. */
  left = 0
  open = 0

  constructor(order: number, available: number) {
    this.order = order
    this.available = available
  }
}

/** Sets the fair rate of every flow of the links. Each flow must be in the flows of both of its links. */
export function shareFairly(links: readonly Link[]): void {
  const queue = new PriorityQueue<Link>()
  for (const link of links) {
    link.left = link.available
    link.open = link.flows.size
    for (const flow of link.flows) {
      flow.fairRate = Number.NaN
    }
    if (link.open > 0) {
      link.key = link.left / link.open
      queue.place(link)
    }
  }
  for (let link = queue.first; link !== undefined; link = queue.first) {
    queue.remove(link)
    if (link.open === 0) {
      continue
    }
    const share = Math.max(0, link.left) / link.open
    // Shares only grow while others are fixed, so an outdated key is too small, never too large.
    if (share > link.key) {
      link.key = share
      queue.place(link)
      continue
    }
    for (const flow of link.flows) {
      if (Number.isNaN(flow.fairRate)) {
        flow.fairRate = share
        give(flow.uplink, share)
        give(flow.downlink, share)
      }
    }
  }
}

function give(link: Link, share: number): void {
  link.left -= share
  link.open--
}
