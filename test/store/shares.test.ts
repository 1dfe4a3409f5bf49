/**
 * Which parts of real trees are shared: names that not every system can store, patterns, links, and repeated shares.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { messageOf } from '#potluck/core/errors.js'
import type { FileStoreInit } from '#potluck/store/file-store.js'
import { CHUNK, failure, filesOf, Room } from './fixture.js'

/** Windows stores none of these names. */
const IS_WINDOWS = process.platform === 'win32'

async function shared(room: Room, init: Partial<FileStoreInit> = {}) {
  const { store, recorder } = await room.open({ shares: [room.path('in')], ...init })
  try {
    const entries = await store.hashShares(CHUNK)
    await store.hashShares(2 * CHUNK)
    const folders = entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path)
    return { files: filesOf(entries), folders, warnings: recorder.warnings }
  } finally {
    await store.close()
  }
}

async function withBadNames(room: Room): Promise<void> {
  for (const path of ['what?', 'a:b/c|d', 'a:b/fine', 'nul.txt', 'README', 'readme', 'fine/fine']) {
    await room.write(`in/${path}`, path)
  }
}

describe('names that not every system can store', { skip: IS_WINDOWS }, () => {
  it('are refused in one list, each once, with its reason and what helps', async (test) => {
    const room = await Room.make(test)
    await withBadNames(room)
    const error = await shared(room).catch((error: unknown) => error)
    failure(
      'SHARE_UNUSABLE',
      '5 names',
      'rename them',
      '--portable-names rename',
      '--portable-names skip'
    )(error)
    const [, ...lines] = messageOf(error).split('\n')
    assert.deepEqual(lines.sort(), [
      `  ${room.path('in/a:b')}/: its name has one of the characters < > : " | ? * \\ /`,
      `  ${room.path('in/a:b/c|d')}: its name has one of the characters < > : " | ? * \\ /`,
      `  ${room.path('in/nul.txt')}: its name has a part that Windows keeps for devices`,
      `  ${room.path('in/readme')}: some systems take its name for the same as README`,
      `  ${room.path('in/what?')}: its name has one of the characters < > : " | ? * \\ /`
    ])
  })

  it('are refused in all shares at once, with names that are too long or not UTF-8, and shares that meet', async (test) => {
    const room = await Room.make(test)
    await room.write('in/what?', '')
    await room.write('two/IN', '')
    writeFileSync(Buffer.concat([Buffer.from(`${room.path('in')}/`), Buffer.of(0xff)]), '')
    const deep = `in/${Array.from({ length: 64 }, () => 'd').join('/')}`
    await mkdir(room.path(deep), { recursive: true })
    const shares = [room.path('in'), room.path('two/IN')]
    const error = await shared(room, { shares }).catch((error: unknown) => error)
    for (const said of [
      'what?: its name has one of',
      'bytes that are not UTF-8',
      `${room.path(deep)}/: it has more than 64 parts`,
      `${room.path('two/IN')}: some systems take it for the same as ${room.path('in')}`
    ]) {
      failure('SHARE_UNUSABLE', said)(error)
    }
  })

  it('are left out with skip, which names them, with all that is in their folders', async (test) => {
    const room = await Room.make(test)
    await withBadNames(room)
    writeFileSync(Buffer.concat([Buffer.from(`${room.path('in')}/`), Buffer.of(0xff)]), '')
    const { files, folders, warnings } = await shared(room, { portableNames: 'skip' })
    assert.deepEqual(files, ['in/README', 'in/fine/fine'])
    assert.deepEqual(folders, ['in', 'in/fine'])
    assert.equal(warnings.length, 1)
    assert.match(
      warnings[0] ?? '',
      /^Left out 5 paths with a name that not every system can store: in\/.* and 2 more\.$/
    )
  })

  it('are shared under other names with rename, which shows old and new', async (test) => {
    const room = await Room.make(test)
    await withBadNames(room)
    const { files, folders, warnings } = await shared(room, { portableNames: 'rename' })
    assert.deepEqual(files, [
      'in/README',
      'in/a_b/c_d',
      'in/a_b/fine',
      'in/fine/fine',
      'in/nul_.txt',
      'in/readme~2',
      'in/what_'
    ])
    assert.deepEqual(folders, ['in', 'in/a_b', 'in/fine'])
    assert.equal(warnings.length, 1)
    assert.deepEqual(warnings[0]?.split('\n').sort(), [
      `  ${room.path('in/a:b')} → a_b`,
      `  ${room.path('in/a:b/c|d')} → c_d`,
      `  ${room.path('in/nul.txt')} → nul_.txt`,
      `  ${room.path('in/readme')} → readme~2`,
      `  ${room.path('in/what?')} → what_`,
      '5 paths shared under another name:'
    ])
  })

  it('of a share itself are treated like those in one', async (test) => {
    const room = await Room.make(test)
    const shares = [
      await room.write('what?', ''),
      await room.write('a:b/inside', '').then(() => room.path('a:b'))
    ]
    assert.deepEqual((await shared(room, { shares, portableNames: 'rename' })).files, ['what_', 'a_b/inside'])
    assert.deepEqual((await shared(room, { shares, portableNames: 'skip' })).files, [])
    await assert.rejects(shared(room, { shares }), failure('SHARE_UNUSABLE', '2 names', 'what?', 'a:b/:'))
  })

  it('are refused with rename where another name does not help', async (test) => {
    const room = await Room.make(test)
    writeFileSync(Buffer.concat([Buffer.from(await room.write('in/a', '')), Buffer.of(0xff)]), '')
    await assert.rejects(
      shared(room, { portableNames: 'rename' }),
      failure('SHARE_UNUSABLE', '1 name cannot', 'not UTF-8', /start with --portable-names skip/)
    )
  })
})

