/** The command of a host: `potluck host Photos` starts a swarm, invites others to it, and takes part itself. */
import { runCommand } from './cli/command.ts'
import { keepBuffersLonger } from './cli/heap.ts'
import { hostCommand } from './cli/host-command.ts'
import { surviveStartSignal } from './cli/start-signal.ts'
import { makeCoordinator, makePeer } from './roles.ts'

surviveStartSignal()
keepBuffersLonger()
await runCommand((argv, output) =>
  hostCommand(argv, output, { coordinator: makeCoordinator, peer: makePeer })
)
