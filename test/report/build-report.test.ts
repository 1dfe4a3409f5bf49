/** The report as a pure function of the events. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CoordinatorEvent } from '#potluck/index.js'
import { buildReport } from '#potluck/report/build-report.js'
import { MAX_LISTED_OF_A_KIND } from '#potluck/report/faults.js'
import { type Report, reportSchema } from '#potluck/report/report.js'
import { coordinatorEvents, liveRun, MIB, type SmallRun } from '../fixtures/report-events.js'

const NAMES = ['ann', 'ben', 'cat']
const MADE_AT_UNIX_MS = Date.UTC(2026, 5, 7)

function reportOf(run: SmallRun): Report {
  return buildReport(liveRun(coordinatorEvents(run)), MADE_AT_UNIX_MS)
}

function boundEvent(bound: Partial<Extract<CoordinatorEvent, { event: 'bound' }>>): CoordinatorEvent {
  const uplink = { bytesPerSecond: 12.5 * MIB, configured: true }
  return {
    event: 'bound',
    atMs: 2100,
    peer: 'ann',
    boundMs: 8000,
    term: 'origin',
    boundPeer: 'ann',
    boundBytesPerSecond: 12.5 * MIB,
    basis: 'configured',
    capacities: [{ name: 'ann', uplink }],
    ...bound
  }
}

describe('a report', () => {
  it('has the shape that its schema promises, and survives being written', () => {
    const report = reportOf({ names: NAMES, further: [boundEvent({})] })
    assert.deepEqual(reportSchema.parse(JSON.parse(JSON.stringify(report))), report)
    assert.equal(report.madeAt, '2026-06-07T00:00:00.000Z')
  })

  it('tells when, how long, and what each peer did', () => {
    const report = reportOf({ names: NAMES, completedAtMs: [9000, 11_000, 12_000] })
    const { run, times, peers, files, flows } = report
    assert.deepEqual(
      [run.verdict, run.startedAt, run.expectedPeers, run.files, run.byteLength, run.missingBytes],
      ['complete', '2026-01-02T03:04:05.000Z', 3, 3, 300 * MIB, 0]
    )
    assert.deepEqual(times, {
      firstRegisteredAtMs: 1000,
      lastRegisteredAtMs: 1020,
      catalogAtMs: 2000,
      firstChunkAtMs: 2500,
      firstChunkBasis: 'progress',
      firstCompletedAtMs: 9000,
      lastButOneCompletedAtMs: 11_000,
      lastCompletedAtMs: 12_000,
      lastEventAtMs: 12_010,
      makespanMs: 11_000,
      exchangeMs: 10_000
    })
    const [ann] = peers
    assert.deepEqual(
      [ann?.name, ann?.registeredAtMs, ann?.completedAfterMs, ann?.receivedBytes, ann?.directBytes],
      ['ann', 1000, 8000, 200 * MIB, null]
    )
    // 200 MiB within 7 s from the catalog on, evenly.
    for (const rate of [ann?.meanReceivingBytesPerSecond, ann?.peakReceivingBytesPerSecond]) {
      assert.ok(Math.abs((rate ?? 0) - (200 * MIB) / 7) < 1)
    }
    assert.equal(ann?.transfers?.chunkTimes?.medianMs.toFixed(2), '1.15')
    assert.deepEqual(files[0], {
      file: 'ann/ann.bin',
      origin: 'ann',
      byteLength: 100 * MIB,
      md5: 'd41d8cd98f00b204e9800998ecf8427e',
      copies: 2,
      wantedBy: 2,
      firstCompletedAtMs: 11_000,
      lastCompletedAtMs: 12_000
    })
    assert.equal(flows.length, 6)
    assert.deepEqual(flows[0], { from: 'ben', to: 'ann', bytes: 100 * MIB })
    const [timeline] = report.timeline
    assert.equal(timeline?.atMs.at(-1), 12_000)
    assert.equal(timeline?.receivedBytes.at(-1), 200 * MIB)
  })

  it('counts what had to be asked for again apart from what the scheduler turned down', () => {
    const failures = [
      { reason: 'busy', count: 1000 },
      { reason: 'none-fresh', count: 200 },
      { reason: 'cancelled', count: 30 },
      { reason: 'corrupt', count: 4 },
      { reason: 'stream-closed', count: 1 }
    ] as const
    const { transfers, peers } = reportOf({
      names: NAMES,
      transfers: { failures: [...failures], duplicates: 2, stalls: 1, disconnections: 3 }
    })
    assert.deepEqual([peers[0]?.transfers?.retries, peers[0]?.transfers?.refusals], [5, 1230])
    assert.deepEqual([transfers?.retries, transfers?.refusals, transfers?.duplicates], [15, 3690, 6])
    assert.deepEqual([transfers?.stalls, transfers?.disconnections], [3, 9])
  })

  it('lists faults in the order of time, and of many of one kind only counts the rest', () => {
    const lost = Array.from({ length: 1000 }, (_, index): CoordinatorEvent => {
      return { event: 'peer-lost', atMs: 3000 + index, peer: 'ben', message: 'reset' }
    })
    const refused: CoordinatorEvent = {
      event: 'refused',
      atMs: 5000,
      peer: 'eve',
      peerId: 'id-of-eve',
      code: 'ADMISSION',
      message: 'another secret'
    }
    const { faults } = reportOf({ names: NAMES, further: [...lost, refused] })
    assert.equal(faults.listed.length, MAX_LISTED_OF_A_KIND + 1)
    assert.deepEqual(faults.listed.at(-1), {
      atMs: 5000,
      kind: 'refused',
      peer: 'eve',
      text: 'eve was refused (ADMISSION): another secret'
    })
    assert.equal(faults.more, 1000 - MAX_LISTED_OF_A_KIND)
    assert.deepEqual(faults.counts, [
      { kind: 'peer-lost', count: 1000 },
      { kind: 'refused', count: 1 }
    ])
  })

  it('of an incomplete run says why, and who lacks what', () => {
    const { run, times, bound, limits } = reportOf({
      names: NAMES,
      completedAtMs: [9000, undefined, 12_000],
      end: 'incomplete',
      further: [boundEvent({})]
    })
    assert.deepEqual(
      [run.verdict, run.reason, times.makespanMs],
      ['incomplete', 'ben did not come back', null]
    )
    assert.equal(bound?.efficiency, null)
    assert.match(
      limits[0] ?? '',
      /ended incomplete .*: ben did not come back\. By then 2 of 3 peers had everything; missing: ben \(/
    )
  })

  it('of a run that was stopped, or of which the end is not known, says so', () => {
    const stopped = reportOf({ names: NAMES, completedAtMs: [9000, undefined, undefined], end: 'stopped' })
    assert.deepEqual([stopped.run.verdict, stopped.run.reason], ['stopped', 'interrupted'])
    assert.match(stopped.limits[0] ?? '', /was stopped .*\(interrupted\), before it was complete/)
    const cut = reportOf({ names: NAMES, completedAtMs: [undefined, undefined, undefined], end: 'none' })
    assert.equal(cut.run.verdict, 'unfinished')
    assert.match(cut.limits[0] ?? '', /^The logs end 11\.0 s after/)
    assert.ok(cut.sources.missing.some((sentence) => /events end before the swarm does/.test(sentence)))
  })

  it('is made of what there was before anybody knew the files', () => {
    const events = coordinatorEvents({ names: NAMES, end: 'none' }).filter(({ atMs }) => atMs < 1015)
    const report = buildReport(liveRun(events), MADE_AT_UNIX_MS)
    assert.deepEqual(reportSchema.parse(report), report)
    assert.deepEqual([report.run.files, report.times.catalogAtMs, report.peers.length], [null, null, 2])
    assert.match(report.limits[0] ?? '', /The catalog was not complete by then/)
  })
})

describe('what limited the run', () => {
  it('is the line that binds, how it was used, and where the rest of the time went', () => {
    const { limits, bound } = reportOf({
      names: NAMES,
      completedAtMs: [9000, 11_000, 12_000],
      further: [boundEvent({})]
    })
    assert.equal(bound?.efficiency, 0.8)
    const [first, second] = limits
    assert.match(
      first ?? '',
      /^The run took 11\.0 s from the first registration to the last completed file: 1\.0 s of waiting for people, and 10\.0 s of exchange\. /
    )
    assert.match(
      first ?? '',
      /The links allowed no less than 8\.0 s: ann's uplink \(105 Mbit\/s\) had to send the 100\.0 MiB that only ann had, at least once\./
    )
    assert.match(first ?? '', /The exchange took 1\.25 times as long \(efficiency 0\.80\)/)
    assert.match(
      second ?? '',
      /1\.0 s passed from the first registration to the catalog and at most 500 ms from there/
    )
    assert.match(second ?? '', /The exchange itself took 9\.5 s, 1\.5 s more than the bound\./)
    assert.match(second ?? '', /In the last 1\.0 s only cat was missing something\./)
  })

  it('tells how much a line was used only where that can be told', () => {
    const long = reportOf({
      names: NAMES,
      completedAtMs: [22_000, 22_000, 22_000],
      further: [boundEvent({})]
    })
    // 200 MiB in 20 s over 12.5 MiB/s.
    assert.deepEqual([long.bound?.use?.share.toFixed(2), long.bound?.use?.basis], ['0.80', 'progress'])
    assert.match(
      long.limits[0] ?? '',
      /From its first chunk to its last \(20\.0 s\) that link was used at about 80 %\. It sent 2\.00 times/
    )
    const short = reportOf({ names: NAMES, completedAtMs: [9000, 9000, 9000], further: [boundEvent({})] })
    assert.equal(short.bound?.use, null)
  })

  it('of measured rates says what they are not', () => {
    const { limits } = reportOf({
      names: NAMES,
      further: [boundEvent({ basis: 'measured', term: 'downlink', boundPeer: 'ben' })]
    })
    assert.match(limits[0] ?? '', /^The run took .* No link capacities were configured\. By the fastest 2 s/)
    assert.match(limits[0] ?? '', /ben's downlink .* had to take in the 100\.0 MiB that ben lacked/)
    assert.match(limits[0] ?? '', /not how fast network, processors and disks could have been/)
  })

  it('says that no bound is known where none is, and no faults where none were told', () => {
    const { limits, bound } = reportOf({ names: NAMES })
    assert.equal(bound, null)
    assert.match(limits[0] ?? '', /No lower bound is known/)
    assert.match(limits.at(-1) ?? '', /No faults were reported\.$/)
  })
})
