/** Where the report is written, and what happens to an existing one. */
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { PotluckError } from '#potluck/index.js'
import { buildReport } from '#potluck/report/build-report.js'
import { writeReport } from '#potluck/report/files/write-report.js'
import { type Report, reportSchema } from '#potluck/report/report.js'
import { alterFileSystem, systemError } from '../fixtures/poor-file-system.js'
import { coordinatorEvents, liveRun } from '../fixtures/report-events.js'

function reportOf(names: string[], id: string): Report {
  const report = buildReport(liveRun(coordinatorEvents({ names })), 0)
  return { ...report, run: { ...report.run, id } }
}

describe('a report in a folder', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'potluck-report-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))

  it('is a page, and the same for machines by its schema, in a folder that need not be there', async () => {
    const report = reportOf(['ann', 'b\u202een'], 'one')
    const into = join(folder, 'new', 'logs')
    assert.equal(await writeReport(into, report), join(into, 'report.html'))
    assert.deepEqual(readdirSync(into).sort(), ['report.html', 'report.json'])
    const text = readFileSync(join(into, 'report.json'), 'utf8')
    assert.ok(!text.includes('\u202e'), 'which would turn around what a terminal shows')
    assert.deepEqual(reportSchema.parse(JSON.parse(text)), report)
    assert.match(readFileSync(join(into, 'report.html'), 'utf8'), /^<!doctype html>/)
  })

  it('takes the place of one of the same run, and moves one of another aside', async () => {
    await writeReport(folder, reportOf(['ann'], 'one'))
    await writeReport(folder, reportOf(['ann', 'ben'], 'one'))
    assert.deepEqual(readdirSync(folder).sort(), ['report.html', 'report.json'])
    for (const name of readdirSync(folder)) {
      utimesSync(join(folder, name), new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:05Z'))
    }
    await writeReport(folder, reportOf(['cat'], 'two'))
    assert.deepEqual(readdirSync(folder).sort(), [
      'report-2026-01-02-030405.html',
      'report-2026-01-02-030405.json',
      'report.html',
      'report.json'
    ])
    assert.equal(reportSchema.parse(read('report-2026-01-02-030405.json')).run.id, 'one')
    assert.equal(reportSchema.parse(read('report.json')).run.id, 'two')
  })

  it('fault 50: takes the place of one of the same run also where no file is renamed over another one', async (test) => {
    await writeReport(folder, reportOf(['ann'], 'one'))
    alterFileSystem(test, {
      'promises.rename': async (perform, _from, to) => {
        if (existsSync(String(to))) {
          throw systemError('EEXIST', 'rename')
        }
        return await perform()
      }
    })
    await writeReport(folder, reportOf(['ann', 'ben'], 'one'))
    assert.deepEqual(readdirSync(folder).sort(), ['report.html', 'report.json'])
    assert.deepEqual(reportSchema.parse(read('report.json')), reportOf(['ann', 'ben'], 'one'))
  })

  it('overwrites nothing that is not its own, whatever it is called', async () => {
    for (const name of ['report.html', 'report.json', 'report-2026-01-02-030405.html']) {
      writeFileSync(join(folder, name), `my ${name}`)
      utimesSync(join(folder, name), new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:05Z'))
    }
    await writeReport(folder, reportOf(['ann'], 'one'))
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    for (const name of ['report.html', 'report.json', 'report-2026-01-02-030405.html']) {
      assert.equal(texts.filter((text) => text === `my ${name}`).length, 1, name)
    }
  })

  it('that cannot be written is an error that says what to do, and leaves nothing half', async () => {
    writeFileSync(join(folder, 'file'), '')
    await assert.rejects(writeReport(join(folder, 'file'), reportOf(['ann'], 'one')), (error) => {
      assert.ok(error instanceof PotluckError && error.code === 'DISK')
      assert.match(error.message, /cannot be written to .*file .*--out FOLDER/)
      return true
    })
    assert.deepEqual(readdirSync(folder), ['file'])
  })
})
