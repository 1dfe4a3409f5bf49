/** A scenario's network while it is there: made from its plan, read at its counters, and removed again. */
import type { ProgramCall } from '#potluck/swarm/children.js'
import { outputOf } from '../machine/commands.ts'
import { type LineBytes, parseLineBytes } from '../machine/counters.ts'
import { Namespaces } from '../machine/namespaces.ts'
import { inNamespace } from '../machine/network-commands.ts'
import type { GatheringNetwork } from './gathering.ts'
import { type Host, type NetworkPlan, networkPlan } from './network-plan.ts'
import type { LinksScenario } from './scenarios.ts'

export class Network implements GatheringNetwork {
  readonly #plan: NetworkPlan
  readonly #namespaces: Namespaces

  private constructor(plan: NetworkPlan, namespaces: Namespaces) {
    this.#plan = plan
    this.#namespaces = namespaces
  }

  /** @throws PotluckError CONFIGURATION when this system or this user cannot make it */
  static async make(
    { lines }: LinksScenario,
    names: readonly string[],
    congestionControl: string
  ): Promise<Network> {
    const peers = lines.map((line, index) => ({ name: names[index] ?? '', line }))
    const plan = networkPlan({ processId: process.pid, peers, congestionControl })
    return new Network(plan, await Namespaces.make(plan))
  }

  /** The peer's, or the coordinator's. */
  host(name: string): Host {
    const host = this.#plan.hosts.get(name)
    if (host === undefined) {
      throw new Error(`no host ${name}`)
    }
    return host
  }

  /** The program as it is run in the place of a host. */
  callAt(name: string, [program, ...argv]: ProgramCall): ProgramCall {
    return inNamespace(this.host(name).namespace, program, ...argv)
  }

  /** What has gone over the line of each host since it was made. */
  async lineBytes(): Promise<Map<string, LineBytes>> {
    const json = await outputOf(['ip', '-n', this.#plan.bridgeNamespace, '-s', '-j', 'link', 'show'])
    const byPort = parseLineBytes(json)
    return new Map(
      [...this.#plan.hosts].map(([name, { bridgePort }]) => [
        name,
        byPort.get(bridgePort) ?? { sentBytes: 0, receivedBytes: 0 }
      ])
    )
  }

  remove(): void {
    this.#namespaces.remove()
  }
}
