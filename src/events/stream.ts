/** One stream of typed events per role: the engine emits, views listen, and neither knows the other. */

/** What every event carries. */
export interface EventBase {
  event: string
  /** Swarm clock, in ms since the coordinator started; before a peer knows that, since the peer itself started. */
  atMs: number
  /** The peer that the event is about; in a peer's own stream, itself. The coordinator's name if it is about none. */
  peer: string
}

/** An event as in log files and `--json` output. */
export interface WrittenEvent extends EventBase {
  /** When it was written, as ISO 8601 in UTC, by the clock of the machine that wrote it. */
  at: string
}

/** The event, as it is written now. */
export function written<E extends EventBase>(event: E): E & WrittenEvent {
  return { ...event, at: new Date().toISOString() }
}

export type Listener<E> = (event: E) => void

/** Calls every listener with every event, in order. A listener that throws ends the process, not the engine's step. */
export class EventStream<E extends EventBase> {
  readonly #listeners = new Set<Listener<E>>()

  /** Returns the function that ends the listening. */
  listen(listener: Listener<E>): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  emit(event: E): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

/**
 * A part that lives as long as a role and listens to it, such as a server of its metrics. The role knows no more of it.
 */
export interface Onlooker<E extends EventBase> {
  /** Before the role listens. Its own events are emitted after `started`. @throws PotluckError LISTEN_FAILED */
  start(events: EventStream<E>): Promise<Unstamped<E>[]>
  /** After the role's last event. */
  stop(): Promise<void>
}

/** An event as its source emits it, before the stream's owner adds the time and the peer. */
export type Unstamped<E extends EventBase> = E extends EventBase ? Omit<E, 'atMs' | 'peer'> : never
