/** What a coordinator shows over HTTP: the dashboard's page with its live news, metrics, and its health. */

import { parseHttpAddress } from '../config/http-address.ts'
import { loadPage } from '../dashboard/server/assets.ts'
import { Dashboard } from '../dashboard/server/dashboard.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { coordinatorMetrics } from '../http/coordinator-metrics.ts'
import { CoordinatorRun } from '../http/coordinator-run.ts'
import { healthRoute } from '../http/health.ts'
import { Metrics } from '../http/metrics.ts'
import type { Route } from '../http/server.ts'
import { Site } from '../http/site.ts'

/** Where the dashboard is unless it is told another address. */
const USUAL_ADDRESS = { host: '127.0.0.1', port: 9080 }

/** As the configuration says; undefined for none. */
export async function coordinatorSite({
  dashboard: setting,
  name
}: {
  dashboard?: string | undefined
  name: string
}): Promise<Site<CoordinatorEvent> | undefined> {
  const address = setting === 'auto' ? USUAL_ADDRESS : parseHttpAddress(setting ?? 'off')
  if (address === undefined) {
    return undefined
  }
  const now = () => performance.now()
  const metrics = await Metrics.open('coordinator', name)
  const run = new CoordinatorRun()
  const dashboard = new Dashboard(now)
  return new Site<CoordinatorEvent>({
    address,
    metrics,
    anyPort: setting === 'auto',
    setting: '--dashboard',
    path: '/',
    shows: 'the names of peers and files, and how far each peer is',
    listeners: [
      (event) => run.note(event),
      coordinatorMetrics(metrics, run, now),
      (event) => dashboard.take(event)
    ],
    routes: async () =>
      new Map<string, Route>([
        ...(await loadPage()),
        ['/events', (exchange) => dashboard.listen(exchange)],
        ['/healthz', healthRoute(() => run.health)]
      ])
  })
}
