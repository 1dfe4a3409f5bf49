// A coordinator in a program of your own: prints the invitation, then how far each peer is.
//
//   node examples/host.js 2        for two peers

import { createCoordinator } from 'potluck'

const coordinator = await createCoordinator({
  listen: ['0'], // any free port, on all addresses of this machine
  expectedPeers: Number(process.argv[2] ?? 2)
})
coordinator.events.listen((event) => {
  if (event.event === 'registered') {
    process.stdout.write(`${event.peer} joined: ${event.joined} of ${event.expectedPeers}\n`)
  } else if (event.event === 'progress') {
    const parts = event.peers.map(
      ({ name, heldBytes, totalBytes }) => `${name} ${Math.floor((100 * heldBytes) / (totalBytes || 1))} %`
    )
    process.stdout.write(`${parts.join(', ')}\n`)
  }
})
process.once('SIGINT', () => void coordinator.stop())

await coordinator.start()
process.stdout.write(`${coordinator.invitation}\n`)
try {
  const { complete, makespanMs } = await coordinator.completed()
  process.stdout.write(complete ? `complete after ${makespanMs.toFixed(0)} ms\n` : 'incomplete\n')
  process.exitCode = complete ? 0 : 4
} finally {
  await coordinator.stop()
}
