/** The bench of shaped links, where it can run: as root on Linux, with network namespaces. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { RunFolder } from '#potluck/local-run/run-folder.js'
import { makeSource } from '#potluck/local-run/sources.js'
import { measureRun } from '../../bench/links/measure-run.js'
import { Network } from '../../bench/links/network.js'
import { NAME_PREFIX } from '../../bench/links/network-plan.js'
import { outputOf, succeedsNow } from '../../bench/machine/commands.js'
import { Workshop } from '../fixtures/processes.js'

const BENCH = fileURLToPath(new URL('../../bench/links/links.js', import.meta.url))
const FILE_BYTES = 512 * 1024

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

describe('the bench of shaped links', () => {
  it('says where it can run, with exit code 2', { skip: skip === false && 'it can run here' }, async () => {
    await Workshop.run(async (workshop) => {
      const bench = workshop.start(BENCH)
      assert.equal((await bench.end()).code, 2)
      assert.match(bench.stderr, /only root on Linux/)
    })
  })

  it('measures a swarm on a network that it removes again', { skip }, async () => {
    const behindNat = succeedsNow(['nft', '--version'])
    const links = [
      { uplinkMbit: 100, downlinkMbit: 100, behindNat: false },
      { uplinkMbit: 10, downlinkMbit: 50, behindNat }
    ]
    const scenario = { name: 'two', links }
    const names = ['client1', 'client2']
    const { signal } = new AbortController()
    const folder = await mkdtemp(join(tmpdir(), 'potluck-links-test-'))
    const runFolder = await RunFolder.open(folder)
    const network = await Network.make(scenario, names, 'reno')
    try {
      const places = names.map((name, index) => ({ ...runFolder.placeOf(index + 1), name }))
      for (const place of places) {
        await makeSource(place, FILE_BYTES, signal, () => undefined)
      }
      const result = await measureRun('potluck', {
        scenario,
        network,
        places,
        byteLength: FILE_BYTES,
        logs: runFolder.logs,
        bound: { boundMs: 1000, term: 'uplinks' },
        signal,
        onProgress: () => undefined
      })
      assert.ok('measurement' in result, JSON.stringify(result))
      const { measurement } = result
      assert.equal(measurement.slowestOriginCopies, 1)
      assert.equal(measurement.duplicateBytes, 0)
      assert.ok(measurement.makespanMs > 0)
      for (const name of names) {
        const { sentBytes = 0, receivedBytes = 0 } = measurement.linkBytes[name] ?? {}
        assert.ok(sentBytes > FILE_BYTES && receivedBytes > FILE_BYTES, name)
      }
    } finally {
      network.remove()
      runFolder.close()
      await rm(folder, { recursive: true })
    }
    assert.ok(!(await outputOf(['ip', 'netns', 'list'])).includes(`${NAME_PREFIX}${process.pid}-`))
  })

  it('leaves nothing behind when it is interrupted', { skip }, async () => {
    await Workshop.run(async (workshop) => {
      const bench = workshop.start(BENCH, '--no-baselines', '--scenario', 'all-equal')
      await bench.printed(/about .* in all/)
      bench.child.kill('SIGINT')
      assert.equal((await bench.end()).code, 130)
      assert.match(bench.stderr, /nothing was left behind/)
      const own = `${NAME_PREFIX}${bench.child.pid}-`
      assert.ok(!(await outputOf(['ip', 'netns', 'list'])).includes(own))
    })
  })
})
