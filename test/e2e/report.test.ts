/** The report as the commands write it; where they write none, or refuse to, is in integration/commands.test.ts. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Report, reportSchema } from '#potluck/report/report.js'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'

const MIB = 1024 * 1024

async function endsWith(command: Command, code: number): Promise<void> {
  assert.deepEqual(await command.end(), { code, signal: null }, command.output.slice(-3000))
}

async function reportIn(workshop: Workshop, folder: string): Promise<Report> {
  const text = await readFile(join(workshop.folder, folder, 'report.json'), 'utf8')
  assert.match(await readFile(join(workshop.folder, folder, 'report.html'), 'utf8'), /^<!doctype html>/)
  return reportSchema.parse(JSON.parse(text))
}

async function runPair(workshop: Workshop): Promise<Command> {
  const command = workshop.start(
    'coordinator.js',
    ...['--listen', '/ip4/127.0.0.1/tcp/0', '--peers', '2', '--logs', 'logs', '--json']
  )
  const { multiaddrs } = await command.told('started')
  const [address] = Array.isArray(multiaddrs) ? multiaddrs : []
  const share = await workshop.write('ann.bin', bytesOf(MIB, 'ann'))
  const ann = workshop.peer('ann', String(address), '--share', share)
  const ben = workshop.peer('ben', String(address))
  await Promise.all([ann, ben, command].map((each) => endsWith(each, 0)))
  return command
}

describe('the coordinator', () => {
  it('writes a report beside its logs; the command makes it anew with what the peers logged', async () => {
    await Workshop.run(async (workshop) => {
      const coordinator = await runPair(workshop)
      assert.match(coordinator.stderr, /^Report: \.\/logs\/report\.html$/m)
      const live = await reportIn(workshop, 'logs')
      assert.deepEqual([live.run.verdict, live.sources.coordinator], ['complete', 'live'])
      assert.equal(live.peers[1]?.receivedBytes, MIB)

      const again = workshop.start('coordinator.js', 'report', 'logs')
      await endsWith(again, 0)
      assert.match(again.stdout, /^Report: \.\/logs\/report\.html$/m)
      const anew = await reportIn(workshop, 'logs')
      assert.deepEqual([anew.run.id, anew.sources.peerLogs], [live.run.id, ['ann', 'ben']])
      assert.deepEqual(anew.times.makespanMs, live.times.makespanMs)
      assert.equal(anew.peers[1]?.directBytes, MIB)
      const reports = (await readdir(join(workshop.folder, 'logs'))).filter((name) =>
        name.startsWith('report')
      )
      assert.deepEqual(reports.sort(), ['report.html', 'report.json'], 'the same run is there once')
    })
  })

  it('writes one also when it is interrupted', async () => {
    await Workshop.run(async (workshop) => {
      const { command: coordinator, address } = await workshop.coordinator(2)
      await workshop.peer('ann', address).told('registered')
      coordinator.child.kill('SIGINT')
      await endsWith(coordinator, 130)
      const { run, peers } = await reportIn(workshop, 'logs')
      assert.equal(run.verdict, 'stopped')
      assert.deepEqual(
        peers.map(({ name }) => name),
        ['ann']
      )
    })
  })
})

describe('npm start', () => {
  it('runs the whole scenario, verifies every file, and has a report of all logs in its folder at the end', async () => {
    await Workshop.run(async (workshop) => {
      const swarm = workshop.start('swarm.js', '--size', '1MiB', '--peers', '2', '--dir', 'run')
      await endsWith(swarm, 0)
      assert.match(swarm.stdout, /Dashboard: http:\/\/127\.0\.0\.1:\d+\/( |\n)/)
      assert.match(swarm.stdout, /^4 of 4 files identical\nReport: \.\/run\/logs\/report\.html\n$/m)
      const { sources, run } = await reportIn(workshop, 'run/logs')
      assert.deepEqual(sources, {
        coordinator: 'log',
        peerLogs: ['client1', 'client2'],
        leftOut: [],
        brokenLines: 0,
        missing: []
      })
      assert.equal(run.verdict, 'complete')
    })
  })

  it('has one of what was known when it is interrupted', async () => {
    await Workshop.run(async (workshop) => {
      const swarm = workshop.start('swarm.js', '--size', '32MiB', '--peers', '2', '--dir', 'run', '--json')
      await swarm.told('catalog')
      swarm.child.kill('SIGINT')
      await endsWith(swarm, 130)
      const { run, sources } = await reportIn(workshop, 'run/logs')
      assert.equal(run.verdict, 'stopped')
      assert.equal(sources.brokenLines, 0)
      assert.equal(run.files, 2)
    })
  })
})
