/**
 * Metrics in the text format of Prometheus: for one role, its libp2p, and its process.
 *
 * prom-client, and libp2p's addition to it, take about 50 ms and 13 MB, so they are loaded only if metrics are enabled.
 * Values are read on request, from the role's events.
 */
import type { Metrics as Libp2pMetrics } from '@libp2p/interface'
import type { PrometheusMetricsInit } from '@libp2p/prometheus-metrics'
import type { Histogram, Registry } from 'prom-client'
import { printable } from '../core/names.ts'
import type { EventBase, Listener } from '../events/stream.ts'
import { packageVersion } from '../package.ts'
import { type Route, sendText } from './server.ts'

type PromClient = typeof import('prom-client')

/** How often the delay of the event loop is sampled: often enough for delays that people notice. */
const LOOP_DELAY_RESOLUTION_MS = 20

export interface Series {
  /** Values may be texts that others chose. */
  labels: Readonly<Record<string, string>>
  value: number
}

/** Called at each reading: returns the series of a metric with labels, or else its value; unknown ones are left out. */
type Read = () => readonly Series[] | number | undefined

/** A metric: its description, in a sentence, and how to read it. */
type Described = readonly [help: string, read: Read, ...labelNames: string[]]

export function secondsOf(durationMs: number | undefined): number | undefined {
  return durationMs === undefined ? undefined : durationMs / 1000
}

export class Metrics {
  readonly #prom: PromClient
  readonly #registry: Registry
  readonly #makeOfLibp2p: (components: Libp2pComponents) => Libp2pMetrics
  #rendering: Promise<string> | undefined

  /** @param role the kind of role, such as "peer"; `name` is the name of this one */
  static async open(role: string, name: string): Promise<Metrics> {
    const { default: prom } = await import('prom-client')
    const { prometheusMetrics } = await import('@libp2p/prometheus-metrics')
    const metrics = new Metrics(prom, prometheusMetrics)
    const labels = { version: packageVersion(), role, name }
    metrics.add({
      potluck_build_info: [
        'Which version runs, in which role, and its name.',
        () => [{ labels, value: 1 }],
        ...Object.keys(labels)
      ]
    })
    return metrics
  }

  private constructor(
    prom: PromClient,
    prometheusMetrics: (init: PrometheusMetricsInit) => (components: Libp2pComponents) => Libp2pMetrics
  ) {
    this.#prom = prom
    this.#registry = new prom.Registry()
    this.#makeOfLibp2p = prometheusMetrics({ registry: this.#registry, collectDefaultMetrics: false })
  }

  /** Makes libp2p's own metrics, for its option `metrics`. */
  readonly ofLibp2p = (components: Libp2pComponents): Libp2pMetrics => {
    // It would empty the registry of a program that uses prom-client beside this library.
    const { register } = this.#prom
    const others = register.getMetricsAsArray().flatMap(({ name }) => register.getSingleMetric(name) ?? [])
    const made = this.#makeOfLibp2p(components)
    for (const metric of others) {
      register.registerMetric(metric)
    }
    return made
  }

  /**
   * Prometheus's convention: a name that ends with `_total` only increases, unless its count restarts. Names contain
   * their units.
   */
  add(described: Readonly<Record<string, Described>>): void {
    const { Counter, Gauge } = this.#prom
    for (const [name, [help, read, ...labelNames]] of Object.entries(described)) {
      const collect = (): void => {
        metric.reset()
        if (metric instanceof Gauge && labelNames.length === 0) {
          metric.remove()
        }
        for (const { labels, value } of seriesOf(read())) {
          metric.inc(shown(labels), value)
        }
      }
      const init = { name, help, labelNames, collect, registers: [this.#registry] }
      const metric = name.endsWith('_total') ? new Counter(init) : new Gauge(init)
    }
  }

  histogram(name: string, help: string, buckets: number[]): Histogram {
    return new this.#prom.Histogram({ name, help, buckets, registers: [this.#registry] })
  }

  /**
   * The swarm clock, interpolated between events.
   *
   * @param now milliseconds on any steady clock
   * @returns the listener for the role's events
   */
  clock(now: () => number): Listener<EventBase> {
    let zeroMs: number | undefined
    this.add({
      potluck_swarm_clock_seconds: [
        'Since the coordinator started; of a peer that has not registered yet, since the peer did.',
        () => (zeroMs === undefined ? undefined : (now() - zeroMs) / 1000)
      ]
    })
    return ({ atMs }) => {
      zeroMs = now() - atMs
    }
  }

  readonly route: Route = async ({ response }) => {
    sendText(response, 200, await this.text(), this.#registry.contentType)
  }

  /** The current values. A request during another reading gets that reading. */
  async text(): Promise<string> {
    this.#rendering ??= this.#render().finally(() => {
      this.#rendering = undefined
    })
    return await this.#rendering
  }

  async #render(): Promise<string> {
    const own = await this.#registry.metrics()
    return `${own}\n${await processRegistry(this.#prom).metrics()}`
  }
}

/** The arguments that libp2p passes to the maker of its metrics. */
type Libp2pComponents = Parameters<
  ReturnType<typeof import('@libp2p/prometheus-metrics').prometheusMetrics>
>[0]

function seriesOf(read: ReturnType<Read>): readonly Series[] {
  return typeof read === 'number' ? [{ labels: {}, value: read }] : (read ?? [])
}

function shown(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, printable(value)]))
}

let ofProcess: Registry | undefined

/** The process's own metrics: there is one process, and its observers cannot be stopped. */
function processRegistry({ Registry, collectDefaultMetrics }: PromClient): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess, eventLoopMonitoringPrecision: LOOP_DELAY_RESOLUTION_MS })
  }
  return ofProcess
}
