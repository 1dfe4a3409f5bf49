/** What a coordinator and a peer show over HTTP while a swarm runs, and that nothing of it is left behind. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { createCoordinator } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { type Family, metricOf, parseMetrics } from '../fixtures/prometheus.js'
import { nextEvent, TestSwarm } from '../fixtures/swarm.js'
import { ask, getOf, RawClient } from '../fixtures/web.js'

const DASHBOARD = '127.0.0.1:0'

/** In both directions, or what was measured on a busy machine may bind. */
const LINE = { uplink: 8, downlink: 80 }

const healthSchema = z.object({
  status: z.string(),
  phase: z.string(),
  peers: z.object({
    expected: z.number(),
    registered: z.number(),
    connected: z.number(),
    complete: z.number()
  })
})

async function healthAt(port: number) {
  const { status, body } = await ask({ port, path: '/healthz' })
  const { phase, peers, ...report } = healthSchema.parse(JSON.parse(body))
  return { code: status, status: report.status, phase, peers: Object.values(peers).join(' ') }
}

async function metricsAt(port: number): Promise<Map<string, Family>> {
  const { status, headers, body } = await ask({ port, path: '/metrics' })
  assert.equal(status, 200)
  assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4; charset=utf-8$/)
  return parseMetrics(body)
}

/** The port that it serves on, from what it tells at its start. */
function portOf(events: readonly { event: string; url?: string }[]): number {
  const [serving, ...more] = events.filter(({ event }) => event === 'serving')
  assert.deepEqual(more, [])
  return Number(new URL(serving?.url ?? 'http://nowhere').port)
}

async function withTwo(
  use: (swarm: TestSwarm, ports: { coordinator: number; ann: number }) => Promise<void>
): Promise<void> {
  await TestSwarm.run(async (swarm) => {
    const coordinator = await swarm.coordinator({ expectedPeers: 2, dashboard: DASHBOARD })
    const port = portOf(swarm.coordinatorEvents)
    assert.deepEqual(
      swarm.coordinatorEvents.map(({ event }) => event),
      ['started', 'serving']
    )
    assert.deepEqual(await healthAt(port), { code: 200, status: 'ok', phase: 'joining', peers: '2 0 0 0' })
    const ann = await swarm.peer('ann', { 'a.bin': bytesOf(300_000, 'a') }, { ...LINE, metrics: DASHBOARD })
    const ben = await swarm.peer('ben', { 'b.bin': bytesOf(100_000, 'b') }, LINE)
    const published = nextEvent(coordinator, 'manifests-published')
    await ann.peer.start()
    await published
    assert.deepEqual(await healthAt(port), { code: 200, status: 'ok', phase: 'joining', peers: '2 1 1 0' })
    await ben.peer.start()
    await Promise.all([coordinator.completed(), ann.peer.completed(), ben.peer.completed()])
    await use(swarm, { coordinator: port, ann: portOf(ann.events) })
  })
}

