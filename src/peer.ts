#!/usr/bin/env node
/** The command that runs a peer: `node dist/peer.js --config client1.json`. */
import { runCommand } from './cli/command.ts'
import { keepBuffersLonger } from './cli/heap.ts'
import { peerCommand } from './cli/peer-command.ts'
import { invitationSources, makePeer } from './roles.ts'

keepBuffersLonger()
await runCommand((argv, output) => peerCommand(argv, output, invitationSources(), makePeer))
