/**
 * The bench that compares systems; it runs on Linux only. Only this project takes part, because it needs no other
 * program.
 */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ROOM_PREFIX } from '../../bench/machine/room.js'
import { Workshop } from '../fixtures/processes.js'

const BENCH = fileURLToPath(new URL('../../bench/bench.js', import.meta.url))

/** On a busy machine; it takes some seconds. */
const STARTED_DEADLINE_MS = 60_000

const skip = process.platform !== 'linux' && 'only Linux tells the processor time of processes'

async function foldersOf(processId: number | undefined): Promise<string[]> {
  const prefix = `${ROOM_PREFIX}${processId}-`
  return (await readdir(tmpdir())).filter((name) => name.startsWith(prefix))
}

/** Waits until the first peer of its swarm runs. */
async function begun(processId: number | undefined): Promise<void> {
  const signal = AbortSignal.timeout(STARTED_DEADLINE_MS)
  for (;;) {
    for (const folder of await foldersOf(processId)) {
      const paths = await readdir(join(tmpdir(), folder), { recursive: true })
      if (paths.some((path) => path.endsWith(`${sep}client1.jsonl`))) {
        return
      }
    }
    await sleep(50, undefined, { signal })
  }
}

describe('the bench of systems', () => {
  it('says where it can run, with exit code 2', { skip: skip === false && 'it can run here' }, async () => {
    await Workshop.run(async (workshop) => {
      const bench = workshop.start(BENCH)
      assert.equal((await bench.end()).code, 2)
      assert.match(bench.stderr, /only Linux/)
    })
  })

  it('measures a swarm in a folder that it removes again', { skip }, async () => {
    await Workshop.run(async (workshop) => {
      const argv = ['--systems', 'potluck', '--size', '512KiB', '--runs', '1', '--json']
      const bench = workshop.start(BENCH, ...argv)
      assert.equal((await bench.end()).code, 0)
      assert.match(bench.stderr, /^potluck +[\d.]+ m?s /m)
      const result = bench.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find(({ event }) => event === 'bench-result')
      assert.equal(result?.name, 'potluck')
      assert.ok(result.makespanMs > 0 && result.makespanMs < result.wallMs.median)
      assert.ok(result.cpuSeconds > 0 && result.peakBytes > 0)
      assert.ok(result.loopDelay.maxMs >= result.loopDelay.p99Ms && result.loopDelay.p99Ms >= 0)
      assert.deepEqual(await foldersOf(bench.child.pid), [])
    })
  })

  it('leaves nothing behind when it is interrupted', { skip }, async () => {
    await Workshop.run(async (workshop) => {
      const bench = workshop.start(BENCH, '--systems', 'potluck', '--size', '16MiB')
      await begun(bench.child.pid)
      bench.child.kill('SIGINT')
      assert.equal((await bench.end()).code, 130)
      assert.match(bench.stderr, /nothing was left behind/)
      assert.deepEqual(await foldersOf(bench.child.pid), [])
    })
  })
})
