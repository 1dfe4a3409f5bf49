/** The command line of `npm start`. */
import type { Command } from 'commander'
import { type CallOf, callOf } from '../cli/calls.ts'
import { createManualProgram } from '../cli/command.ts'
import { startManual } from '../cli/manuals.ts'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { bytesOfText } from '../core/units.ts'

/** The assignment's file length. */
const DEFAULT_SIZE = '500MiB'

/** The assignment's number of peers. */
const DEFAULT_PEERS = '4'

/** Each is a process of its own with about 100 MiB of memory: larger swarms need more machines. */
const MAX_PEERS = 64

/** The largest file that a manifest can describe with the default chunk length. */
const MAX_BYTE_LENGTH = 1024 ** 4

export interface LocalRunOptions {
  /** The length of each source file. */
  byteLength: number
  peers: number
  folder: string
  clean: boolean
  /** As the coordinator's `--dashboard`; undefined for its default. */
  dashboard: string | undefined
}

interface SwarmFlags {
  size: string
  peers: string
  dir: string
  clean?: boolean
  dashboard?: string
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export function readSwarmArguments(argv: string[]): LocalRunOptions {
  const { size, peers, dir, clean, dashboard } = startProgram()
    .parse(argv, { from: 'user' })
    .opts<SwarmFlags>()
  return {
    byteLength: parseByteLength(size, '--size'),
    peers: parsePeers(peers),
    folder: dir,
    clean: clean === true,
    dashboard
  }
}

export function startProgram(call: CallOf = callOf): Command {
  return createManualProgram(call('start'), startManual(call('start')))
    .option('--size <size>', 'of each source file, such as 8MiB, 1GiB, 500MB or 123', DEFAULT_SIZE)
    .option('--peers <number>', 'how many peers, each with a file of its own', DEFAULT_PEERS)
    .option('--dir <folder>', 'where everything lies: sources, collections and logs', './run')
    .option('--clean', 'remove it all at the end, unless the run fails')
    .option(
      '--dashboard <address>',
      'where the dashboard is served, HOST:PORT, or off (default: 127.0.0.1:9080, or a free port)'
    )
    .option('--quiet', 'show nothing but warnings and errors')
    .option('--verbose', 'show addresses, MD5s and the efficiency as well')
    .option('--json', 'write the events to standard output, one JSON object per line')
}

/** `8MiB`, `1.5 GiB`, `500MB`, `123`: whole bytes. @throws PotluckError CONFIGURATION */
export function parseByteLength(text: string, flag: string): number {
  const byteLength = bytesOfText(text)
  if (byteLength === undefined || byteLength > MAX_BYTE_LENGTH) {
    throw new PotluckError(
      'CONFIGURATION',
      `${flag} cannot be "${printable(text)}": it must be a size such as 8MiB, 1GiB, 500MB or 123 (bytes), of at most 1TiB.`
    )
  }
  return byteLength
}

function parsePeers(text: string): number {
  const peers = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(peers >= 1 && peers <= MAX_PEERS)) {
    throw new PotluckError(
      'CONFIGURATION',
      `--peers cannot be "${printable(text)}": it must be a whole number from 1 to ${MAX_PEERS}.`
    )
  }
  return peers
}
