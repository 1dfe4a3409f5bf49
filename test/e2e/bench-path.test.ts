/** The bench of a long path, where it can run: as root on Linux, with network namespaces. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { outputOf, succeedsNow } from '../../bench/machine/commands.js'
import { ROOM_PREFIX } from '../../bench/machine/room.js'
import { NAME_PREFIX } from '../../bench/path/path-plan.js'
import { Workshop } from '../fixtures/processes.js'

const BENCH = fileURLToPath(new URL('../../bench/bench.js', import.meta.url))

const POLL_MS = 50
const STARTING_MS = 700

/** Why nothing of it can run here, or false. */
function cannotRun(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'only root on Linux can make network namespaces'
  }
  const namespace = `${NAME_PREFIX}${process.pid}-try`
  const made = succeedsNow(['ip', 'netns', 'add', namespace])
  succeedsNow(['ip', 'netns', 'delete', namespace])
  return made ? false : 'network namespaces cannot be made here'
}

const skip = cannotRun()

/** A line each. */
async function namespacesOf(processId: number | undefined): Promise<string> {
  const lines = (await outputOf(['ip', 'netns', 'list'])).split('\n')
  return lines.filter((line) => line.startsWith(`${NAME_PREFIX}${processId}-`)).join('\n')
}

async function assertNothingLeft(processId: number | undefined): Promise<void> {
  assert.equal(await namespacesOf(processId), '')
  const folders = await readdir(tmpdir())
  assert.ok(!folders.some((name) => name.startsWith(`${ROOM_PREFIX}${processId}-`)))
}

describe('the bench of a long path', () => {
  it('says where it can run, with exit code 2', { skip: skip === false && 'it can run here' }, async () => {
    await Workshop.run(async (workshop) => {
      const bench = workshop.start(BENCH, 'path')
      assert.equal((await bench.end()).code, 2)
      assert.match(bench.stderr, /only root on Linux/)
    })
  })

  it('measures an exchange with and without it, and removes its network again', { skip }, async () => {
    await Workshop.run(async (workshop) => {
      const argv = ['--size', '4MiB', '--runs', '1', '--delay', '40ms', '--json']
      const bench = workshop.start(BENCH, 'path', ...argv)
      assert.equal((await bench.end()).code, 0, bench.output)
      assert.match(bench.stderr, /^40 ms +\d/m)
      const [without, long] = bench.eventsOf('path-run')
      assert.ok(makespanOf(without) > 0)
      // Connecting alone takes more than one round trip.
      assert.ok(makespanOf(long) > 2 * 40)
      assert.equal(bench.eventsOf('path-result').length, 2)
      await assertNothingLeft(bench.child.pid)
    })
  })

  it('leaves nothing behind when it is interrupted', { skip }, async () => {
    await Workshop.run(async (workshop) => {
      const bench = workshop.start(BENCH, 'path', '--size', '16MiB')
      while (!(await namespacesOf(bench.child.pid)).includes('client2')) {
        await delay(POLL_MS)
      }
      // Until the proxy runs, and the coordinator or more.
      await delay(STARTING_MS)
      bench.child.kill('SIGINT')
      assert.equal((await bench.end()).code, 130)
      assert.match(bench.stderr, /nothing was left behind/)
      await assertNothingLeft(bench.child.pid)
    })
  })
})

function makespanOf(event: Record<string, unknown> | undefined): number {
  const { measurement } = event ?? {}
  assert.ok(typeof measurement === 'object' && measurement !== null && 'makespanMs' in measurement)
  return Number(measurement.makespanMs)
}
