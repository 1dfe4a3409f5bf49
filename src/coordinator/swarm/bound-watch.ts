/**
 * The lower bound of a swarm while it runs: from the catalog, from what the members had at its start, and from their
 * link capacities, configured or measured. Pure: the caller passes members and times.
 */
import type { Bound, BoundBasis, BoundOutcome } from '../../core/bound.ts'
import {
  type ContentHoldings,
  efficiencyOf,
  type Load,
  lowerBound,
  withLoads
} from '../../core/lower-bound.ts'
import type { Capacity, PeerCapacities } from '../../events/coordinator.ts'
import { declinedEntries } from './choice.ts'
import type { RosterMember } from './roster.ts'

/** The least time between two reports of the bound: measured rates change all the time. */
const NEWS_INTERVAL_MS = 5000

/** A smaller relative change is not reported. */
const NEWS_CHANGE = 0.05

/** The fields of a member that the bound depends on. */
export type BoundMember = Pick<
  RosterMember,
  'name' | 'registeredAtMs' | 'manifests' | 'configured' | 'measured' | 'missingBytesAtStart' | 'declined'
>

/** A bound, and what it was made from. */
export interface BoundNews {
  bound: Bound
  capacities: PeerCapacities[]
}

/** A member's link and the bytes that have to pass through it. */
interface MemberLink extends Load, PeerCapacities {
  lateByMs: number
}

export class BoundWatch {
  /** Of the members that have published, by what they want. */
  #loads: readonly (Load & { name: string })[]
  #members: readonly BoundMember[]
  readonly #catalogAtMs: number
  #reported: { bound: Bound; atMs: number } | undefined

  /** Takes the members once all have published, with the time on the swarm clock. */
  constructor(members: readonly BoundMember[], catalogAtMs: number) {
    this.#members = members
    this.#catalogAtMs = catalogAtMs
    this.#loads = loadsOf(members)
  }

  /** A late member has published. */
  onLate(members: readonly BoundMember[]): void {
    this.#members = members
    this.#loads = loadsOf(members)
  }

  /** A member has changed its choice. */
  onChoice(): void {
    this.#loads = loadsOf(this.#members)
  }

  /** How an exchange compares with the bound; undefined when too little is known, or nothing was missing. */
  outcome(members: readonly BoundMember[], exchangeMs: number): BoundOutcome | undefined {
    const bound = boundOf(this.#links(members) ?? [])
    return bound && { ...bound, efficiency: efficiencyOf(bound.boundMs, exchangeMs) }
  }

  /** The bound to report, if any: the first one, and later ones that differ, some time apart. */
  news(members: readonly BoundMember[], nowMs: number): BoundNews | undefined {
    const links = this.#links(members) ?? []
    const bound = boundOf(links)
    if (bound === undefined || !this.#isNews(bound, nowMs)) {
      return undefined
    }
    this.#reported = { bound, atMs: nowMs }
    const capacities = links.map(({ soleBytes, missingBytes, lateByMs, ...capacities }) => capacities)
    return { bound, capacities }
  }

  #isNews(bound: Bound, nowMs: number): boolean {
    if (this.#reported === undefined) {
      return true
    }
    const { bound: last, atMs } = this.#reported
    const moved = Math.abs(bound.boundMs - last.boundMs) > NEWS_CHANGE * last.boundMs
    const elsewhere =
      bound.term !== last.term || bound.boundPeer !== last.boundPeer || bound.basis !== last.basis
    return nowMs - atMs >= NEWS_INTERVAL_MS && (moved || elsewhere)
  }

