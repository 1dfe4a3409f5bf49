/**
 * What a peer can be told: every setting with its type, its limits and its default, in this one place.
 *
 * The description of a field completes the sentence "it has to be …", which a person reads when it is not.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import { MAX_PEER_NAME_BYTE_LENGTH, peerNameProblem } from '../protocols/names.ts'

/** More addresses than any machine has interfaces; each is tried, so the list has an end. */
const MAX_ADDRESSES = 32

/** Folders can hold any number of files; the list of paths itself has an end. */
const MAX_SHARES = 1024

/** A day: whoever waits longer for a machine should not do so in a terminal. */
const MAX_WAIT_MS = 24 * 60 * 60 * 1000

const name = z.string().superRefine((value, context) => {
  const problem = peerNameProblem(value)
  if (problem !== undefined) {
    context.addIssue({ code: 'custom', message: problem })
  }
})

const address = z.string().superRefine((value, context) => {
  try {
    if (multiaddr(value).getComponents().length === 0) {
      context.addIssue({ code: 'custom', message: 'an empty address' })
    }
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'no multiaddr' })
  }
})

const path = z
  .string()
  .min(1)
  .refine((value) => !value.includes('\0'), { error: 'a path with a NUL character' })

const wait = z.int().min(0).max(MAX_WAIT_MS)
const WAIT = `a whole number of milliseconds from 0 to ${MAX_WAIT_MS}`

export const peerConfigSchema = z.strictObject({
  /** Who this peer is to the others, and the name of the folder that they put its files into. */
  name: name.describe(
    `a file name that every system can store, of at most ${MAX_PEER_NAME_BYTE_LENGTH} bytes`
  ),

  /** Where the coordinator listens. */
  coordinator: address.describe('a multiaddr such as "/ip4/192.0.2.1/tcp/9000"'),

  /** Where this peer listens; port 0 takes a free one. */
  listen: z
    .array(address)
    .max(MAX_ADDRESSES)
    .default(['/ip4/127.0.0.1/tcp/0'])
    .describe(`a list of at most ${MAX_ADDRESSES} multiaddrs such as "/ip4/0.0.0.0/tcp/0"`),

  /** The addresses that others try instead of those found at the interfaces: behind a router, say. */
  announce: z
    .array(address)
    .max(MAX_ADDRESSES)
    .default([])
    .describe(`a list of at most ${MAX_ADDRESSES} multiaddrs such as "/ip4/192.0.2.7/tcp/9001"`),

  /** Files and folders that this peer brings. */
  share: z
    .array(path)
    .max(MAX_SHARES)
    .default([])
    .describe(`a list of at most ${MAX_SHARES} paths of files and folders`),

  /** The folder that everybody else's files land in. */
  collection: path.describe('the path of a folder'),

  /** The folder of `<name>.log` and `<name>.jsonl`. */
  logs: path.default('logs').describe('the path of a folder'),

  /** How long the coordinator is tried before giving up. */
  joinTimeoutMs: wait.default(60_000).describe(WAIT),

  /** What follows when the coordinator is lost once the catalog is known. */
  onCoordinatorLost: z.enum(['continue', 'exit']).default('continue').describe('"continue" or "exit"'),

  /** How long a missing peer is waited for when nobody else holds what it brought. */
  peerReturnTimeoutMs: wait.default(300_000).describe(WAIT)
})

/** A peer's settings with every default filled in. */
export type PeerConfig = z.output<typeof peerConfigSchema>

/** A peer's settings as they are written: what has a default may be left out. */
export type PeerSettings = z.input<typeof peerConfigSchema>
