// A whole swarm in one process: a coordinator and three peers, each with a file of its own.
//
//   node examples/one-process.js

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCoordinator, createPeer } from 'potluck'

const folder = await mkdtemp(join(tmpdir(), 'potluck-example-'))
const names = ['ann', 'ben', 'cem']

const coordinator = await createCoordinator({
  listen: ['/ip4/127.0.0.1/tcp/0'],
  expectedPeers: names.length,
  logs: folder
})
await coordinator.start()

const peers = await Promise.all(
  names.map(async (name) => {
    const share = join(folder, `${name}.txt`)
    await writeFile(share, `What ${name} brings.\n`)
    return createPeer(
      { name, share: [share], collection: join(folder, name) },
      { invitation: coordinator.invitation }
    )
  })
)
peers[0]?.events.listen((event) => {
  if (event.event === 'file-complete') {
    process.stdout.write(`${event.peer} has ${event.file}\n`)
  }
})

await Promise.all(peers.map((peer) => peer.start())) // registered and published
const [outcome] = await Promise.all(peers.map((peer) => peer.completed())) // rejects with a PotluckError
process.stdout.write(`complete after ${outcome?.makespanMs.toFixed(0)} ms\n`)

await Promise.all([...peers, coordinator].map((node) => node.stop()))
await rm(folder, { recursive: true })
