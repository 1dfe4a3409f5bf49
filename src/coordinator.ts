#!/usr/bin/env node
/** The command that runs a coordinator: `node dist/coordinator.js [--config F] [--peers N] …`. */
import { COORDINATOR_ADDRESS_SPACE_BYTES, requireAddressSpace } from './cli/address-space.ts'
import { runCommand } from './cli/command.ts'
import { coordinatorCommand } from './cli/coordinator-command.ts'

await runCommand((argv, output) =>
  coordinatorCommand(argv, output, async (config, signal) => {
    requireAddressSpace(COORDINATOR_ADDRESS_SPACE_BYTES)
    // Loaded late: help and wrong arguments are answered at once, and Ctrl-C is heard from the first moment.
    const { createCoordinator } = await import('./compose/coordinator.ts')
    return await createCoordinator(config, { signal, secret: process.env['POTLUCK_SECRET'] })
  })
)
