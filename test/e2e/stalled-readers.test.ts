/** A provider among many getters that do not read the chunks that they asked for. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DEFAULT_CHUNK_BYTE_LENGTH } from '#potluck/core/chunks.js'
import { parsePeakBytes } from '#potluck/local-run/peak-memory.js'
import { hashNaively } from '../../bench/torture/samples.js'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'

const MIB = 1024 * 1024
const GETTERS = 24
const CHUNK_COUNT = 128

/** The memory that no peer may exceed, whatever others do. */
const LIMIT_BYTES = 256 * MIB

/** On a busy machine; it takes a second or two. */
const SERVED_DEADLINE_MS = 60_000

/** After this long without another byte the provider's memory grows no more. */
const QUIET_MS = 4000

async function peakBytes({ child }: Command): Promise<number> {
  return parsePeakBytes(await readFile(`/proc/${child.pid}/status`, 'utf8')) ?? 0
}

/** Waits until the peak memory of a process has stopped growing. */
async function settledPeakBytes(command: Command): Promise<number> {
  let peak = 0
  for (let now = await peakBytes(command); now > peak; now = await peakBytes(command)) {
    peak = now
    await sleep(QUIET_MS)
  }
  return peak
}

/** Waits until this many getters were sent a chunk: each gets as much as its windows hold. */
async function allServed(provider: Command, count: number): Promise<void> {
  const signal = AbortSignal.timeout(SERVED_DEADLINE_MS)
  while (new Set(provider.eventsOf('chunk-sent').map(({ to }) => to)).size < count) {
    await sleep(200, undefined, { signal })
  }
}

describe('a provider', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
  it(`fault 22: of ${GETTERS} getters that read nothing stays small`, async (test) => {
    await Workshop.run(async (workshop) => {
      const bytes = bytesOf(CHUNK_COUNT * DEFAULT_CHUNK_BYTE_LENGTH, 'large')
      const { root } = hashNaively(bytes, DEFAULT_CHUNK_BYTE_LENGTH)
      const { command: coordinator, address } = await workshop.coordinator(2 + GETTERS)
      const { multiaddrs } = await coordinator.told('started')
      const [full] = Array.isArray(multiaddrs) ? multiaddrs : []
      const script = fileURLToPath(new URL('../fixtures/idle-getters.js', import.meta.url))
      const idle = workshop.start(script, String(full), String(GETTERS), root, String(CHUNK_COUNT))
      await idle.printed(/all joined/)
      const ann = workshop.peer('ann', address, '--share', await workshop.write('large.bin', bytes))
      // While it has first copies to give it would answer nobody else.
      await workshop.peer('ben', address).told('peer-complete')
      const before = await peakBytes(ann)
      const { multiaddrs: own } = await ann.told('started')
      const [provider] = Array.isArray(own) ? own : []
      idle.child.stdin.write(`${String(provider)}\n`)
      await idle.printed(/all asked/)
      await allServed(ann, 1 + GETTERS)
      const peak = await settledPeakBytes(ann)
      const [most, more] = [peak, peak - before].map((bytes) => (bytes / MIB).toFixed(0))
      test.diagnostic(`${most} MiB at most, ${more} MiB more than before they asked`)
      assert.ok(peak < LIMIT_BYTES, `${most} MiB`)
    })
  })
})
