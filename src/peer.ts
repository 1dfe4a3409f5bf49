#!/usr/bin/env node
/** The command that runs a peer: `node dist/peer.js --config client1.json`. */
import { PEER_ADDRESS_SPACE_BYTES, requireAddressSpace } from './cli/address-space.ts'
import { runCommand } from './cli/command.ts'
import { keepBuffersLonger } from './cli/heap.ts'
import { peerCommand } from './cli/peer-command.ts'

keepBuffersLonger()
await runCommand((argv, output) =>
  peerCommand(
    argv,
    output,
    { line: process.env['POTLUCK_INVITATION'], input: process.stdin },
    async ({ config, invitation }, signal) => {
      requireAddressSpace(PEER_ADDRESS_SPACE_BYTES)
      // Loaded late: help and wrong arguments are answered at once, and Ctrl-C is heard from the first moment.
      const { createPeer } = await import('./compose/peer.ts')
      return await createPeer(config, { signal, secret: process.env['POTLUCK_SECRET'], invitation })
    }
  )
)
