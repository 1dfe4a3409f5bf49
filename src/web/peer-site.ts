/** What a peer shows over HTTP, if it is told to: its health. */
import type { PeerEvent } from '../events/peer.ts'
import type { Onlooker } from '../events/stream.ts'
import { parseHttpAddress } from '../protocols/http-address.ts'
import { healthRoute, PeerHealth } from './health.ts'
import { Site } from './site.ts'

/** @param metrics as in the configuration; undefined for none */
export function peerSite(metrics: string | undefined): Onlooker<PeerEvent> | undefined {
  const address = parseHttpAddress(metrics ?? 'off')
  if (address === undefined) {
    return undefined
  }
  const health = new PeerHealth()
  return new Site<PeerEvent>({
    address,
    setting: '--metrics',
    path: '/metrics',
    shows: "this peer's name, those of the others, and how far it is",
    listeners: [(event) => health.take(event)],
    routes: async () => new Map([['/healthz', healthRoute(() => health.report)]])
  })
}
