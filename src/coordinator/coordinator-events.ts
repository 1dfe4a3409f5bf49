/** The events of a coordinator, each stamped with the swarm clock when it is emitted. */
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { EventStream, type Unstamped } from '../events/stream.ts'
import type { SwarmClock } from './swarm-clock.ts'

/** An event before it is emitted; without `peer` it is about none. */
export type UnstampedEvent = Unstamped<CoordinatorEvent> & { peer?: string }

export class CoordinatorEvents extends EventStream<CoordinatorEvent> {
  readonly #name: string
  readonly #clock: SwarmClock

  /** @param name the coordinator's, for events that are about no peer */
  constructor(name: string, clock: SwarmClock) {
    super()
    this.#name = name
    this.#clock = clock
  }

  tell(...events: readonly UnstampedEvent[]): void {
    for (const event of events) {
      this.emit({ peer: this.#name, ...event, atMs: this.#clock.atMs })
    }
  }

  warn(message: string): void {
    this.tell({ event: 'warning', message })
  }
}
