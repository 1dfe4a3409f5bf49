/** The report as the commands write it. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Report, reportSchema } from '#potluck/view/report/report.js'
import { type Command, Workshop } from '../fixtures/processes.js'
import { bytesOf } from '../fixtures/swarm.js'

const MIB = 1024 * 1024

async function endsWith(command: Command, code: number): Promise<void> {
  assert.deepEqual(await command.end(), { code, signal: null }, command.output.slice(-3000))
}

async function reportIn(workshop: Workshop, folder: string): Promise<Report> {
  const text = await readFile(join(workshop.folder, folder, 'report.json'), 'utf8')
  assert.match(await readFile(join(workshop.folder, folder, 'report.html'), 'utf8'), /^<!doctype html>/)
  return reportSchema.parse(JSON.parse(text))
}

async function runPair(workshop: Workshop, ...flags: string[]): Promise<Command> {
  const command = workshop.start(
    'coordinator.js',
    ...['--listen', '/ip4/127.0.0.1/tcp/0', '--peers', '2', '--logs', 'logs', '--json', ...flags]
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

      const elsewhere = workshop.start('coordinator.js', 'report', 'logs/ben.jsonl', '--out', 'out')
      await endsWith(elsewhere, 0)
      assert.equal((await reportIn(workshop, 'out')).sources.coordinator, 'none')
    })
  })

  it('writes none where it is told so', async () => {
    await Workshop.run(async (workshop) => {
      const coordinator = await runPair(workshop, '--no-report')
      assert.doesNotMatch(coordinator.output, /Report/)
      const names = await readdir(join(workshop.folder, 'logs'))
      assert.deepEqual(
        names.filter((name) => name.startsWith('report')),
        []
      )
    })
  })

  it('says when it cannot be written, and ends as it would have', async () => {
    await Workshop.run(async (workshop) => {
      await workshop.write('logs', 'a file where a folder should be')
      const coordinator = await runPair(workshop)
      assert.match(coordinator.stderr, /The report cannot be written to .*logs/)
    })
  })

  it('writes one also when it is interrupted, if there was a run', async () => {
    await Workshop.run(async (workshop) => {
      const { command: lonely } = await workshop.coordinator(2)
      lonely.child.kill('SIGINT')
      await endsWith(lonely, 130)
      assert.doesNotMatch(lonely.output, /Report/)

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

describe('report', () => {
  it('refuses what is no log of a run, in one sentence and with exit code 2', async () => {
    await Workshop.run(async (workshop) => {
      await workshop.write('empty.jsonl', '')
      const cases: Array<[string[], RegExp]> = [
        [['nowhere.jsonl'], /The log nowhere\.jsonl cannot be read: there is no such file or folder\./],
        [['empty.jsonl'], /There is no run in empty\.jsonl: name the \.jsonl files/],
        [['.'], /There is no run in \.: /],
        [[], /missing required argument 'logs'/],
        [['empty.jsonl', '--ot', 'x'], /unknown option '--ot'/]
      ]
      for (const [args, pattern] of cases) {
        const command = workshop.start('coordinator.js', 'report', ...args)
        await endsWith(command, 2)
        assert.match(command.stderr, pattern)
      }
      const help = workshop.start('coordinator.js', 'report', '--help')
      await endsWith(help, 0)
      assert.match(help.stdout, /<logs\.\.\.>[\s\S]*--out <folder>/)
    })
  })
})

describe('npm start', () => {
  it('has a report of all logs in its folder at the end', async () => {
    await Workshop.run(async (workshop) => {
      const swarm = workshop.start('swarm.js', '--size', '1MiB', '--peers', '2', '--dir', 'run')
      await endsWith(swarm, 0)
      assert.match(swarm.stdout, /identical\nReport: \.\/run\/logs\/report\.html\n$/)
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
      const swarm = workshop.start('swarm.js', '--size', '64MiB', '--peers', '2', '--dir', 'run', '--json')
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
