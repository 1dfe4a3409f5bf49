/** Which files of a share are shared: not Potluck's own, none that tells a false length, and all with a valid name. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { copyFile, mkdir, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { loadIdentity } from '#potluck/keys/identity.js'
import { makeSecretFile } from '#potluck/keys/secret.js'
import type { FileStoreInit } from '#potluck/store/file-store.js'
import { CollectionPaths } from '#potluck/store/paths.js'
import { scanShares } from '#potluck/store/share-scan.js'
import { EventLog } from '#potluck/view/log.js'
import { CHUNK, failure, filesOf, Room } from './fixture.js'

const STARTED = { event: 'started', atMs: 0, peer: 'ann', peerId: 'id', multiaddrs: [] }

function logIn(folder: string, name: string): EventLog {
  return new EventLog({ folder, name, onUnwritable: assert.fail })
}

/** The shared files of the test's folder `in`, and the messages about it. */
async function shared(room: Room, init: Partial<FileStoreInit> = {}) {
  const { store, recorder } = await room.open({ shares: [room.path('in')], ...init })
  try {
    const entries = await store.hashShares(CHUNK)
    await store.hashShares(2 * CHUNK)
    const folders = entries.filter(({ kind }) => kind === 'folder').map(({ path }) => path)
    return { paths: filesOf(entries), folders, warnings: recorder.warnings }
  } finally {
    await store.close()
  }
}

describe('own files in a share', () => {
  it('fault 42: leaves them out, of any earlier run and under any name, and says so in one line', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a', 'a')
    await mkdir(room.path('in/logs'))
    const log = logIn(room.path('in/logs'), 'ann')
    log.write(STARTED, 'listens')
    await copyFile(room.path('in/logs/ann.log'), room.path('in/logs/older.txt'))
    await room.write('in/coordinator.state', '{"version":2,"clockZeroUnixMs":1,"members":[]}')
    await room.write('in/report-2026-01-02-030405.json', '{"format":"potluck-report","version":1}')
    await room.write('in/ben-got/.potluck/lock', '{"pid":1,"name":"ben"}')
    await room.write('in/ben-got/cat/b', 'b')
    const { paths, folders, warnings } = await shared(room)
    await log.close()
    assert.deepEqual(paths, ['in/a', 'in/ben-got/cat/b'])
    assert.deepEqual(folders, ['in', 'in/ben-got', 'in/ben-got/cat'], 'nor a folder that has nothing else')
    assert.equal(warnings.length, 1)
    assert.match(
      warnings[0] ?? '',
      /in\/ben-got\/\.potluck, in\/coordinator\.state, in\/logs\/ann\.jsonl and 3 more\./
    )
  })

  it('fault 42: says nothing where there are none, and still brings a folder in which all is left out', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a.jsonl', '{"event":"started","at":1}\n')
    assert.deepEqual(await shared(room), { paths: ['in/a.jsonl'], folders: ['in'], warnings: [] })
    const other = await Room.make(test)
    await other.write('in/coordinator.state', '{"version":2,"clockZeroUnixMs":1,"members":[]}')
    const { paths, folders, warnings } = await shared(other)
    assert.deepEqual([paths, folders], [[], ['in']])
    assert.equal(warnings.length, 1)
  })

  it('fault 42: keeps the warning short, whatever the files are called', async (test) => {
    const room = await Room.make(test)
    for (let number = 0; number < 9; number++) {
      await room.write(`in/${String(number).repeat(200)}`, '{"format":"potluck-report",')
    }
    const { warnings } = await shared(room)
    assert.equal(warnings.length, 1)
    assert.ok((warnings[0] ?? '').length <= 300, 'the log would cut it')
    assert.match(warnings[0] ?? '', /…0+, …1+, …2+ and 6 more/)
  })

  it('fault 42: refuses a share with a secret or an identity in it, and names the file', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a', 'a')
    await mkdir(room.path('in/deep'))
    await makeSecretFile(room.path('in/deep/notes.txt'))
    await loadIdentity(room.path('keys/some'))
    await room.write('other/b', 'b')
    await rename(room.path('keys/some'), room.path('other/c'))
    const cases: [string, string][] = [
      ['in', 'in/deep/notes.txt'],
      ['in/deep/notes.txt', 'in/deep/notes.txt'],
      ['other', 'other/c'],
      ['other/c', 'other/c']
    ]
    for (const [share, named] of cases) {
      await assert.rejects(
        shared(room, { shares: [room.path(share)] }),
        failure('SHARE_UNUSABLE', room.path(named), /(secret of a swarm|private key).*Move it/)
      )
    }
  })

  it('fault 42: leaves out the folder where this user’s private files are', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a', 'a')
    await room.write('in/state/other/b', 'b')
    await mkdir(room.path('in/state/potluck/1'), { recursive: true })
    await makeSecretFile(room.path('in/state/potluck/1/secret'))
    const { XDG_STATE_HOME: before } = process.env
    process.env['XDG_STATE_HOME'] = room.path('in/state')
    try {
      const { paths, warnings } = await shared(room)
      assert.deepEqual(paths, ['in/a', 'in/state/other/b'])
      assert.match(warnings[0] ?? '', /in\/state\/potluck/)
    } finally {
      if (before === undefined) {
        delete process.env['XDG_STATE_HOME']
      } else {
        process.env['XDG_STATE_HOME'] = before
      }
    }
  })

  it('fault 42: refuses one that is to be shared alone, and what lies in the folder of any collection', async (test) => {
    const room = await Room.make(test)
    const report = await room.write('report.html.txt', '{"format":"potluck-report","version":1}')
    await assert.rejects(shared(room, { shares: [report] }), failure('SHARE_UNUSABLE', report, /archive/))
    const lock = await room.write('ben-got/.potluck/lock', '{"pid":1,"name":"ben"}')
    for (const share of [lock, room.path('ben-got/.potluck')]) {
      await assert.rejects(shared(room, { shares: [share] }), failure('SHARE_UNUSABLE', share, /keeps keys/))
    }
  })

  it('fault 42: leaves out the files of this run whatever is in them, also where output goes', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a', 'a')
    const mine = await room.write('in/logs/ann.log', 'My own diary.\n')
    await assert.doesNotReject(shared(room))
    const { paths } = await shared(room, { runFiles: { keys: [], logs: [mine, room.path('nowhere')] } })
    assert.deepEqual(paths, ['in/a'])
    await assert.rejects(
      shared(room, { runFiles: { keys: [mine], logs: [] } }),
      failure('SHARE_UNUSABLE', mine, /secret/)
    )
  })

  it('fault 42: leaves out the file that the output of this run goes to', async (test) => {
    const room = await Room.make(test)
    const output = openSync(await room.write('output', 'not an event\n'), 'a')
    const look = `
      const { FileLooks } = await import(${JSON.stringify(import.meta.resolve('#potluck/store/file-look.js'))})
      const { own } = new FileLooks({ keys: [], logs: [] }).at(${JSON.stringify(room.path('output'))})
      process.exitCode = own === 'output' ? 0 : 1`
    for (const stdio of [
      ['ignore', output, 'inherit'],
      ['ignore', 'ignore', output]
    ] as const) {
      const args = ['--input-type=module', '--eval', look]
      assert.equal(spawnSync(process.execPath, args, { stdio: [...stdio] }).status, 0)
    }
    closeSync(output)
  })

  it('fault 42: takes a file that vanishes while its folder is read for no part of the share', async (test) => {
    const room = await Room.make(test)
    await room.write('in/a', 'a')
    await room.write('in/b', 'b')
    const signal = new AbortController().signal
    // Asked for each file before it is looked at.
    signal.throwIfAborted = () => rmSync(room.path('in/b'), { force: true })
    const paths = await CollectionPaths.open(room.path('collection'))
    const shares = [room.path('in')]
    const { entries } = await scanShares({
      shares,
      paths,
      signal,
      runFiles: { keys: [], logs: [] },
      exclude: [],
      portableNames: 'refuse'
    })
    assert.deepEqual(filesOf(entries), ['in/a'])
  })

  it('fault 42: a log is known as one from its first event on, before anything is flushed', async (test) => {
    const room = await Room.make(test)
    const log = logIn(room.path('in'), 'ann')
    await assert.rejects(stat(room.path('in/ann.log')), { code: 'ENOENT' })
    log.write(STARTED, 'listens')
    log.write({ ...STARTED, event: 'hashing' }, 'hashes')
    const { paths } = await shared(room)
    assert.deepEqual(paths, [])
    await log.close()
  })
})

