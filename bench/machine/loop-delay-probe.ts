/**
 * Loaded into a process before its program: measures the delay of its event loop, and writes it at the end. `node
 * --import '<this file>?folder=<folder>' <program>`.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'
import { loopDelayOf } from './loop-delay.ts'

/** Often enough to catch blocks of a few milliseconds, at no cost. */
const INTERVAL_MS = 10

/** Node.js publishes here whenever a client socket is made. */
const CONNECTING = 'net.client.socket'

// Its threads load this too.
if (isMainThread) {
  const folder = new URL(import.meta.url).searchParams.get('folder') ?? '.'
  const histogram = monitorEventLoopDelay({ resolution: INTERVAL_MS })
  // A peer first connects to the coordinator; by then its modules are loaded.
  const begin = (): void => {
    unsubscribe(CONNECTING, begin)
    histogram.enable()
  }
  subscribe(CONNECTING, begin)
  process.on('exit', () => {
    const delay = loopDelayOf(histogram.percentile(99), histogram.max, INTERVAL_MS)
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(delay))
  })
}
