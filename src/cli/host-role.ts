/** Runs a coordinator and a peer in one process. */
import type { Command } from 'commander'
import { type CoordinatorConfig, coordinatorConfigSchema } from '../config/coordinator.ts'
import { type PeerConfig, peerConfigSchema } from '../config/peer.ts'
import { EXIT_CODES, PotluckError } from '../core/errors.ts'
import { hostedPeerConsole } from '../view/hosted-peer.ts'
import { peerText, spoken } from '../view/text.ts'
import { flagsOf, loadConfig } from './config-file.ts'
import { runConfiguredCoordinator, stateFileOf } from './coordinator-role.ts'
import type { MakeRoles } from './host-command.ts'
import { besideAddresses, usualPort } from './host-ports.ts'
import { checkPaths } from './join-arguments.ts'
import type { Output } from './output.ts'
import { ownName } from './peer-role.ts'
import { runRole } from './run.ts'
import { COORDINATOR_SETTINGS, PEER_SETTINGS } from './setting-flags.ts'
import { shownPath } from './working-folder.ts'

interface HostFlags {
  share?: string[]
  invitationFile?: string
  new?: true
}

/** @returns the exit code @throws PotluckError CONFIGURATION */
export async function runHost(program: Command, output: Output, make: MakeRoles): Promise<number> {
  const { share = [], invitationFile, new: isNew = false } = program.opts<HostFlags>()
  const shares = [...share, ...program.args]
  checkPaths(shares)
  if (shares.length > 0) {
    program.setOptionValueWithSource('share', shares, 'cli')
  }
  const coordinator = await coordinatorConfigOf(program)
  const peer = await peerConfigOf(program, coordinator)
  if (peer.name.toLowerCase() === coordinator.name.toLowerCase()) {
    throw new PotluckError(
      'CONFIGURATION',
      `--name cannot be "${peer.name}": the coordinator beside this peer is called so. Give the peer another name.`
    )
  }
  return await new HostRun({ coordinator, peer, isNew, invitationFile, output, make }).run()
}

interface HostInit {
  coordinator: CoordinatorConfig
  peer: PeerConfig
  isNew: boolean
  invitationFile: string | undefined
  output: Output
  make: MakeRoles
}

class HostRun {
  readonly #init: HostInit
  /** Ends the coordinator with the signal's reason. */
  readonly #end = new AbortController()
  #peerEnds: Promise<number> | undefined
  #isUnderWay = false
  #coordinatorEnded = false

  constructor(init: HostInit) {
    this.#init = init
  }

  /** The peer's exit code says what this machine lacks. If it lacks nothing, the coordinator's code counts. */
  async run(): Promise<number> {
    const { coordinator: config, peer, isNew, invitationFile, output, make } = this.#init
    const console = hostedPeerConsole(peer.name, {
      screen: output.screen,
      complain: (message) => output.complain(spoken(peer.name, message)),
      collection: shownPath(peer.collection)
    })
    const coordinatorCode = await runConfiguredCoordinator({
      config,
      isNew,
      invitationFile,
      output,
      create: make.coordinator,
      host: {
        below: console.draw,
        end: this.#end.signal,
        onInvitation: (invitation) => {
          this.#peerEnds = this.#runPeer(invitation, console.listener)
        }
      }
    })
    this.#coordinatorEnded = true
    const peerCode = (await this.#peerEnds) ?? EXIT_CODES.ok
    return peerCode === EXIT_CODES.ok ? coordinatorCode : peerCode
  }

  async #runPeer(invitation: string, show: HostedListener): Promise<number> {
    const { peer: config, output, make } = this.#init
    const code = await runRole({
      name: config.name,
      role: 'peer',
      logs: config.logs,
      output,
      create: (signal) => make.peer({ config, invitation }, signal),
      show: (event) => {
        this.#isUnderWay ||= event.event === 'catalog'
        show(event)
      },
      text: peerText
    })
    this.#onPeerEnd(code)
    return code
  }

  /** The others can go on without this peer once the catalog is known; before that they would wait for it in vain. */
  #onPeerEnd(code: number): void {
    if (code === EXIT_CODES.ok || code === EXIT_CODES.interrupted || this.#coordinatorEnded) {
      return
    }
    const { peer, coordinator, output } = this.#init
    if (this.#isUnderWay) {
      output.complain(
        spoken(
          coordinator.name,
          `${peer.name} has ended with exit code ${code}. The swarm goes on for the others; Ctrl-C ends it.`
        )
      )
    } else {
      this.#end.abort(
        new PotluckError(
          'INCOMPLETE',
          `${peer.name} could not take part, so the swarm was ended before it began.`
        )
      )
    }
  }
}

type HostedListener = ReturnType<typeof hostedPeerConsole>['listener']

/** @throws PotluckError CONFIGURATION */
async function coordinatorConfigOf(program: Command): Promise<CoordinatorConfig> {
  const flags = flagsOf(program, coordinatorConfigSchema, COORDINATOR_SETTINGS)
  // The others are on other machines, and the name is the peer's.
  const config = await loadConfig(coordinatorConfigSchema, {
    file: undefined,
    defaults: { listen: ['0'] },
    flags: Object.fromEntries(Object.entries(flags).filter(([key]) => key !== 'name')),
    pathKeys: ['secretFile', 'logs']
  })
  if (flags['listen']?.value !== undefined) {
    return config
  }
  const port = await usualPort((port) => stateFileOf(config, port))
  const { listen } = coordinatorConfigSchema.parse({ listen: [String(port)] })
  return { ...config, listen }
}

/** @throws PotluckError CONFIGURATION */
async function peerConfigOf(program: Command, coordinator: CoordinatorConfig): Promise<PeerConfig> {
  const beside = new Set(['listen', 'announce', 'secretFile'])
  const flags = flagsOf(program, peerConfigSchema, PEER_SETTINGS)
  const [address = ''] = coordinator.listen
  return await loadConfig(peerConfigSchema, {
    file: undefined,
    // The coordinator's address comes with its invitation.
    defaults: { name: ownName(), collection: 'potluck', coordinator: address },
    flags: {
      ...Object.fromEntries(Object.entries(flags).filter(([key]) => !beside.has(key))),
      ...Object.fromEntries(
        Object.entries(await besideAddresses(coordinator)).map(([key, value]) => [
          key,
          { flag: `--${key}`, value }
        ])
      )
    },
    pathKeys: ['share', 'collection', 'logs']
  })
}
