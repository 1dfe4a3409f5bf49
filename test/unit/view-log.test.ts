import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { EventLog, logLine } from '#potluck/view/log.js'

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
    const log = new EventLog({ folder: join(folder, 'new', 'logs'), name: 'client1', onFailure: silent })
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
  const log = new EventLog({ folder, name: 'hurried', onFailure: silent })
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
    onFailure: (message) => messages.push(message)
  })
  log.write(event, 'stored')
  log.flushNow()
  await log.close()
  assert.equal(messages.length, 1)
  assert.match(messages[0] ?? '', /cannot be written .* the run goes on without them\. .*--logs/)
})
