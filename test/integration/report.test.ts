/** The report of a real swarm: the same as it runs and from its logs. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { CoordinatorEvent, PeerEvent } from '#potluck/index.js'
import { buildReport } from '#potluck/report/build-report.js'
import { chooseRun } from '#potluck/report/choose-run.js'
import { readLogs } from '#potluck/report/files/read-logs.js'
import { type Report, reportSchema } from '#potluck/report/report.js'
import { jsonLine } from '#potluck/view/escape.js'
import { bytesOf } from '../fixtures/bytes.js'
import { liveRun } from '../fixtures/report-events.js'
import { TestSwarm } from '../fixtures/swarm.js'

const BYTES = 600_000

async function writeLog(folder: string, name: string, events: ReadonlyArray<CoordinatorEvent | PeerEvent>) {
  // As the command logs them.
  const logged = events.filter(({ event }) => event !== 'activity')
  await writeFile(join(folder, `${name}.jsonl`), logged.map(jsonLine).join(''))
}

async function reportFrom(...paths: string[]): Promise<Report> {
  const run = chooseRun(await readLogs(paths))
  assert.ok(run !== undefined)
  const report = buildReport(run, 0)
  assert.deepEqual(reportSchema.parse(report), report)
  return report
}

describe('a report of a real run', () => {
  it('has the same figures as it ran and from the logs, where both know them', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const names = ['ann', 'ben', 'cat']
      const members = await Promise.all(
        names.map((name) =>
          swarm.peer(
            name,
            { [`${name}.bin`]: bytesOf(BYTES, name) },
            { uplink: 80, downlink: 80, joinTimeoutMs: 60_000 }
          )
        )
      )
      await Promise.all(members.map(({ peer }) => peer.start()))
      await Promise.all([coordinator.completed(), ...members.map(({ peer }) => peer.completed())])
      await Promise.all([...members.map(({ peer }) => peer.stop()), coordinator.stop()])

      const logs = join(swarm.folder, 'logs')
      await mkdir(logs)
      await writeLog(logs, 'coordinator', swarm.coordinatorEvents)
      for (const [index, name] of names.entries()) {
        await writeLog(logs, name, toldEvents(members[index]?.events ?? []))
      }

      const live = buildReport(liveRun(swarm.coordinatorEvents), 0)
      assert.deepEqual(reportSchema.parse(live), live)
      assert.equal(live.run.verdict, 'complete')
      assert.equal(live.run.receivedBytes, 6 * BYTES)
      assert.equal(live.transfers?.retries, 0)

      const { sources, ...fromLog } = await reportFrom(join(logs, 'coordinator.jsonl'))
      const { sources: liveSources, ...fromLive } = live
      assert.deepEqual(fromLog, fromLive)
      assert.deepEqual([liveSources.coordinator, sources.coordinator], ['live', 'log'])

      // The folder has the peers' logs as well, which know more exactly when chunks came, and from whose file.
      const all = await reportFrom(logs)
      assert.deepEqual(all.sources.peerLogs, names)
      assert.deepEqual(
        all.peers.map((peer) => ({ ...peer, directBytes: null })),
        live.peers
      )
      assert.deepEqual(bySource(all), bySource(live))
      for (const key of ['run', 'files', 'timeline', 'transfers'] as const) {
        assert.deepEqual(all[key], live[key], key)
      }
      assert.equal(all.bound?.boundMs, live.bound?.boundMs)
      assert.equal(all.bound?.use?.basis, 'chunks')
      assert.equal(all.times.firstChunkBasis, 'chunks')
      assert.deepEqual(
        { ...all.times, firstChunkAtMs: null, firstChunkBasis: null, lastEventAtMs: 0 },
        { ...live.times, firstChunkAtMs: null, firstChunkBasis: null, lastEventAtMs: 0 }
      )
      for (const { directBytes, receivedBytes } of all.peers) {
        assert.ok(directBytes !== null && directBytes > 0 && directBytes <= receivedBytes)
      }

      // Without the coordinator's log, the peers know the table of times and the bound, and each its own transfers.
      const peersOnly = await reportFrom(...names.map((name) => join(logs, `${name}.jsonl`)))
      assert.equal(peersOnly.sources.coordinator, 'none')
      assert.deepEqual(
        [peersOnly.run.verdict, peersOnly.times.makespanMs],
        ['complete', live.times.makespanMs]
      )
      assert.deepEqual(peersOnly.transfers, live.transfers)
      assert.deepEqual(bySource(peersOnly), bySource(live))
      assert.deepEqual(
        peersOnly.peers.map(({ name, registeredAtMs, completedAfterMs, receivedBytes }) => [
          name,
          registeredAtMs,
          completedAfterMs,
          receivedBytes
        ]),
        live.peers.map(({ name, registeredAtMs, completedAfterMs, receivedBytes }) => [
          name,
          registeredAtMs,
          completedAfterMs,
          receivedBytes
        ])
      )
      assert.equal(peersOnly.bound?.efficiency, live.bound?.efficiency)
      assert.deepEqual(
        peersOnly.files.map(({ file, md5, copies }) => [file, md5, copies]),
        live.files.map(({ file, md5, copies }) => [file, md5, copies])
      )
    })
  })
})

/** Without duplicates and asks taken back at the end: the coordinator may not learn of these in time. */
function toldEvents(events: readonly PeerEvent[]): PeerEvent[] {
  const complete = events.findIndex(({ event }) => event === 'peer-complete')
  const late = new Set<string>(['chunk-stored', 'chunk-failed', 'peer-stalled', 'peer-disconnected'])
  return events.filter(({ event }, index) => index <= complete || !late.has(event))
}

function bySource({ flows }: Report): string[] {
  return flows.map(({ from, to, bytes }) => `${from} ${to} ${bytes}`).sort()
}
