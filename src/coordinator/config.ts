/**
 * What a coordinator can be told: every setting with its type, its limits and its default, in this one place.
 *
 * The description of a field completes the sentence "it has to be …", which a person reads when it is not.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import {
  DEFAULT_CHUNK_BYTE_LENGTH,
  MAX_CHUNK_BYTE_LENGTH,
  MIN_CHUNK_BYTE_LENGTH
} from '../protocols/chunks.ts'
import { MAX_PEER_NAME_BYTE_LENGTH, peerNameProblem } from '../protocols/names.ts'

/** More addresses than any machine has interfaces. */
const MAX_ADDRESSES = 32

/** Every peer connects to every other; a thousand connections each are what one process holds with ease. */
const MAX_EXPECTED_PEERS = 1024

/** A day: whoever waits longer for a machine should not do so in a terminal. */
const MAX_WAIT_MS = 24 * 60 * 60 * 1000

const address = z.string().superRefine((value, context) => {
  try {
    if (multiaddr(value).getComponents().length === 0) {
      context.addIssue({ code: 'custom', message: 'an empty address' })
    }
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'no multiaddr' })
  }
})

const addresses = z.array(address).max(MAX_ADDRESSES)

export const coordinatorConfigSchema = z.strictObject({
  /** Who tells the swarm's events, and the name of the log files. */
  name: z
    .string()
    .superRefine((value, context) => {
      const problem = peerNameProblem(value)
      if (problem !== undefined) {
        context.addIssue({ code: 'custom', message: problem })
      }
    })
    .default('coordinator')
    .describe(`a file name that every system can store, of at most ${MAX_PEER_NAME_BYTE_LENGTH} bytes`),

  /** Where peers find the coordinator. */
  listen: addresses
    .min(1)
    .default(['/ip4/127.0.0.1/tcp/9000'])
    .describe(`a list of 1 to ${MAX_ADDRESSES} multiaddrs such as "/ip4/0.0.0.0/tcp/9000"`),

  /** The addresses that peers are told instead of those found at the interfaces. */
  announce: addresses
    .default([])
    .describe(`a list of at most ${MAX_ADDRESSES} multiaddrs such as "/ip4/192.0.2.7/tcp/9000"`),

  /** How many peers the swarm has: it starts when all have joined, and one more is refused. */
  expectedPeers: z
    .int()
    .min(1)
    .max(MAX_EXPECTED_PEERS)
    .default(4)
    .describe(`a whole number from 1 to ${MAX_EXPECTED_PEERS}`),

  /** How all files of the swarm are divided. */
  chunkByteLength: z
    .int()
    .min(MIN_CHUNK_BYTE_LENGTH)
    .max(MAX_CHUNK_BYTE_LENGTH)
    .default(DEFAULT_CHUNK_BYTE_LENGTH)
    .describe(`a whole number of bytes from ${MIN_CHUNK_BYTE_LENGTH} to ${MAX_CHUNK_BYTE_LENGTH}`),

  /** The folder of `<name>.log` and `<name>.jsonl`. */
  logs: z
    .string()
    .min(1)
    .refine((value) => !value.includes('\0'), { error: 'a path with a NUL character' })
    .default('logs')
    .describe('the path of a folder'),

  /** How long a lost peer is waited for before the swarm is called incomplete. */
  peerReturnTimeoutMs: z
    .int()
    .min(0)
    .max(MAX_WAIT_MS)
    .default(300_000)
    .describe(`a whole number of milliseconds from 0 to ${MAX_WAIT_MS}`)
})

/** A coordinator's settings with every default filled in. */
export type CoordinatorConfig = z.output<typeof coordinatorConfigSchema>

/** A coordinator's settings as they are written: what has a default may be left out. */
export type CoordinatorSettings = z.input<typeof coordinatorConfigSchema>