  /**
   * A member reports how much it lacked at the start and not of which contents. What it had besides its own files may
   * be any member's: all of it is subtracted from what every other member alone had. So the bound of a resumed swarm
   * may be too low, and never too high.
   */
  #links(members: readonly BoundMember[]): MemberLink[] | undefined {
    const byName = new Map(members.map((member) => [member.name, member]))
    const links: MemberLink[] = []
    const resumed: number[] = []
    for (const load of this.#loads) {
      const member = byName.get(load.name)
      if (member?.missingBytesAtStart === undefined) {
        return undefined
      }
      const missingBytes = Math.min(member.missingBytesAtStart, load.missingBytes)
      const lateByMs = Math.max(0, member.registeredAtMs - this.#catalogAtMs)
      links.push({ ...load, missingBytes, lateByMs, ...capacitiesOf(member) })
      resumed.push(load.missingBytes - missingBytes)
    }
    const resumedBytes = resumed.reduce((sum, bytes) => sum + bytes, 0)
    return links.map((link, index) => {
      const elsewhereBytes = resumedBytes - (resumed[index] ?? 0)
      return { ...link, soleBytes: Math.max(0, link.soleBytes - elsewhereBytes) }
    })
  }
}

function boundOf(links: readonly MemberLink[]): Bound | undefined {
  const bound = lowerBound(
    links.map(({ uplink, downlink, ...link }) => ({
      ...link,
      uplinkBytesPerSecond: uplink?.bytesPerSecond,
      downlinkBytesPerSecond: downlink?.bytesPerSecond
    }))
  )
  if (bound === undefined) {
    return undefined
  }
  const { boundMs, term, peer } = bound
  const whose = peer === undefined ? {} : { boundPeer: peer }
  const binding = links
    .filter(({ name }) => peer === undefined || name === peer)
    .map(({ uplink, downlink }) => (term === 'downlink' ? downlink : uplink))
    .filter((capacity) => capacity !== undefined)
  const boundBytesPerSecond = binding.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0)
  return { boundMs, term, ...whose, boundBytesPerSecond, basis: basisOf(binding) }
}

function basisOf(capacities: readonly Capacity[]): BoundBasis {
  if (capacities.every(({ configured }) => configured)) {
    return 'configured'
  }
  return capacities.some(({ configured }) => configured) ? 'mixed' : 'measured'
}

function capacitiesOf({ configured, measured }: BoundMember): Omit<PeerCapacities, 'name'> {
  const uplink = capacityOf(configured.uplinkBytesPerSecond, measured.uplinkBytesPerSecond)
  const downlink = capacityOf(configured.downlinkBytesPerSecond, measured.downlinkBytesPerSecond)
  return { ...(uplink === undefined ? {} : { uplink }), ...(downlink === undefined ? {} : { downlink }) }
}

function capacityOf(configured: number | undefined, measured: number | undefined): Capacity | undefined {
  const bytesPerSecond = configured ?? measured
  return bytesPerSecond === undefined ? undefined : { bytesPerSecond, configured: configured !== undefined }
}

function loadsOf(members: readonly BoundMember[]): (Load & { name: string })[] {
  return withLoads(
    members.map(({ name }) => ({ name })),
    contentsOf(members)
  )
}

interface ContentOfMembers extends ContentHoldings {
  heldBytes: Map<string, number>
  declinedBy: Set<string>
  entries: number
}

/** The files of all members, by content: which members have it as their own, complete, and which decline all files of it. */
function contentsOf(members: readonly BoundMember[]): Iterable<ContentHoldings> {
  const byRoot = new Map<string, ContentOfMembers>()
  for (const { name, manifests } of members) {
    for (const { manifest } of manifests ?? []) {
      if (manifest.kind === 'file') {
        const content = byRoot.get(manifest.root) ?? {
          byteLength: manifest.byteLength,
          heldBytes: new Map<string, number>(),
          declinedBy: new Set<string>(),
          entries: 0
        }
        content.heldBytes.set(name, content.byteLength)
        content.entries++
        byRoot.set(manifest.root, content)
      }
    }
  }
  for (const { name, declined } of members) {
    for (const [root, count] of declinedEntries(declined, members)) {
      const content = byRoot.get(root)
      if (content?.entries === count) {
        content.declinedBy.add(name)
      }
    }
  }
  return byRoot.values()
}
