import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { EventLog, logLine } from '#potluck/view/log.js'
import { LogFile } from '#potluck/view/log-file.js'

const folder = mkdtempSync(join(tmpdir(), 'potluck-log-'))
after(() => {
  rmSync(folder, { recursive: true })
})

const event = { event: 'chunk-stored', atMs: 12_345.678, peer: 'client1' }

function silent(): void {
  assert.fail('no failure was expected')
}

test('the swarm clock comes first, in a column of its own, then the event and what it says', () => {
  assert.equal(logLine(event, 'text'), '    12345.678 ms  chunk-stored             text\n')
  assert.equal(
    logLine({ ...event, atMs: 0, event: 'hashed' }, 'text'),
    '        0.000 ms  hashed                   text\n'
  )
})

test('both files get every event, also from two runs', async () => {
  for (const atMs of [1, 2]) {
    const log = new EventLog({ folder: join(folder, 'new', 'logs'), name: 'client1', onUnwritable: silent })
    log.write({ ...event, atMs }, 'stored')
    await log.close()
    await log.close()
  }
  const text = readFileSync(join(folder, 'new', 'logs', 'client1.log'), 'utf8')
  assert.equal(text, logLine({ ...event, atMs: 1 }, 'stored') + logLine({ ...event, atMs: 2 }, 'stored'))
  const json = readFileSync(join(folder, 'new', 'logs', 'client1.jsonl'), 'utf8')
  assert.deepEqual(
    json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { ...event, atMs: 1 },
      { ...event, atMs: 2 }
    ]
  )
})

test('a process that cannot wait writes what waits at once', async () => {
  const log = new EventLog({ folder, name: 'hurried', onUnwritable: silent })
  log.write(event, 'stored')
  log.flushNow()
  assert.equal(readFileSync(join(folder, 'hurried.log'), 'utf8'), logLine(event, 'stored'))
  await log.close()
})

test('a log that cannot be opened is said once, and writing goes on to nowhere', async () => {
  writeFileSync(join(folder, 'file'), '')
  const messages: string[] = []
  const log = new EventLog({
    folder: join(folder, 'file', 'logs'),
    name: 'client1',
    onUnwritable: (message) => messages.push(message)
  })
  log.write(event, 'stored')
  log.flushNow()
  await log.close()
  assert.equal(messages.length, 1)
  assert.match(messages[0] ?? '', /cannot be written .* the run continues without them\. .*--logs/)
})

test('fault 46: logs on a full disk are given up, and said once', { skip: noFullDevice() }, async () => {
  const messages: string[] = []
  for (const ending of ['log', 'jsonl']) {
    symlinkSync('/dev/full', join(folder, `full.${ending}`))
  }
  const log = new EventLog({ folder, name: 'full', onUnwritable: (message) => messages.push(message) })
  log.write(event, 'stored')
  log.write(event, 'stored')
  log.flushNow()
  await log.close()
  assert.equal(messages.length, 1)
  assert.match(messages[0] ?? '', /cannot be written .*ENOSPC.* the run continues without them/)
})

test('fault 46: a disk that is full later ends a log as well', { skip: noFullDevice() }, async () => {
  const failures: unknown[] = []
  const file = new LogFile({
    path: '/dev/full',
    onUnwritable: (error) => failures.push(error),
    onDrop: () => assert.fail('nothing was to be dropped')
  })
  file.add('x'.repeat(10_000))
  file.add('waits\n')
  await file.end()
  file.add('too late\n')
  file.flushNow()
  assert.equal(failures.length, 1)
})

function noFullDevice(): string | false {
  return existsSync('/dev/full') ? false : 'there is no /dev/full'
}

test('what comes while a part is written is written after it, in its order', async () => {
  const log = new EventLog({ folder, name: 'busy', onUnwritable: silent })
  const count = 5000
  for (let atMs = 0; atMs < count; atMs++) {
    log.write({ ...event, atMs }, 'stored')
    if (atMs % 1000 === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  await log.close()
  const lines = readFileSync(join(folder, 'busy.log'), 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => Number.parseFloat(line)),
    Array.from({ length: count }, (_, atMs) => atMs)
  )
})
