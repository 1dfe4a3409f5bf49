/** How the commands make a coordinator and a peer, and what they have from the environment. */
import {
  COORDINATOR_ADDRESS_SPACE_BYTES,
  PEER_ADDRESS_SPACE_BYTES,
  requireAddressSpace
} from './cli/address-space.ts'
import type { CreateCoordinator } from './cli/coordinator-command.ts'
import type { CreatePeer, InvitationSources } from './cli/peer-command.ts'

// Both are loaded late: help and wrong arguments are answered at once, and Ctrl-C is heard from the first moment.

export const makeCoordinator: CreateCoordinator = async ({ config, isNew }, signal) => {
  requireAddressSpace(COORDINATOR_ADDRESS_SPACE_BYTES)
  const { createCoordinator } = await import('./compose/coordinator.ts')
  return await createCoordinator(config, { signal, secret: process.env['POTLUCK_SECRET'], isNew })
}

export const makePeer: CreatePeer = async ({ config, invitation, isDryRun, askToFetch }, signal) => {
  requireAddressSpace(PEER_ADDRESS_SPACE_BYTES)
  const { createDryRun, createPeer } = await import('./compose/peer.ts')
  return await (isDryRun === true ? createDryRun : createPeer)(config, {
    signal,
    secret: process.env['POTLUCK_SECRET'],
    invitation,
    askToFetch
  })
}

export function invitationSources(): InvitationSources {
  return { line: process.env['POTLUCK_INVITATION'], input: process.stdin }
}
