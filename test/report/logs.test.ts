/** Reports from logs: of several runs, truncated, foreign, or with some missing. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { CoordinatorEvent, PeerEvent } from '#potluck/index.js'
import { buildReport } from '#potluck/report/build-report.js'
import { chooseRun } from '#potluck/report/choose-run.js'
import { forEachLine } from '#potluck/report/files/read-logs.js'
import { LogRecords } from '#potluck/report/log-records.js'
import { type Report, reportSchema } from '#potluck/report/report.js'
import {
  coordinatorEvents,
  linesOf,
  liveRun,
  MIB,
  peerEvents,
  type SmallRun
} from '../fixtures/report-events.js'

const RUN: SmallRun = { names: ['ann', 'ben'] }

function reduced(source: string, lines: ReadonlyArray<string | undefined>): LogRecords {
  const log = new LogRecords(source)
  for (const line of lines) {
    log.note(line)
  }
  return log
}

function reportOf(...logs: LogRecords[]): Report {
  const run = chooseRun(logs)
  assert.ok(run !== undefined)
  const report = buildReport(run, 0)
  assert.deepEqual(reportSchema.parse(report), report)
  return report
}

/** Without what says how it was made. */
function figures({ sources, ...report }: Report): Omit<Report, 'sources'> {
  return report
}

