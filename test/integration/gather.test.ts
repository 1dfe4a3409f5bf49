/** Whole swarms in one process: who brings what, everyone leaves with all of it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesOf } from '../fixtures/bytes.js'
import {
  CHUNK,
  differences,
  gathered,
  type Member,
  readTree,
  TestSwarm,
  type Tree
} from '../fixtures/swarm.js'

const EDGES: Record<string, Tree> = {
  ann: {
    'big.bin': bytesOf(1_000_333, 'big'),
    'empty.bin': new Uint8Array(),
    'same.bin': bytesOf(10 * CHUNK, 'same')
  },
  ben: { 'one.bin': Uint8Array.of(7), 'chunk.bin': bytesOf(CHUNK, 'chunk') },
  cat: {
    'chunk-and-byte.bin': bytesOf(CHUNK + 1, 'more'),
    'folder/inner/deep.txt': bytesOf(99, 'deep'),
    'folder/hollow/': new Uint8Array()
  },
  dan: { 'copy-of-same.bin': bytesOf(10 * CHUNK, 'same'), 'Ümlaut 日本.txt': bytesOf(500, 'name') }
}

/** Runs a swarm of these trees to its end and checks every collection. */
async function gather(swarm: TestSwarm, trees: Record<string, Tree>): Promise<Map<string, Member>> {
  const coordinator = await swarm.coordinator({ expectedPeers: Object.keys(trees).length })
  const members = new Map<string, Member>()
  for (const [name, tree] of Object.entries(trees)) {
    members.set(name, await swarm.peer(name, tree))
  }
  await Promise.all([...members.values()].map(({ peer }) => peer.start()))
  const outcome = await coordinator.completed()
  assert.equal(outcome.complete, true)
  await checkAll(members, trees)
  return members
}

async function checkAll(members: Map<string, Member>, trees: Record<string, Tree>): Promise<void> {
  for (const [name, { peer, collection }] of members) {
    assert.equal((await peer.completed()).complete, true)
    assert.deepEqual(differences(await readTree(collection), gathered(trees, name)), [], name)
  }
}

function received({ events }: Member): number {
  return events.reduce((sum, event) => sum + (event.event === 'chunk-stored' ? event.byteLength : 0), 0)
}

describe('gather', () => {
  it('fault 56, fault 57: fetches neither chunks of zeros nor the digests of files of one chunk', async () => {
    const disk = Buffer.alloc(64 * CHUNK)
    bytesOf(CHUNK, 'data').copy(disk, 7 * CHUNK)
    const tiny = Object.fromEntries(
      Array.from({ length: 40 }, (_, number) => [`tiny/${number}`, bytesOf(10, number)])
    )
    const trees = {
      ann: { 'disk.img': disk, 'zeros.img': new Uint8Array(9 * CHUNK + 1), ...tiny },
      ben: {},
      cat: {}
    }
    await TestSwarm.run(async (swarm) => {
      const members = await gather(swarm, trees)
      for (const name of ['ben', 'cat']) {
        const { events } = members.get(name) ?? assert.fail()
        const stored = events.filter((event) => event.event === 'chunk-stored' && event.again === undefined)
        const byteLength = stored.reduce(
          (sum, event) => sum + ('byteLength' in event ? event.byteLength : 0),
          0
        )
        assert.equal(byteLength, CHUNK + 40 * 10)
        const catalog = events.find((event) => event.event === 'catalog') ?? assert.fail()
        assert.equal(catalog.missingBytes, byteLength)
        // Where all are slow, the digests of one content may be asked of two.
        const fetched = events.map((event) => (event.event === 'digests' ? event.root : undefined))
        assert.equal(new Set(fetched.filter((root) => root !== undefined)).size, 2)
      }
    })
  })

  for (const transport of ['tcp', 'memory'] as const) {
    it(`brings files of every awkward length to everyone, over ${transport}`, async () => {
      await TestSwarm.run(async (swarm) => {
        const members = await gather(swarm, EDGES)
        for (const [name, member] of members) {
          const own = EDGES[name] ?? {}
          const files = member.events.filter((event) => event.event === 'file-complete')
          assert.deepEqual(
            files.map(({ file }) => file).sort(),
            Object.keys(gathered(EDGES, name))
              .map((path) => path.replace(/\/$/, ''))
              .sort(),
            'each entry completes once'
          )
          const needed = new Set<string>()
          let bytes = 0
          for (const content of Object.values(gathered(EDGES, name))) {
            const key = Buffer.from(content).toString('latin1')
            const mine = Object.values(own).some((other) => Buffer.from(other).equals(content))
            if (!mine && !needed.has(key)) {
              needed.add(key)
              bytes += content.byteLength
            }
          }
          assert.equal(received(member), bytes, `${name} fetches each content once, and none that it has`)
        }
      }, transport)
    })
  }

  it('brings a folder of 80 small files to everyone', async () => {
    const many: Tree = {}
    for (let index = 0; index < 80; index++) {
      many[`many/${index % 7}/file-${index}.txt`] = bytesOf(index * 7, `many${index}`)
    }
    await TestSwarm.run(async (swarm) => {
      await gather(swarm, { ann: many, ben: { 'x.bin': bytesOf(100_000, 'x') }, cat: {} })
    })
  })

  it('waits for a late peer, and counts its time from its own registration', async () => {
    const trees = { ann: { 'a.bin': bytesOf(200_000, 'a') }, ben: { 'b.bin': bytesOf(300_000, 'b') } }
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', trees.ann)
      await ann.peer.start()
      await sleep(500)
      const ben = await swarm.peer('ben', trees.ben)
      await ben.peer.start()
      const { results, makespanMs } = await coordinator.completed()
      await checkAll(
        new Map([
          ['ann', ann],
          ['ben', ben]
        ]),
        trees
      )
      const times = new Map(results.map((result) => [result.name, result]))
      const late = (times.get('ben')?.registeredAtMs ?? 0) - (times.get('ann')?.registeredAtMs ?? 0)
      assert.ok(late >= 450, `ben registered ${late} ms after ann`)
      assert.ok(makespanMs >= late)
    })
  })

  it('takes the chunk length from the coordinator, and fetches nothing in a second run with the same collections', async () => {
    const trees = { ann: { 'a.bin': bytesOf(500_000, 'a') }, ben: { 'b.bin': bytesOf(300_000, 'b') } }
    await TestSwarm.run(async (swarm) => {
      const first = await gather(swarm, trees)
      const stored = first.get('ben')?.events.filter((event) => event.event === 'chunk-stored') ?? []
      assert.equal(stored.length, Math.ceil(500_000 / CHUNK))
      await Promise.all([...first.values()].map(({ peer }) => peer.stop()))
      const second = await gather(swarm, trees)
      for (const member of second.values()) {
        assert.equal(received(member), 0)
        assert.ok(member.events.some((event) => event.event === 'file-complete' && event.local))
      }
    })
  })

  it('is complete at once when nobody brings anything', async () => {
    await TestSwarm.run(async (swarm) => {
      await gather(swarm, { ann: {}, ben: {} })
    })
  })
})
