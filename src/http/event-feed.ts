/**
 * News for pages, as server-sent events: a new listener gets everything there is to know now, and after that the
 * changes.
 *
 * Nothing is kept for a listener that reconnects: it begins with a snapshot again, whatever it had received.
 */
import type { ServerResponse } from 'node:http'
import { type HttpExchange, sendText } from './server.ts'

/** Browsers open six connections to one host at the most. */
const DEFAULT_MAX_LISTENERS = 32

/** A listener that reads has almost nothing waiting; one with this much has stopped reading, and is dropped. */
const DEFAULT_MAX_WAITING_BYTES = 1024 * 1024

/** How soon a page reconnects after its connection has ended. */
const RETRY_MS = 2000

export interface FeedMessage {
  /** The event's name; one line. */
  event: string
  /** Sent as JSON. */
  data: unknown
}

export interface EventFeedInit {
  /** The first message to a new listener. */
  snapshot(): FeedMessage
  /** The repeated message to all. Since it is sent regularly, no proxy takes the connection for dead. */
  next(): FeedMessage
  intervalMs: number
  maxListeners?: number
  maxWaitingBytes?: number
}

export class EventFeed {
  readonly #init: Required<EventFeedInit>
  readonly #listeners = new Set<ServerResponse>()
  #lastId = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(init: EventFeedInit) {
    this.#init = {
      maxListeners: DEFAULT_MAX_LISTENERS,
      maxWaitingBytes: DEFAULT_MAX_WAITING_BYTES,
      ...init
    }
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /** Sends the next message now. Nothing is computed if no one listens. */
  tell(): void {
    if (this.#listeners.size > 0) {
      this.send(this.#init.next())
    }
  }

  /** Sends to all listeners. Costs nothing without any. */
  send(message: FeedMessage): void {
    if (this.#listeners.size > 0) {
      const text = this.#written(message)
      for (const listener of this.#listeners) {
        this.#write(listener, text)
      }
    }
  }

  /** A `Route`: the listener stays until it disconnects, does not read, or the server stops. */
  listen({ request, response, signal }: HttpExchange): void {
    if (this.#listeners.size >= this.#init.maxListeners) {
      response.setHeader('Retry-After', '30')
      sendText(response, 503, `There are ${this.#init.maxListeners} listeners already; try again later.\n`)
      return
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    if (request.method === 'HEAD' || signal.aborted) {
      response.end()
      return
    }
    const stop = (): void => {
      response.end()
    }
    signal.addEventListener('abort', stop)
    response.on('close', () => {
      signal.removeEventListener('abort', stop)
      this.#remove(response)
    })
    // News that waited to be combined with others are late.
    request.socket.setNoDelay(true)
    this.#add(response)
    // The snapshot may be large; the messages after it must be read in time.
    response.write(`retry: ${RETRY_MS}\n\n${this.#written(this.#init.snapshot())}`)
  }

  #add(response: ServerResponse): void {
    this.#listeners.add(response)
    this.#timer ??= setInterval(() => this.tell(), this.#init.intervalMs)
  }

  #remove(response: ServerResponse): void {
    this.#listeners.delete(response)
    if (this.#listeners.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #write(listener: ServerResponse, text: string): void {
    if (listener.writableEnded) {
      return
    }
    if (listener.writableLength > this.#init.maxWaitingBytes) {
      listener.destroy()
      this.#remove(listener)
      return
    }
    listener.write(text)
  }

  #written({ event, data }: FeedMessage): string {
    this.#lastId += 1
    // JSON has no line ends in it.
    return `id: ${this.#lastId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
  }
}
