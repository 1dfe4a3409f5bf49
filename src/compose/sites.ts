/** What a coordinator and a peer show over HTTP, according to their configurations. */
import type { CoordinatorConfig } from '../config/coordinator.ts'
import { parseHttpAddress } from '../config/http-address.ts'
import type { PeerConfig } from '../config/peer.ts'
import { loadPage } from '../dashboard/server/assets.ts'
import { Dashboard } from '../dashboard/server/dashboard.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { PeerEvent } from '../events/peer.ts'
import { coordinatorHealth, coordinatorMetrics } from '../http/coordinator-metrics.ts'
import { healthRoute } from '../http/health.ts'
import { Metrics } from '../http/metrics.ts'
import { PeerRun, peerMetrics } from '../http/peer-run.ts'
import { Site } from '../http/site.ts'
import { now } from './options.ts'

/** The default address of the dashboard. */
const USUAL_ADDRESS = { host: '127.0.0.1', port: 9080 }

/** The dashboard's page with its live news, metrics, and health; undefined for none. */
export async function coordinatorSite({
  dashboard: setting,
  name
}: Pick<CoordinatorConfig, 'dashboard' | 'name'>): Promise<Site<CoordinatorEvent> | undefined> {
  const address = setting === 'auto' ? USUAL_ADDRESS : parseHttpAddress(setting ?? 'off')
  if (address === undefined) {
    return undefined
  }
  const metrics = await Metrics.open('coordinator', name)
  const dashboard = new Dashboard(now)
  const { picture } = dashboard
  return new Site<CoordinatorEvent>({
    address,
    metrics,
    anyPort: setting === 'auto',
    setting: '--dashboard',
    path: '/',
    shows: 'the names of peers and files, and how far each peer is',
    listeners: [(event) => dashboard.take(event), coordinatorMetrics(metrics, picture, now)],
    routes: async () => [
      ...(await loadPage()),
      ['/events', (exchange) => dashboard.listen(exchange)],
      ['/healthz', healthRoute(() => coordinatorHealth(picture))]
    ]
  })
}

/** A peer's metrics and health; undefined for none. */
export async function peerSite({
  metrics: setting = 'off',
  name
}: Pick<PeerConfig, 'metrics' | 'name'>): Promise<Site<PeerEvent> | undefined> {
  const address = parseHttpAddress(setting)
  if (address === undefined) {
    return undefined
  }
  const metrics = await Metrics.open('peer', name)
  const run = new PeerRun()
  return new Site<PeerEvent>({
    address,
    metrics,
    setting: '--metrics',
    path: '/metrics',
    shows: "this peer's name, those of the others, and how far it is",
    listeners: [(event) => run.note(event), peerMetrics(metrics, run, now)],
    routes: async () => [['/healthz', healthRoute(() => run.health)]]
  })
}
