/** What a peer shows over HTTP, if it is told to: metrics, and its health. */

import { parseHttpAddress } from '../config/http-address.ts'
import type { PeerEvent } from '../events/peer.ts'
import { healthRoute } from '../http/health.ts'
import { Metrics } from '../http/metrics.ts'
import { peerMetrics } from '../http/peer-metrics.ts'
import { PeerRun } from '../http/peer-run.ts'
import { Site } from '../http/site.ts'

/** As the configuration says; undefined for none. */
export async function peerSite(config: {
  metrics?: string | undefined
  name: string
}): Promise<Site<PeerEvent> | undefined> {
  const address = parseHttpAddress(config.metrics ?? 'off')
  if (address === undefined) {
    return undefined
  }
  const metrics = await Metrics.open('peer', config.name)
  const run = new PeerRun()
  return new Site<PeerEvent>({
    address,
    metrics,
    setting: '--metrics',
    path: '/metrics',
    shows: "this peer's name, those of the others, and how far it is",
    listeners: [(event) => run.note(event), peerMetrics(metrics, run, () => performance.now())],
    routes: async () => new Map([['/healthz', healthRoute(() => run.health)]])
  })
}