describe('serving', () => {
  it('tells health and metrics of a whole run, each series once', async () => {
    await withTwo(async (_swarm, ports) => {
      for (const port of [ports.coordinator, ports.ann]) {
        const { code, phase } = await healthAt(port)
        assert.deepEqual([code, phase], [200, 'complete'])
      }

      const ofAll = await metricsAt(ports.coordinator)
      assert.equal(metricOf(ofAll, 'potluck_peer_held_bytes', { peer: 'ann' }), 400_000)
      assert.equal(metricOf(ofAll, 'potluck_peer_received_bytes_total', { peer: 'ann' }), 100_000)
      assert.equal(metricOf(ofAll, 'potluck_peer_sent_bytes_total', { peer: 'ann' }), 300_000)
      assert.equal(metricOf(ofAll, 'potluck_peers', { state: 'complete' }), 2)
      assert.equal(metricOf(ofAll, 'potluck_lower_bound_seconds', { term: 'origin' }), 0.3)
      assert.equal(metricOf(ofAll, 'potluck_build_info', { role: 'coordinator', name: 'coordinator' }), 1)
      assert.ok(metricOf(ofAll, 'potluck_makespan_seconds') > 0)
      assert.ok(metricOf(ofAll, 'potluck_swarm_clock_seconds') > 0)

      const ofAnn = await metricsAt(ports.ann)
      assert.equal(metricOf(ofAnn, 'potluck_held_bytes'), 400_000)
      assert.equal(metricOf(ofAnn, 'potluck_received_bytes_total'), 100_000)
      assert.equal(metricOf(ofAnn, 'potluck_chunks_stored_total'), 7)
      assert.equal(metricOf(ofAnn, 'potluck_files_complete_total'), 1)
      assert.equal(metricOf(ofAnn, 'potluck_efficiency_ratio'), metricOf(ofAll, 'potluck_efficiency_ratio'))
      const protocol = '/potluck/chunk/1.0.0 received'
      assert.ok(metricOf(ofAnn, 'libp2p_data_transfer_bytes_total', { protocol }) > 100_000)
    })
  })

  it('has every metric that the sample of a Grafana dashboard asks for', async () => {
    const text = await readFile('docs/grafana.json', 'utf8')
    const { panels } = z
      .object({
        panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })).optional() }))
      })
      .parse(JSON.parse(text))
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    assert.ok(queries.length > 10)
    await withTwo(async (_swarm, ports) => {
      const families = new Map([...(await metricsAt(ports.coordinator)), ...(await metricsAt(ports.ann))])
      for (const query of queries) {
        const names = query.match(/\b(?:potluck|libp2p|process|nodejs)_[a-z0-9_]+/g) ?? []
        assert.ok(names.length > 0, query)
        for (const name of names) {
          const family = families.get(name) ?? families.get(name.replace(/_bucket$/, ''))
          assert.ok(family !== undefined, `${name} of ${query}`)
          const inRate = query.includes(`rate(${name}[`) || query.includes(`increase(${name}[`)
          assert.equal(inRate, family.type !== 'gauge', query)
        }
      }
    })
  })

  it('ends with the role, together with who still listens', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 1, dashboard: DASHBOARD })
      const port = portOf(swarm.coordinatorEvents)
      const listener = await RawClient.open(port, getOf('/events'))
      await listener.got(/event: snapshot/)
      await coordinator.stop()
      await listener.closed
      assert.match(listener.received, /event: news\ndata: .*"phase":"stopped"/)
      await assert.rejects(ask({ port }), /ECONNREFUSED/)
    })
  })

  it('fault 39: is not there unless it is asked for', async () => {
    await TestSwarm.run(async (swarm) => {
      await swarm.coordinator({ expectedPeers: 1 })
      assert.deepEqual(
        swarm.coordinatorEvents.map(({ event }) => event),
        ['started']
      )
      const off = await createCoordinator({ listen: ['/ip4/127.0.0.1/tcp/0'], dashboard: 'off' })
      off.events.listen(({ event }) => assert.notEqual(event, 'serving'))
      await off.start()
      await off.stop()
    })
  })

  it('fault 39: says that others can look, where they can', async () => {
    const coordinator = await createCoordinator({
      listen: ['/ip4/127.0.0.1/tcp/0'],
      dashboard: '0.0.0.0:0'
    })
    const warnings: string[] = []
    coordinator.events.listen((event) => {
      if (event.event === 'warning') {
        warnings.push(event.message)
      }
    })
    await coordinator.start()
    try {
      const [message = '', ...more] = warnings
      assert.deepEqual(more, [])
      assert.match(
        message,
        /^anyone who can reach 0\.0\.0\.0:\d+ sees the names of peers and files.*--dashboard 127\.0\.0\.1:/
      )
    } finally {
      await coordinator.stop()
    }
  })

  it('fails before anything else when its address is in use', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const bound = taken.address()
    assert.ok(bound !== null && typeof bound === 'object')
    const address = `127.0.0.1:${bound.port}`
    const failure = {
      code: 'LISTEN_FAILED',
      message: /cannot serve HTTP on 127\.0\.0\.1:\d+ .*set another address with --/
    }
    await TestSwarm.run(async (swarm) => {
      await swarm.coordinator({ expectedPeers: 1 })
      const { peer } = await swarm.peer('ann', {}, { metrics: address })
      await assert.rejects(peer.start(), failure)
    })
    const coordinator = await createCoordinator({ listen: ['/ip4/127.0.0.1/tcp/0'], dashboard: address })
    await assert.rejects(coordinator.start(), failure)
    await coordinator.stop()
    taken.close()
  })
})
