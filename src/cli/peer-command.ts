/** The peer's command line. */
import type { PeerEvent } from '../events/peer.ts'
import { type PeerConfig, peerConfigSchema } from '../node/config.ts'
import { peerConsole } from '../view/console.ts'
import { peerText, spoken } from '../view/text.ts'
import { collect, createProgram, decimalNumber } from './command.ts'
import { loadConfig } from './config-file.ts'
import type { Output } from './output.ts'
import { type Role, runRole } from './run.ts'

interface PeerFlags {
  config?: string
  coordinator?: string
  share?: string[]
  into?: string
  name?: string
  listen?: string[]
  announce?: string[]
  secretFile?: string
  open?: true
  uplink?: number | string
  downlink?: number | string
  logs?: string
  metrics?: string
}

export type CreatePeer = (config: PeerConfig, signal: AbortSignal) => Promise<Role<PeerEvent>>

export async function peerCommand(argv: string[], output: Output, create: CreatePeer): Promise<number> {
  const config = await readPeerArguments(argv)
  return await runRole({
    name: config.name,
    logs: config.logs,
    output,
    create: (signal) => create(config, signal),
    show: peerConsole(config.name, {
      screen: output.screen,
      complain: (message) => output.complain(spoken(config.name, message))
    }),
    text: peerText
  })
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export async function readPeerArguments(argv: string[]): Promise<PeerConfig> {
  const program = createProgram(
    'node dist/peer.js',
    'Shares files with a swarm, collects those of all others, and ends when everybody has everything.'
  )
    .option('--config <file>', 'configuration file; flags override what it says')
    .option('--coordinator <multiaddr>', 'where the coordinator listens')
    .option('--share <path>', 'a file or folder to share; can be given more than once', collect)
    .option('--into <folder>', "where the others' files are collected")
    .option('--name <name>', 'the name that the others see')
    .option('--listen <multiaddr>', 'where to listen; can be given more than once', collect)
    .option(
      '--announce <multiaddr>',
      'one more address to tell the others; can be given more than once',
      collect
    )
    .option('--secret-file <file>', "the file of the swarm's secret; or POTLUCK_SECRET in the environment")
    .option('--open', 'listen without a secret where others can reach this peer')
    .option('--uplink <Mbit/s>', 'what this line sends at most; measured where it is not told', decimalNumber)
    .option('--downlink <Mbit/s>', 'what this line receives at most; likewise', decimalNumber)
    .option('--logs <folder>', 'where the log files are written')
    .option('--metrics <address>', 'where metrics are served over HTTP, HOST:PORT; nowhere unless told')
    .option('--json', 'write the events to standard output, one JSON object a line')
    .parse(argv, { from: 'user' })
  const {
    config,
    coordinator,
    share,
    into,
    name,
    listen,
    announce,
    secretFile,
    open,
    uplink,
    downlink,
    logs,
    metrics
  } = program.opts<PeerFlags>()
  return await loadConfig(peerConfigSchema, {
    file: config,
    flags: {
      coordinator: { flag: '--coordinator', value: coordinator },
      share: { flag: '--share', value: share },
      collection: { flag: '--into', value: into },
      name: { flag: '--name', value: name },
      listen: { flag: '--listen', value: listen },
      announce: { flag: '--announce', value: announce },
      secretFile: { flag: '--secret-file', value: secretFile },
      open: { flag: '--open', value: open },
      uplink: { flag: '--uplink', value: uplink },
      downlink: { flag: '--downlink', value: downlink },
      logs: { flag: '--logs', value: logs },
      metrics: { flag: '--metrics', value: metrics }
    },
    pathKeys: ['share', 'collection', 'secretFile', 'identityFile', 'logs']
  })
}
