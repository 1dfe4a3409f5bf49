/** Peers behind real NATs, in network namespaces; skipped where those are not allowed. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { makeSecretFile } from '#potluck/keys/secret.js'
import { bytesOf } from '../fixtures/bytes.js'
import { Internet } from '../fixtures/namespaces.js'
import { type Command, Workshop } from '../fixtures/processes.js'

const BYTE_LENGTH = 4 * 1024 * 1024

interface Machine {
  name: string
  namespace: string
  args?: string[]
}

/** Half-open connections are noticed after 30 s; and the slow link takes its time. */
const MOVE_DEADLINE_MS = 150_000

/** Starts a coordinator and the peers, each with a file. */
async function start(
  internet: Internet,
  workshop: Workshop,
  machines: Machine[],
  coordinatorArgs: string[]
): Promise<{ coordinator: Command; peers: Map<string, Command> }> {
  const { address, namespace } = internet.host('middle')
  const secret = ['--secret-file', 'secret.txt']
  await makeSecretFile(join(workshop.folder, 'secret.txt'))
  const coordinator = workshop.startIn(
    namespace,
    'coordinator.js',
    ...['--listen', '/ip4/0.0.0.0/tcp/9000', '--peers', String(machines.length)],
    ...['--logs', 'logs', '--json', ...secret, ...coordinatorArgs]
  )
  await coordinator.told('started')
  const peers = new Map<string, Command>()
  for (const machine of machines) {
    const { name } = machine
    const share = await workshop.write(`${name}.bin`, bytesOf(BYTE_LENGTH, name))
    const args = ['--name', name, '--coordinator', `/ip4/${address}/tcp/9000`, '--share', share, '--json']
    const places = ['--into', `${name}-got`, '--listen', '/ip4/0.0.0.0/tcp/9001', ...secret]
    peers.set(
      name,
      workshop.startIn(machine.namespace, 'peer.js', ...args, ...places, ...(machine.args ?? []))
    )
  }
  return { coordinator, peers }
}

async function checkAll(workshop: Workshop, peers: Map<string, Command>): Promise<void> {
  for (const [name, peer] of peers) {
    assert.equal((await peer.end()).code, 0, peer.output)
    for (const other of peers.keys()) {
      if (other !== name) {
        const file = await readFile(join(workshop.folder, `${name}-got`, other, `${other}.bin`))
        assert.equal(digestOf(file), digestOf(bytesOf(BYTE_LENGTH, other)))
      }
    }
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** `remote`, or `remote relayed`, of each connection that the peer used. */
function waysOf(peer: Command | undefined): string[] {
  const connected = peer?.eventsOf('peer-connected') ?? []
  return [
    ...new Set(connected.map(({ remote, relayed }) => `${remote}${relayed === true ? ' relayed' : ''}`))
  ].sort()
}

describe('behind NATs', {
  skip: Internet.isPossible ? false : 'needs root, network namespaces and nft'
}, () => {
  it('two laptops exchange through a cloud machine that both reach at the address it announces', async () => {
    await Internet.run(async (internet) => {
      await Workshop.run(async (workshop) => {
        const [ann = ''] = internet.home(['ann']).namespaces
        const [ben = ''] = internet.home(['ben']).namespaces
        const cloud = internet.home(['cat'], 9001)
        const machines = [
          { name: 'ann', namespace: ann },
          { name: 'ben', namespace: ben },
          {
            name: 'cat',
            namespace: cloud.namespaces[0] ?? '',
            args: ['--announce', `/ip4/${cloud.address}/tcp/9001`]
          }
        ]
        const { peers } = await start(internet, workshop, machines, [])
        await checkAll(workshop, peers)
        assert.deepEqual(waysOf(peers.get('ann')), ['cat'])
        assert.deepEqual(waysOf(peers.get('ben')), ['cat'])
      })
    })
  })

  it('two laptops of one home find each other, and reach that of another one over the relay', async () => {
    await Internet.run(async (internet) => {
      await Workshop.run(async (workshop) => {
        const [ann = '', amy = ''] = internet.home(['ann', 'amy']).namespaces
        const [ben = ''] = internet.home(['ben']).namespaces
        const machines = [
          { name: 'ann', namespace: ann },
          { name: 'amy', namespace: amy },
          { name: 'ben', namespace: ben }
        ]
        const { coordinator, peers } = await start(internet, workshop, machines, ['--relay'])
        await checkAll(workshop, peers)
        assert.deepEqual(waysOf(peers.get('ann')), ['amy', 'ben relayed'])
        assert.deepEqual(waysOf(peers.get('ben')), ['amy relayed', 'ann relayed'])
        assert.equal((await coordinator.end()).code, 0)
        const [end] = coordinator.eventsOf('swarm-complete')
        assert.ok(Number(end?.['relayedBytes']) > 2 * BYTE_LENGTH)
        assert.match(coordinator.stderr, /^relayed \d+\.\d MiB: through the coordinator/m)
      })
    })
  })
  it('fault 17: a laptop that gets another address in the middle goes on from there', async () => {
    await Internet.run(async (internet) => {
      await Workshop.run(async (workshop) => {
        const [ann = ''] = internet.home(['ann']).namespaces
        internet.slow(ann, 4)
        const machines = [
          { name: 'ann', namespace: ann },
          { name: 'cat', namespace: internet.host('cat').namespace }
        ]
        const { coordinator, peers } = await start(internet, workshop, machines, [])
        await peers.get('cat')?.told('chunk-stored', 3)
        internet.move(ann)
        await Promise.all([...peers.values()].map((peer) => peer.end(MOVE_DEADLINE_MS)))
        await checkAll(workshop, peers)
        // It may have joined again only to say that it has everything.
        assert.equal((await coordinator.end()).code, 0)
        const again = coordinator.eventsOf('registered').find(({ rejoined }) => rejoined === true)
        assert.deepEqual(
          [again?.['multiaddrs']].flat()[0],
          '/ip4/192.168.1.20/tcp/9001',
          'the roster follows'
        )
      })
    })
  })
})
