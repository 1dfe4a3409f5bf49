/** The command of a peer that was invited: `potluck join potluck1… Photos`. */
import { runCommand } from './cli/command.ts'
import { keepBuffersLonger } from './cli/heap.ts'
import { joinCommand } from './cli/join-command.ts'
import { invitationSources, makePeer } from './roles.ts'

keepBuffersLonger()
await runCommand((argv, output) => joinCommand(argv, output, invitationSources(), makePeer))
