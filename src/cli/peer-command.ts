/** The peer's command line. */
import type { Command } from 'commander'
import type { PeerConfig } from '../config/peer.ts'
import type { FetchQuestion } from '../events/peer.ts'
import { type CallOf, callOf } from './calls.ts'
import { collect, createManualProgram, decimalNumber } from './command.ts'
import type { InvitationInput } from './invitation-input.ts'
import { peerManual } from './manuals.ts'
import type { Output } from './output.ts'
import type { PeerRole } from './reload.ts'

export type CreatePeer = (arguments_: PeerArguments, signal: AbortSignal) => Promise<PeerRole>

export interface PeerArguments {
  config: PeerConfig
  /** The invitation that it joins with, which replaces a secret. */
  invitation: string | undefined
  /** Whether it only shows what it would fetch. */
  isDryRun?: boolean
  /** Asks a person at this process's terminal whether to fetch. */
  askToFetch?: ((question: FetchQuestion, signal: AbortSignal) => Promise<boolean>) | undefined
}

/** Other sources of an invitation than the arguments, which other users of the machine can read. */
export interface InvitationSources {
  /** From the environment. */
  line?: string | undefined
  /** The input of `--join -`. */
  input?: InvitationInput
  /** How the person passed the value of `--join`. @default that flag */
  joinedBy?: string
}

/**
 * Help and wrong flags are answered before the modules for a run are loaded.
 *
 * @returns the exit code @throws CommanderError, PotluckError CONFIGURATION
 */
export async function peerCommand(
  argv: string[],
  output: Output,
  sources: InvitationSources,
  create: CreatePeer
): Promise<number> {
  const program = programOf(argv)
  const { runPeer } = await import('./peer-role.ts')
  return await runPeer(program, output, sources, create)
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export async function readPeerArguments(
  argv: string[],
  sources: InvitationSources = {}
): Promise<PeerArguments> {
  const program = programOf(argv)
  const { peerArguments } = await import('./peer-role.ts')
  return await peerArguments(program, sources)
}

function programOf(argv: string[]): Command {
  return peerProgram().parse(argv, { from: 'user' })
}

export function peerProgram(call: CallOf = callOf): Command {
  return createManualProgram(call('peer'), peerManual(call('peer')))
    .optionsGroup('The swarm:')
    .option('--join <invitation>', "the coordinator's invitation; - reads it from standard input")
    .option(
      '--invitation-file <file>',
      "a file with the invitation, written by the coordinator's --invitation-file"
    )
    .option(
      '--coordinator <address>',
      "the coordinator's address, HOST:PORT or a multiaddr, instead of an invitation"
    )
    .option('--secret-file <file>', "the file of the swarm's secret; or POTLUCK_SECRET in the environment")
    .option('--name <name>', "the name that the others see (with --join: this machine's)")
    .optionsGroup('Files to share and fetch:')
    .option('--share <path>', 'a file or folder to share; can be given more than once', collect)
    .option(
      '--exclude <pattern>',
      'what to leave out of shared folders, as in .gitignore; can be given more than once',
      collect
    )
    .option(
      '--portable-names <how>',
      'what to do about names that not every system can store: refuse, skip or rename (default: refuse)'
    )
    .option('--into <folder>', "where the others' files are collected (with --join: potluck)")
    .option(
      '--only <pattern>',
      "fetch only what it matches, a pattern as in .gitignore for <peer's name>/<path>; can be given more than once",
      collect
    )
    .option('--except <pattern>', 'do not fetch what it matches; can be given more than once', collect)
    .option(
      '--ask-above <size>',
      'on a terminal, ask before more than this is fetched, such as 500MB (default: 10GiB), or more than the disk has room for'
    )
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show what would be fetched, and leave: the swarm does not wait for this peer')
    .option('--verify', 'read all files again, including received ones, instead of trusting their timestamps')
    .optionsGroup('The network:')
    .option(
      '--listen <address>',
      'where to listen: a port of all addresses, such as 9001, HOST:PORT or a multiaddr; can be given more than once (default: this machine only; with --join: all addresses, on free ports)',
      collect
    )
    .option(
      '--announce <address>',
      'one more address to tell the others, HOST:PORT or a multiaddr; can be given more than once',
      collect
    )
    .option('--open', 'listen without a secret where others can reach this peer')
    .option('--uplink <Mbit/s>', 'upload capacity of this machine (default: measured)', decimalNumber)
    .option('--downlink <Mbit/s>', 'download capacity of this machine (default: measured)', decimalNumber)
    .option('--max-up <Mbit/s>', 'limit the upload rate of chunks, all connections together', decimalNumber)
    .option(
      '--max-down <Mbit/s>',
      'limit the download rate of chunks, all connections together',
      decimalNumber
    )
    .option('--metrics <address>', 'where metrics are served over HTTP, HOST:PORT; default: off')
    .optionsGroup('Files and output:')
    .option('--config <file>', 'configuration file; flags override what it says')
    .option('--logs <folder>', 'where the log files are written (default: logs)')
    .option('--quiet', 'show nothing but warnings and errors')
    .option('--verbose', 'show addresses, MD5s and the efficiency as well')
    .option('--json', 'write the events to standard output, one JSON object per line')
}
