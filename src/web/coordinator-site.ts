/** What a coordinator shows over HTTP: the dashboard's page with its live news, and its health. */
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { Onlooker } from '../events/stream.ts'
import { parseHttpAddress } from '../protocols/http-address.ts'
import { Dashboard } from './dashboard.ts'
import { CoordinatorHealth, healthRoute } from './health.ts'
import { loadPage } from './page.ts'
import type { Route } from './server.ts'
import { Site } from './site.ts'

/** Where the dashboard is unless it is told another address. */
const USUAL_ADDRESS = { host: '127.0.0.1', port: 9080 }

/** @param setting `dashboard`, as in the configuration; undefined for none */
export function coordinatorSite(setting: string | undefined): Onlooker<CoordinatorEvent> | undefined {
  const address = setting === 'auto' ? USUAL_ADDRESS : parseHttpAddress(setting ?? 'off')
  if (address === undefined) {
    return undefined
  }
  const health = new CoordinatorHealth()
  const dashboard = new Dashboard()
  return new Site<CoordinatorEvent>({
    address,
    anyPort: setting === 'auto',
    setting: '--dashboard',
    path: '/',
    shows: 'the names of peers and files, and how far each peer is',
    listeners: [(event) => health.take(event), (event) => dashboard.take(event)],
    routes: async () =>
      new Map<string, Route>([
        ...(await loadPage()),
        ['/events', (exchange) => dashboard.listen(exchange)],
        ['/healthz', healthRoute(() => health.report)]
      ])
  })
}
