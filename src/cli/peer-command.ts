/** The peer's command line. */
import type { PeerEvent } from '../events/peer.ts'
import { type PeerConfig, type PeerLimits, peerConfigSchema } from '../node/config.ts'
import { peerConsole } from '../view/console.ts'
import { peerText, spoken } from '../view/text.ts'
import { collect, createProgram, decimalNumber } from './command.ts'
import { type ConfigRequest, loadConfig } from './config-file.ts'
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
  maxUp?: number | string
  maxDown?: number | string
  logs?: string
  metrics?: string
}

/** A peer as this command needs it. */
export interface PeerRole extends Role<PeerEvent> {
  setLimits(limits: PeerLimits): void
}

export type CreatePeer = (config: PeerConfig, signal: AbortSignal) => Promise<PeerRole>

export async function peerCommand(argv: string[], output: Output, create: CreatePeer): Promise<number> {
  const request = requestOf(argv)
  const config = await loadConfig(peerConfigSchema, request)
  const reload = new Reload(request, config)
  return await runRole({
    name: config.name,
    logs: config.logs,
    output,
    create: async (signal) => reload.take(await create(config, signal)),
    reload: () => reload.run(),
    show: peerConsole(config.name, {
      screen: output.screen,
      complain: (message) => output.complain(spoken(config.name, message))
    }),
    text: peerText
  })
}

/** Reads the configuration again while the peer runs. */
class Reload {
  readonly #request: ConfigRequest
  /** What the peer goes by. */
  #config: PeerConfig
  #peer: PeerRole | undefined

  constructor(request: ConfigRequest, config: PeerConfig) {
    this.#request = request
    this.#config = config
  }

  /** The peer that was made by the configuration as it was first. */
  take(peer: PeerRole): PeerRole {
    this.#peer = peer
    // It may have been read again meanwhile.
    peer.setLimits(limitsOf(this.#config))
    return peer
  }

  /** @returns what has changed and is left as it was, for people. @throws PotluckError CONFIGURATION */
  async run(): Promise<string | undefined> {
    if (this.#request.file === undefined) {
      return 'There is no configuration file to read again: this peer was started without --config. All goes on as it was.'
    }
    const read = await loadConfig(peerConfigSchema, this.#request)
    const limits = limitsOf(read)
    this.#config = { ...this.#config, ...limits }
    this.#peer?.setLimits(limits)
    const left = changedKeys(this.#config, read)
    return left.length === 0
      ? undefined
      : `What has changed of ${left.join(', ')} in the configuration is left as it was: only maxUp and maxDown can be changed while a peer runs. Start it again for the rest.`
  }
}

function limitsOf({ maxUp, maxDown }: PeerConfig): PeerLimits {
  return { maxUp, maxDown }
}

/** Of both, the settings that differ. */
function changedKeys(one: PeerConfig, other: PeerConfig): string[] {
  const others = new Map<string, unknown>(Object.entries(other))
  const ones = new Map<string, unknown>(Object.entries(one))
  return [...new Set([...ones.keys(), ...others.keys()])].filter(
    (key) => JSON.stringify(ones.get(key)) !== JSON.stringify(others.get(key))
  )
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export async function readPeerArguments(argv: string[]): Promise<PeerConfig> {
  return await loadConfig(peerConfigSchema, requestOf(argv))
}

/** @throws CommanderError */
function requestOf(argv: string[]): ConfigRequest {
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
    .option(
      '--max-up <Mbit/s>',
      'the most of chunks that may leave, over all connections together',
      decimalNumber
    )
    .option('--max-down <Mbit/s>', 'the most of chunks that may come, likewise', decimalNumber)
    .option('--logs <folder>', 'where the log files are written')
    .option('--metrics <address>', 'where metrics are served over HTTP, HOST:PORT; nowhere unless told')
    .option('--quiet', 'show nothing but warnings and errors')
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
    maxUp,
    maxDown,
    logs,
    metrics
  } = program.opts<PeerFlags>()
  return {
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
      maxUp: { flag: '--max-up', value: maxUp },
      maxDown: { flag: '--max-down', value: maxDown },
      logs: { flag: '--logs', value: logs },
      metrics: { flag: '--metrics', value: metrics }
    },
    pathKeys: ['share', 'collection', 'secretFile', 'identityFile', 'logs']
  }
}
