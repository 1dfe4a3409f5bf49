/** The dashboard's live news: a feed that is computed once per second, and only while someone watches. */
import type { CoordinatorEvent } from '../../events/coordinator.ts'
import { EventFeed } from '../../http/event-feed.ts'
import type { HttpExchange } from '../../http/server.ts'
import type { SwarmPicture } from '../../view/swarm-picture.ts'
import { DashboardFeed } from './feed.ts'

/** As fast as eyes can follow; peers report as often. */
const NEWS_INTERVAL_MS = 1000

/** The process may end within a second after these. */
const LAST_EVENTS: ReadonlySet<CoordinatorEvent['event']> = new Set([
  'swarm-complete',
  'swarm-incomplete',
  'error',
  'stopped'
])

export class Dashboard {
  readonly #feed = new DashboardFeed()
  readonly #listeners: EventFeed
  readonly #now: () => number
  /** The swarm clock's time minus that of `now`. */
  #offsetMs = 0

  constructor(now: () => number) {
    this.#now = now
    this.#listeners = new EventFeed({
      snapshot: () => ({ event: 'snapshot', data: this.#feed.snapshot(this.#atMs) }),
      next: () => this.#feed.next(this.#atMs),
      intervalMs: NEWS_INTERVAL_MS
    })
  }

  /** The known state of the swarm. */
  get picture(): SwarmPicture {
    return this.#feed.picture
  }

  take(event: CoordinatorEvent): void {
    this.#offsetMs = event.atMs - this.#now()
    this.#feed.note(event)
    if (LAST_EVENTS.has(event.event)) {
      this.#listeners.tell()
    }
  }

  /** A `Route`. */
  listen(exchange: HttpExchange): void {
    if (this.#listeners.listeners === 0) {
      this.#feed.forget()
    }
    this.#listeners.listen(exchange)
  }

  get #atMs(): number {
    return this.#now() + this.#offsetMs
  }
}
