/** A tree arrives as it was shared, except links and special files: names, contents, dates and permissions. */
import assert from 'node:assert/strict'
import { chmodSync, lstatSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import type { Coordinator } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { CHUNK, type Member, TestSwarm } from '../fixtures/swarm.js'
import { describeTree, treeDifferences } from '../fixtures/tree-comparison.js'

const SMALL_FILES = 300

/** Names by which systems differ, or that are as long or as deep as a path may be. */
const NAMES = [
  'plain.txt',
  'caf\u00e9-composed',
  'cafe\u0301s-decomposed',
  '\u{1f980}\u{20bb7}.bin',
  '\u65e5\u672c\u8a9e/\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
  `${'n'.repeat(251)}.bin`,
  `${'\u00fc'.repeat(127)}x`,
  `${Array.from({ length: 60 }, (_, depth) => `d${depth}`).join('/')}/deep`
]

const DATES_MS = [
  Date.UTC(2001, 1, 3, 4, 5, 6, 789),
  Date.UTC(2024, 1, 29, 23, 59, 59, 999),
  Date.UTC(2100, 0, 1, 0, 0, 0, 1),
  1,
  -1500
]

const FILE_MODES = [0o644, 0o755, 0o600, 0o700]
const FOLDER_MODES = [0o755, 0o700]

function write(root: string): void {
  const names = [...NAMES, ...Array.from({ length: SMALL_FILES }, (_, index) => `many/${index % 7}/${index}`)]
  for (const [index, name] of names.entries()) {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytesOf(index % 5 === 0 ? 3 * CHUNK + index : index, index))
  }
  writeFileSync(join(root, 'copy'), bytesOf(CHUNK, 'copy'))
  mkdirSync(join(root, 'folder'))
  writeFileSync(join(root, 'folder', 'copy'), bytesOf(CHUNK, 'copy'))
  mkdirSync(join(root, 'empty', 'below'), { recursive: true })
}

/** Contents first: what is made in a folder changes its date. */
function dress(root: string): void {
  const paths = ['', ...readdirSync(root, { recursive: true }).map(String)].sort().reverse()
  for (const [index, path] of paths.entries()) {
    const modes = lstatSync(join(root, path)).isDirectory() ? FOLDER_MODES : FILE_MODES
    chmodSync(join(root, path), modes[index % modes.length] ?? 0)
    const seconds = String(((DATES_MS[index % DATES_MS.length] ?? 0) + index) / 1000)
    utimesSync(join(root, path), seconds, seconds)
  }
}

async function gather(coordinator: Coordinator, members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(({ peer }) => peer.start()))
  assert.equal((await coordinator.completed()).complete, true)
  await Promise.all(members.map(({ peer }) => peer.completed()))
}

describe('what arrives', { skip: process.platform !== 'linux' }, () => {
  it('has the names, contents, dates and permissions of what was shared, folders too', async () => {
    await TestSwarm.run(async (swarm) => {
      const root = join(swarm.folder, 'brought', 'tree')
      mkdirSync(root, { recursive: true })
      write(root)
      dress(root)
      const before = describeTree(join(swarm.folder, 'brought'))
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const members = [
        await swarm.peer('ann', {}, { share: [root] }),
        await swarm.peer('ben', {}),
        await swarm.peer('cem', { own: bytesOf(10, 'own') })
      ]
      await gather(coordinator, members)
      for (const { collection } of members.slice(1)) {
        assert.deepEqual(treeDifferences(join(swarm.folder, 'brought'), join(collection, 'ann')), [])
      }
      assert.deepEqual(
        describeTree(join(swarm.folder, 'brought')),
        before,
        'nothing of the share was changed'
      )
    })
  })

  it('has of one content in two places the date and permissions of each', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const bytes = bytesOf(2 * CHUNK, 'same')
      for (const [index, name] of ['ann', 'ben'].entries()) {
        const file = join(swarm.folder, 'brought', name, 'same')
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, bytes)
        chmodSync(file, FILE_MODES[index + 1] ?? 0)
        utimesSync(file, 1000 + index, 1000 + index)
        utimesSync(dirname(file), 2000 + index, 2000 + index)
      }
      const cem = await swarm.peer('cem', {})
      await gather(coordinator, [
        await swarm.peer('ann', {}, { share: [join(swarm.folder, 'brought', 'ann')] }),
        await swarm.peer('ben', {}, { share: [join(swarm.folder, 'brought', 'ben')] }),
        cem
      ])
      for (const name of ['ann', 'ben']) {
        const [brought, arrived] = [join(swarm.folder, 'brought', name), join(cem.collection, name, name)]
        assert.deepEqual(treeDifferences(brought, arrived), [], name)
      }
    })
  })
})
