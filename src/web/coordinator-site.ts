/** What a coordinator shows over HTTP: the dashboard's page with its live news, and its health. */
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { Onlooker } from '../events/stream.ts'
import { parseHttpAddress } from '../protocols/http-address.ts'
import { loadAssets } from './assets.ts'
import { EventFeed, type FeedMessage } from './event-feed.ts'
import { CoordinatorHealth, healthRoute } from './health.ts'
import type { Route } from './server.ts'
import { Site } from './site.ts'

/** Where the dashboard is unless it is told another address. */
const USUAL_ADDRESS = { host: '127.0.0.1', port: 9080 }

/** Of the package, beside `dist`. */
const PAGE_FOLDER = new URL('../../web/', import.meta.url)

/** The page's files by the paths that it has them at. */
const PAGE_FILES = { '/': 'index.html' }

/** @param dashboard as in the configuration; undefined for none */
export function coordinatorSite(dashboard: string | undefined): Onlooker<CoordinatorEvent> | undefined {
  const address = dashboard === 'auto' ? USUAL_ADDRESS : parseHttpAddress(dashboard ?? 'off')
  if (address === undefined) {
    return undefined
  }
  const health = new CoordinatorHealth()
  const news = new News()
  return new Site<CoordinatorEvent>({
    address,
    anyPort: dashboard === 'auto',
    setting: '--dashboard',
    path: '/',
    shows: 'the names of peers and files, and how far each peer is',
    listeners: [(event) => health.take(event), (event) => news.take(event)],
    routes: async () =>
      new Map<string, Route>([
        ...(await loadAssets(PAGE_FOLDER, PAGE_FILES)),
        ['/events', (exchange) => news.feed.listen(exchange)],
        ['/healthz', healthRoute(() => health.report)]
      ])
  })
}

/** The coordinator's events as they come; at first the last one of each kind. */
class News {
  readonly feed = new EventFeed({ snapshot: () => this.#snapshot() })
  readonly #latest = new Map<string, CoordinatorEvent>()

  take(event: CoordinatorEvent): void {
    this.#latest.set(event.event, event)
    this.feed.send({ event: 'update', data: event })
  }

  #snapshot(): FeedMessage[] {
    return [{ event: 'snapshot', data: [...this.#latest.values()] }]
  }
}