describe('what patterns leave out of a share', () => {
  it('is what systems and Office make for themselves, counted and named, unless a pattern takes it back', async (test) => {
    const room = await Room.make(test)
    for (const path of [
      '.DS_Store',
      'sub/.DS_Store',
      'Thumbs.db',
      'Desktop.ini',
      '~$letter.docx',
      'letter.docx',
      '.hidden'
    ]) {
      await room.write(`in/${path}`, path)
    }
    const { files, warnings } = await shared(room)
    assert.deepEqual(files, ['in/.hidden', 'in/letter.docx'])
    assert.equal(warnings.length, 1)
    assert.match(
      warnings[0] ?? '',
      /^Left out 5 files that the system or Office made .*in\/.DS_Store.* and 2 more\.$/
    )
    const kept = await shared(room, { exclude: ['!.DS_Store', '!Thumbs.db'] })
    assert.deepEqual(kept.files, [
      'in/.DS_Store',
      'in/.hidden',
      'in/Thumbs.db',
      'in/letter.docx',
      'in/sub/.DS_Store'
    ])
  })

  it('is what the patterns mean by the path in the folder, in the order of .potluckignore and settings', async (test) => {
    const room = await Room.make(test)
    for (const path of [
      'a.tmp',
      'keep.tmp',
      'build/x',
      'sub/build/y',
      'sub/a.log',
      'top.log',
      'raw/1',
      'raw/2'
    ]) {
      await room.write(`in/${path}`, path)
    }
    await room.write('in/.potluckignore', '\ufeff# of builds\n*.tmp\r\n\n/build/\nraw/*\n!raw/1\n')
    const { files, folders, warnings } = await shared(room, { exclude: ['!keep.tmp', 'sub/*.log'] })
    assert.deepEqual(files, ['in/.potluckignore', 'in/keep.tmp', 'in/raw/1', 'in/sub/build/y', 'in/top.log'])
    assert.deepEqual(folders, ['in', 'in/raw', 'in/sub', 'in/sub/build'])
    assert.deepEqual(warnings, [
      'Left out 4 paths by --exclude or .potluckignore: in/a.tmp, in/build, in/raw/2 and 1 more.'
    ])
  })

  it('has its names checked no more, and no share that is named itself', {
    skip: IS_WINDOWS
  }, async (test) => {
    const room = await Room.make(test)
    await room.write('in/a:b/c', '')
    await room.write('in/fine', '')
    const shares = [room.path('in'), await room.write('Thumbs.db', ''), await room.write('what.tmp', '')]
    const { files } = await shared(room, { shares, exclude: ['a:b/', '*.tmp'] })
    assert.deepEqual(files, ['in/fine', 'Thumbs.db', 'what.tmp'])
  })

  it('is told by a file of patterns that has nothing else in it', async (test) => {
    const room = await Room.make(test)
    await room.write('in/.potluckignore', `fine\n${'x'.repeat(5000)}\n`)
    await assert.rejects(shared(room), failure('SHARE_UNUSABLE', 'line 2 of', '.potluckignore', 'correct it'))
    await room.write('in/.potluckignore', '#\n'.repeat(200_000))
    await assert.rejects(shared(room), failure('SHARE_UNUSABLE', '.potluckignore', 'too long'))
  })
})

describe('what else is left out of a share', { skip: IS_WINDOWS }, () => {
  it('has one sentence for each kind, also when the shares are hashed again', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a', 'a')
    symlinkSync('a', room.path('in/link'))
    symlinkSync('.', room.path('in/loop'))
    execFileSync('mkfifo', [room.path('in/pipe')])
    await room.write('in/report.json', '{"format":"potluck-report",')
    const collection = room.path('in/collection')
    const { files, warnings } = await shared(room, { collection })
    assert.deepEqual(files, ['in/a'])
    assert.deepEqual(warnings.map((warning) => warning.split('.')[0]).sort(), [
      'Potluck does not share its own files and left these out: in/report',
      'Sockets, pipes and devices are not shared; left out in/pipe',
      'Symbolic links are not shared; left out in/link, in/loop',
      'The collection lies inside a share and is not shared: in/collection'
    ])
  })
})

describe('a share that is given twice', () => {
  it('is one share, however it is written', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a', 'a')
    const file = await room.write('single', 's')
    const shares = [room.path('in'), `${room.path('in')}/`, room.path('in/../in'), file, file]
    const { files, warnings } = await shared(room, { shares })
    assert.deepEqual(files, ['in/a', 'single'])
    assert.deepEqual(warnings, [])
  })
})
