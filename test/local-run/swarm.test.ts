import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nearest } from '#potluck/cli/nearest.js'
import { PotluckError } from '#potluck/core/errors.js'
import { parseByteLength, readSwarmArguments } from '#potluck/local-run/options.js'
import { parseCoordinatorEvent } from '#potluck/local-run/processes.js'
import { RunFolder } from '#potluck/local-run/run-folder.js'
import { makeSource, missingSources } from '#potluck/local-run/sources.js'
import { checkSpace, neededBytes } from '#potluck/local-run/space.js'
import { verifyCopies } from '#potluck/local-run/verify.js'

const root = mkdtempSync(join(tmpdir(), 'potluck-swarm-'))
after(() => {
  rmSync(root, { recursive: true })
})

const never = new AbortController().signal

function hasCode(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof PotluckError)
    assert.equal(error.code, code)
    assert.match(error.message, message)
    return true
  }
}

test('sizes are read in every common form', () => {
  const cases: Array<[string, number]> = [
    ['123', 123],
    ['0', 0],
    ['8MiB', 8 * 1024 ** 2],
    ['8 mib', 8 * 1024 ** 2],
    ['1GiB', 1024 ** 3],
    ['1.5KiB', 1536],
    ['500MB', 500_000_000],
    ['7B', 7],
    ['1TiB', 1024 ** 4]
  ]
  for (const [text, byteLength] of cases) {
    assert.equal(parseByteLength(text, '--size'), byteLength)
  }
})