describe('logs', () => {
  const coordinator = coordinatorEvents(RUN)
  const live = buildReport(liveRun(coordinator), 0)

  it('of the coordinator tell the same as it did while it ran', () => {
    const report = reportOf(reduced('coordinator.jsonl', linesOf(coordinator)))
    assert.deepEqual(figures(report), figures(live))
    assert.equal(report.sources.coordinator, 'log')
  })

  it('of the peers add what only they know, in any order of the files', () => {
    const logs = [
      reduced('ben.jsonl', linesOf(peerEvents(RUN, 'ben'))),
      reduced('coordinator.jsonl', linesOf(coordinator)),
      reduced('ann.jsonl', linesOf(peerEvents(RUN, 'ann')))
    ]
    const report = reportOf(...logs)
    assert.deepEqual(report, reportOf(...logs.toReversed()))
    const { times, peers, ...same } = figures(report)
    const { times: liveTimes, peers: livePeers, ...liveSame } = figures(live)
    assert.deepEqual({ ...same, limits: [] }, { ...liveSame, limits: [] })
    assert.deepEqual(times, { ...liveTimes, firstChunkAtMs: 2100, firstChunkBasis: 'chunks' })
    assert.deepEqual(
      peers.map((peer) => ({ ...peer, directBytes: null })),
      livePeers
    )
    assert.deepEqual(
      peers.map(({ directBytes }) => directBytes),
      [100 * MIB, 100 * MIB]
    )
    assert.deepEqual(report.sources, {
      coordinator: 'log',
      peerLogs: ['ann', 'ben'],
      leftOut: [],
      brokenLines: 0,
      missing: []
    })
  })

  it('tell the same with and without the wall-clock time, which earlier releases did not write', () => {
    const written = (lines: ReadonlyArray<string | undefined>): string[] =>
      lines.map((line) => JSON.stringify({ ...JSON.parse(line ?? ''), at: '2026-11-30T12:00:00.000Z' }))
    const reports = [(lines: string[]) => lines, written].map((as) =>
      reportOf(
        reduced('coordinator.jsonl', as(linesOf(coordinator))),
        reduced('ann.jsonl', as(linesOf(peerEvents(RUN, 'ann'))))
      )
    )
    assert.equal(reports[0]?.sources.brokenLines, 0)
    assert.deepEqual(reports[0], reports[1])
  })

  it('tell of faults in the order of time, whoever tells of them', () => {
    const lost: CoordinatorEvent = { event: 'peer-lost', atMs: 8000, peer: 'ben', message: 'reset' }
    const stalled: PeerEvent = {
      event: 'peer-stalled',
      atMs: 9000,
      peer: 'ann',
      remote: 'ben',
      silentMs: 5000
    }
    const corrupt: PeerEvent = {
      event: 'chunk-failed',
      atMs: 5000,
      peer: 'ben',
      file: 'ann/ann.bin',
      chunkIndex: 7,
      from: 'ann',
      reason: 'corrupt'
    }
    const report = reportOf(
      reduced('ann.jsonl', linesOf([...peerEvents(RUN, 'ann'), stalled])),
      reduced('ben.jsonl', linesOf([...peerEvents(RUN, 'ben'), corrupt, { ...corrupt, reason: 'busy' }])),
      reduced('coordinator.jsonl', linesOf(coordinatorEvents({ ...RUN, further: [lost] })))
    )
    assert.deepEqual(
      report.faults.listed.map(({ atMs, kind, peer }) => [atMs, kind, peer]),
      [
        [5000, 'chunk corrupt', 'ben'],
        [8000, 'peer-lost', 'ben'],
        [9000, 'peer-stalled', 'ann']
      ]
    )
    assert.deepEqual([report.transfers?.retries, report.transfers?.refusals], [1, 1])
  })

  it('that were continued are taken by their last run', () => {
    const earlier: SmallRun = { names: ['ann', 'ben'], startMs: 700_000, completedAtMs: [900_000, 950_000] }
    const report = reportOf(
      reduced('coordinator.jsonl', linesOf([...coordinatorEvents(earlier), ...coordinator])),
      reduced('ann.jsonl', linesOf([...peerEvents(earlier, 'ann'), ...peerEvents(RUN, 'ann')]))
    )
    assert.equal(report.times.makespanMs, live.times.makespanMs)
    assert.equal(report.peers[0]?.transfers?.chunks, 100)
  })

  it('of another run are left out, and so is what is twice there or no log', () => {
    const other: SmallRun = { names: ['ann', 'ben'], startMs: 700_000, completedAtMs: [900_000, 950_000] }
    const report = reportOf(
      reduced('coordinator.jsonl', linesOf(coordinator)),
      reduced('ann.jsonl', linesOf(peerEvents(RUN, 'ann'))),
      reduced('copy.jsonl', linesOf(peerEvents(RUN, 'ann'))),
      reduced('ben.jsonl', linesOf(peerEvents(other, 'ben'))),
      reduced('notes.jsonl', ['{"event":"note"}', 'hello'])
    )
    assert.deepEqual(report.sources.leftOut, [
      { source: 'copy.jsonl', reason: 'it tells the same as ann.jsonl' },
      { source: 'ben.jsonl', reason: 'it is of another run' },
      { source: 'notes.jsonl', reason: 'there is no run in it' }
    ])
    assert.deepEqual(report.sources.peerLogs, ['ann'])
    assert.equal(report.peers[0]?.transfers?.chunks, 100)
    assert.ok(report.sources.missing.some((sentence) => sentence.startsWith('No log of ben was read')))
  })

  it('of a peer that was started again in the run count together', () => {
    const events = peerEvents(RUN, 'ann')
    const half = events.findIndex((event) => event.event === 'chunk-stored' && event.chunkIndex === 50)
    const again: PeerEvent[] = events
      .slice(0, 2)
      .map((event) => (event.event === 'registered' ? { ...event, atMs: 7000 } : event))
    const rejoined = coordinator.flatMap((event): CoordinatorEvent[] =>
      event.event === 'catalog'
        ? [event, { ...lastRegistration(coordinator, 'ann'), atMs: 7000, rejoined: true }]
        : [event]
    )
    const report = reportOf(
      reduced('coordinator.jsonl', linesOf(rejoined)),
      reduced('ann.jsonl', linesOf([...events.slice(0, half), ...again, ...events.slice(half)]))
    )
    assert.equal(report.peers[0]?.transfers?.chunks, 100)
    assert.equal(report.peers[0]?.directBytes, 100 * MIB)
    assert.equal(report.peers[0]?.registeredAtMs, 1000)
    assert.deepEqual(report.faults.counts, [{ kind: 'came-back', count: 1 }])
  })

  it('of a coordinator that carried on are one run; live, it says that the beginning is missing', () => {
    const [started, ...rest] = coordinator
    const half = rest.findIndex(({ atMs }) => atMs > 6000)
    const carriedOn: CoordinatorEvent = {
      event: 'carried-on',
      atMs: 6001,
      peer: 'coordinator',
      file: 'x.state',
      peers: 2,
      complete: 0
    }
    assert.ok(started !== undefined)
    const restarted = { ...started, atMs: 6000 }
    const events = [started, ...rest.slice(0, half), restarted, carriedOn, ...rest.slice(half)]
    const report = reportOf(reduced('coordinator.jsonl', linesOf(events)))
    assert.deepEqual(
      { ...figures(report), faults: live.faults, limits: [] },
      { ...figures(live), limits: [] }
    )
    assert.deepEqual(report.faults.counts, [{ kind: 'carried-on', count: 1 }])
    const second = buildReport(liveRun([restarted, carriedOn, ...rest.slice(half)]), 0)
    assert.match(second.sources.missing[0] ?? '', /was restarted during the run/)
    const another = reportOf(
      reduced('coordinator.jsonl', linesOf([started, ...rest.slice(0, half), ...coordinator]))
    )
    assert.deepEqual(figures(another), figures(live), 'without that word it is a run of its own')
  })

  it('without the coordinator’s tell as much as the peers know, and what is missing', () => {
    const report = reportOf(
      reduced('ann.jsonl', linesOf(peerEvents(RUN, 'ann'))),
      reduced('ben.jsonl', linesOf(peerEvents(RUN, 'ben')))
    )
    assert.equal(report.sources.coordinator, 'none')
    assert.match(
      report.sources.missing[0] ?? '',
      /^The coordinator's log was not read, so this report is made from the logs of ann, ben\./
    )
    assert.deepEqual(
      report.peers.map(({ name, transfers, registeredAtMs }) => [name, transfers?.chunks, registeredAtMs]),
      [
        ['ann', 100, 1003],
        ['ben', 100, 1013]
      ]
    )
    assert.equal(report.flows.length, 2)
    assert.equal(report.run.verdict, 'unfinished')
    const alone = reportOf(reduced('ann.jsonl', linesOf(peerEvents(RUN, 'ann'))))
    assert.deepEqual(
      alone.peers.map(({ name, transfers }) => [name, transfers?.chunks]),
      [
        ['ann', 100],
        ['ben', undefined]
      ]
    )
    assert.ok(
      alone.sources.missing.some((sentence) =>
        /It is unknown which peers sent how much to ben, /.test(sentence)
      )
    )
  })

  it('with lines that are cut, foreign or of a wrong shape lose these only, and count them', () => {
    const lines: Array<string | undefined> = linesOf(coordinator)
    const bad = [
      '',
      '{"event":"catalog","atMs":3000,"pe',
      'null',
      '[]',
      '{"event":"catalog","atMs":3000,"peer":"coordinator","files":1,"byteLength":1,"entries":[null]}',
      '{"event":"progress","atMs":3000,"peer":"coordinator","peers":[{"name":"ann","heldBytes":-1}]}',
      '{"event":"peer-complete","atMs":"now","peer":"ann"}',
      '{"event":"__proto__","atMs":3000,"peer":"ann"}',
      '{"event":"of-a-later-release","atMs":3000,"peer":"ann"}',
      undefined
    ]
    lines.splice(12, 0, ...bad)
    const last = lines.pop()
    const report = reportOf(reduced('coordinator.jsonl', [...lines, last?.slice(0, 20)]))
    assert.equal(report.sources.brokenLines, 8)
    const whole = buildReport(liveRun(coordinator.slice(0, -1)), 0)
    assert.deepEqual(figures(report), figures(whole))
  })

  it('with a bound that only a later release knows tell of a complete run all the same', () => {
    const bound = { boundMs: 1, term: 'relay', boundBytesPerSecond: 1, basis: 'configured', efficiency: 1 }
    const lines = coordinator.map((event) =>
      JSON.stringify(event.event === 'swarm-complete' ? { ...event, ...bound } : event)
    )
    const { run, sources, times } = reportOf(reduced('coordinator.jsonl', lines))
    assert.deepEqual([run.verdict, sources.brokenLines], ['complete', 0])
    assert.deepEqual(times, buildReport(liveRun(coordinator), 0).times)
  })

  it('that tell of no run are no report', () => {
    assert.equal(chooseRun([]), undefined)
    assert.equal(chooseRun([reduced('x', ['{}', 'x'])]), undefined)
    assert.equal(chooseRun([reduced('coordinator.jsonl', linesOf(coordinator.slice(0, 1)))]), undefined)
  })

  it('end without faults where the end is why connections ended, and not before', () => {
    const frame = { peer: 'ann' }
    const dropped = (atMs: number): PeerEvent => ({
      ...frame,
      event: 'peer-disconnected',
      atMs,
      remote: 'ben'
    })
    const complete = coordinator.find((event) => event.event === 'swarm-complete')
    assert.ok(complete?.event === 'swarm-complete')
    const { makespanMs, results } = complete
    const end: PeerEvent = { ...frame, event: 'swarm-complete', atMs: 12_010, makespanMs, results }
    const report = reportOf(
      reduced(
        'ann.jsonl',
        linesOf([...peerEvents(RUN, 'ann'), dropped(5000), dropped(12_005), end, dropped(12_020)])
      )
    )
    assert.deepEqual(report.faults.counts, [{ kind: 'peer-disconnected', count: 1 }])
    assert.equal(report.peers[0]?.transfers?.disconnections, 1)
    const cut = reportOf(
      reduced('ann.jsonl', linesOf([...peerEvents(RUN, 'ann'), dropped(5000), dropped(12_005)]))
    )
    assert.equal(cut.peers[0]?.transfers?.disconnections, 2)
  })
})

describe('lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'potluck-lines-'))
  after(() => rmSync(folder, { recursive: true }))

  it('come whole whatever they are cut into, and those that are too long as nothing', async () => {
    const long = 'ü'.repeat(300_000)
    const path = join(folder, 'log.jsonl')
    writeFileSync(path, `one\n\n${long}\n${long}${long}\nlast without an end`)
    const lines: Array<string | undefined> = []
    await forEachLine(path, (line) => lines.push(line), undefined, 700_000)
    assert.deepEqual(lines, ['one', '', long, undefined, 'last without an end'])
  })

  it('are read no further once that is not wanted', async () => {
    const path = join(folder, 'stopped.jsonl')
    writeFileSync(path, 'line\n'.repeat(200_000))
    const abort = new AbortController()
    const read = forEachLine(path, () => abort.abort(), abort.signal)
    await assert.rejects(read, { name: 'AbortError' })
  })
})

function lastRegistration(
  events: readonly CoordinatorEvent[],
  name: string
): Extract<CoordinatorEvent, { event: 'registered' }> {
  const found = events.findLast((event) => event.event === 'registered' && event.peer === name)
  assert.ok(found?.event === 'registered')
  return found
}