describe('odd files of a share', () => {
  it('fault 43: refuses a file that tells a false length', {
    skip: process.platform !== 'linux'
  }, async (test) => {
    const room = await Room.make(test)
    for (const share of ['/proc/self/status', '/sys/kernel/mm/transparent_hugepage/enabled']) {
      const isThere = await stat(share).catch(() => undefined)
      if (isThere !== undefined) {
        await assert.rejects(
          shared(room, { shares: [share] }),
          failure('SHARE_UNUSABLE', await realpath(share), /another length than reading gives/)
        )
      }
    }
  })

  it('fault 43: shares a name with U+FFFD, and refuses one of bytes that are not UTF-8', {
    skip: process.platform !== 'linux'
  }, async (test) => {
    const room = await Room.make(test)
    await room.write('in/a\ufffdb', 'a')
    assert.deepEqual((await shared(room)).paths, ['in/a\ufffdb'])
    const nameless = Buffer.concat([
      Buffer.from(`${room.path('in')}/a`),
      Uint8Array.of(0xff),
      Buffer.from('b')
    ])
    await writeFile(nameless, 'b')
    await assert.rejects(shared(room), failure('SHARE_UNUSABLE', 'a\ufffdb', /not UTF-8/))
  })

  it('fault 43: brings names with joiners, as Persian words and families of emoji have them', async (test) => {
    const room = await Room.make(test)
    const names = [
      '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.txt',
      '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'
    ]
    for (const name of names) {
      await room.write(`in/${name}`, name)
    }
    assert.deepEqual(
      (await shared(room)).paths,
      names.map((name) => `in/${name}`)
    )
  })
})
