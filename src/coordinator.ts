#!/usr/bin/env node
/** The command that runs a coordinator: `node dist/coordinator.js [--config F] [--peers N] …`. */
import { runCommand } from './cli/command.ts'
import { coordinatorCommand } from './cli/coordinator-command.ts'
import { surviveStartSignal } from './cli/start-signal.ts'
import { makeCoordinator } from './roles.ts'

surviveStartSignal()
await runCommand((argv, output) => coordinatorCommand(argv, output, makeCoordinator))