test('what is no size is refused in a sentence', () => {
  for (const text of [
    '',
    'MiB',
    '-1',
    '5x',
    '5M',
    '1e3',
    '0.3B',
    '2TiB',
    '1,5MiB',
    'constructor',
    '1 toString'
  ]) {
    assert.throws(
      () => parseByteLength(text, '--size'),
      hasCode('CONFIGURATION', /^--size cannot be ".*8MiB/)
    )
  }
})

test('the options of npm start have the defaults of the assignment', () => {
  const { byteLength, peers, folder, clean } = readSwarmArguments([])
  assert.deepEqual(
    { byteLength, peers, folder, clean },
    { byteLength: 500 * 1024 ** 2, peers: 4, folder: './run', clean: false }
  )
  for (const peers of ['0', '65', 'x', '1.5', '']) {
    assert.throws(() => readSwarmArguments([`--peers=${peers}`]), hasCode('CONFIGURATION', /from 1 to 64/))
  }
})

test('a folder that holds anything else is neither filled nor emptied', async () => {
  const folder = join(root, 'foreign')
  mkdirSync(join(folder, 'client1', 'collection'), { recursive: true })
  await assert.rejects(RunFolder.open(folder), hasCode('CONFIGURATION', /not empty .* --dir/))
  assert.deepEqual(readdirSync(folder), ['client1'])
})

test('a folder with nothing but the logs of a coordinator that ran by itself is taken', async () => {
  const folder = join(root, 'logged')
  mkdirSync(join(folder, 'logs'), { recursive: true })
  writeFileSync(join(folder, 'logs', 'coordinator.jsonl'), '')
  const run = await RunFolder.open(folder)
  await run.removeAll()
  mkdirSync(join(folder, 'logs'), { recursive: true })
  writeFileSync(join(folder, 'logs', 'diary.log'), '')
  await assert.rejects(RunFolder.open(folder), hasCode('CONFIGURATION', /not empty/))
  assert.deepEqual(readdirSync(join(folder, 'logs')), ['diary.log'])
})

test('a folder of ours loses collections and logs, keeps sources, and at the end goes altogether', async () => {
  const folder = join(root, 'ours')
  const run = await RunFolder.open(folder)
  const place = run.placeOf(7)
  for (const path of [place.share, place.collection, run.logs]) {
    mkdirSync(path, { recursive: true })
  }
  writeFileSync(place.source, '')
  writeFileSync(join(place.collection, 'file'), '')
  await run.removeEarlierRun()
  assert.deepEqual(readdirSync(place.folder), ['share'])
  assert.deepEqual(readdirSync(place.share), ['client7.bin'])
  assert.deepEqual(readdirSync(folder).sort(), ['.potluck-run', 'client7'])
  await run.removeAll()
  assert.throws(() => readdirSync(folder), /ENOENT/)
})

test('what else is put into a folder of ours stays, and a link is not followed', async () => {
  const folder = join(root, 'shared')
  const elsewhere = join(root, 'elsewhere')
  mkdirSync(join(elsewhere, 'collection'), { recursive: true })
  const run = await RunFolder.open(folder)
  writeFileSync(join(folder, 'notes.txt'), '')
  const { share } = run.placeOf(2)
  mkdirSync(share, { recursive: true })
  writeFileSync(join(share, 'mine.txt'), '')
  symlinkSync(elsewhere, join(folder, 'client1'))
  await run.removeEarlierRun()
  await run.removeAll()
  assert.deepEqual(readdirSync(folder).sort(), ['client1', 'client2', 'notes.txt'])
  assert.deepEqual(readdirSync(share), ['mine.txt'])
  assert.deepEqual(readdirSync(elsewhere), ['collection'])
})

test('two swarms do not run in one folder', async () => {
  const folder = join(root, 'twice')
  const first = await RunFolder.open(folder)
  await assert.rejects(RunFolder.open(folder), hasCode('CONFIGURATION', /Another swarm runs/))
  first.close()
  const second = await RunFolder.open(folder)
  second.close()
})

test('sources have their length, differ from each other, and are made alike again', async () => {
  const run = await RunFolder.open(join(root, 'sources'))
  const places = [run.placeOf(1), run.placeOf(2)]
  const byteLength = 1024 * 1024 + 7
  assert.equal((await missingSources(places, byteLength)).length, 2)
  let written = 0
  for (const place of places) {
    await makeSource(place, byteLength, never, (length) => {
      written += length
    })
  }
  assert.equal(written, 2 * byteLength)
  assert.deepEqual(await missingSources(places, byteLength), [])
  assert.equal((await missingSources(places, byteLength - 1)).length, 2)
  const [first, second] = places.map((place) => readFileSync(place.source))
  assert.notDeepEqual(first, second)
  await makeSource(run.placeOf(1), byteLength, never, () => undefined)
  assert.deepEqual(readFileSync(run.placeOf(1).source), first)
  assert.deepEqual(readdirSync(run.placeOf(1).folder), ['share'])
  run.close()
})

test('an interrupted source leaves nothing behind', async () => {
  const run = await RunFolder.open(join(root, 'interrupted'))
  const place = run.placeOf(1)
  const reason = new PotluckError('INTERRUPTED', 'stop')
  await assert.rejects(
    makeSource(place, 10, AbortSignal.abort(reason), () => undefined),
    reason
  )
  assert.deepEqual(readdirSync(place.folder), ['share'])
  assert.deepEqual(readdirSync(place.share), [])
  run.close()
})

test('the room for all copies and missing sources is asked for beforehand', async () => {
  const size = 500 * 1024 ** 2
  const all = neededBytes({ peers: 4, byteLength: size, missingSources: 4 })
  assert.ok(all > 16 * size && all < 16.3 * size)
  assert.ok(neededBytes({ peers: 4, byteLength: size, missingSources: 0 }) < 12.3 * size)
  const lines: string[] = []
  const demand = { peers: 64, byteLength: 1024 ** 4, missingSources: 64 }
  await assert.rejects(
    checkSpace(root, demand, (line) => lines.push(line)),
    hasCode('DISK', /not enough room/)
  )
  assert.match(lines[0] ?? '', /^64 peers, each with a file of 1\.0 TiB/)
})

test('copies are compared with their origins, byte for byte', async () => {
  const run = await RunFolder.open(join(root, 'verify'))
  const places = [1, 2].map((number) => ({ ...run.placeOf(number), name: `peer${number}` }))
  for (const place of places) {
    await makeSource(place, 3000, never, () => undefined)
  }
  const [first, second] = places
  assert.ok(first !== undefined && second !== undefined)
  mkdirSync(join(first.collection, 'peer2'), { recursive: true })
  writeFileSync(join(first.collection, 'peer2', 'client2.bin'), readFileSync(second.source))
  mkdirSync(join(second.collection, 'peer1'), { recursive: true })
  const copy = join(second.collection, 'peer1', 'client1.bin')
  const verified = async () => await verifyCopies(places, never, () => undefined)

  const missing = await verified()
  assert.deepEqual([missing.files, missing.identical], [4, 3])
  assert.match(missing.problems[0] ?? '', /client1\.bin cannot be compared: ENOENT/)

  const bytes = readFileSync(first.source)
  writeFileSync(copy, bytes.with(2999, (bytes.at(2999) ?? 0) ^ 1))
  assert.match((await verified()).problems[0] ?? '', /client1\.bin differs from its origin/)

  writeFileSync(copy, bytes)
  assert.deepEqual(await verified(), { files: 4, identical: 4, problems: [] })
  run.close()
})

test('lines of the coordinator that are no events are passed over', () => {
  const event = { event: 'stopped', atMs: 1, peer: 'coordinator', reason: 'done' }
  assert.deepEqual(parseCoordinatorEvent(JSON.stringify(event)), event)
  for (const line of ['', 'hello', '{}', 'null', '[]', '{"event":"x"}', '{"event":1,"atMs":1,"peer":""}']) {
    assert.equal(parseCoordinatorEvent(line), undefined)
  }
})

test('a word that is near is suggested, one that is not is not', () => {
  const keys = ['name', 'listen', 'expectedPeers']
  assert.equal(nearest('nmae', keys), 'name')
  assert.equal(nearest('nam', keys), 'name')
  assert.equal(nearest('ExpectedPeer', keys), 'expectedPeers')
  assert.equal(nearest('listne', keys), 'listen')
  assert.equal(nearest('zzz', keys), undefined)
})
