/** The measured swarms, with the link of each peer. */

/** Mbit/s as for a network card: every byte of an Ethernet frame counts. */
export interface PeerLink {
  uplinkMbit: number
  downlinkMbit: number
  /** Others cannot reach it: its own connections go through a router that translates addresses. */
  behindNat: boolean
}

export interface LinksScenario {
  name: string
  /** One per peer. */
  links: readonly PeerLink[]
}

// These rates let two processor cores move the bytes of every system without being the limit.
const CLOUD: PeerLink = { uplinkMbit: 200, downlinkMbit: 200, behindNat: false }
const LAPTOP: PeerLink = { uplinkMbit: 20, downlinkMbit: 100, behindNat: false }
const SYMMETRIC: PeerLink = { uplinkMbit: 100, downlinkMbit: 100, behindNat: false }
const SLOW_UPLINK: PeerLink = { uplinkMbit: 10, downlinkMbit: 100, behindNat: false }
const LAPTOP_BEHIND_NAT: PeerLink = { ...LAPTOP, behindNat: true }

/** Eight peers of four kinds, slower so that the processor is not the limit for this many either. */
const EIGHT: readonly PeerLink[] = [
  { uplinkMbit: 100, downlinkMbit: 100, behindNat: false },
  { uplinkMbit: 40, downlinkMbit: 80, behindNat: false },
  { uplinkMbit: 20, downlinkMbit: 80, behindNat: false },
  { uplinkMbit: 10, downlinkMbit: 50, behindNat: false }
]

export const SCENARIOS: readonly LinksScenario[] = [
  { name: 'two-cloud-two-laptops', links: [CLOUD, CLOUD, LAPTOP, LAPTOP] },
  { name: 'one-fast-three-slow', links: [CLOUD, LAPTOP, LAPTOP, LAPTOP] },
  { name: 'all-equal', links: [SYMMETRIC, SYMMETRIC, SYMMETRIC, SYMMETRIC] },
  { name: 'one-slow-uplink', links: [SYMMETRIC, SYMMETRIC, SYMMETRIC, SLOW_UPLINK] },
  { name: 'two-laptops-behind-nat', links: [CLOUD, CLOUD, LAPTOP_BEHIND_NAT, LAPTOP_BEHIND_NAT] },
  { name: 'eight-mixed', links: [...EIGHT, ...EIGHT] }
]
