/** A scenario's network: made from its plan, with counters to read, and removed again. */
import { outputOf } from '../machine/commands.ts'
import { type LinkBytes, parseLinkBytes } from '../machine/counters.ts'
import { Namespaces } from '../machine/namespaces.ts'
import { Hosts } from './hosts.ts'
import { type BridgedHost, type NetworkPlan, networkPlan } from './network-plan.ts'
import type { LinksScenario } from './scenarios.ts'

export class Network extends Hosts<BridgedHost> {
  readonly #plan: NetworkPlan

  private constructor(plan: NetworkPlan, namespaces: Namespaces) {
    super(plan, namespaces)
    this.#plan = plan
  }

  /** @throws PotluckError CONFIGURATION when this system or this user cannot make it */
  static async make(
    { links }: LinksScenario,
    names: readonly string[],
    congestionControl: string
  ): Promise<Network> {
    const peers = links.map((link, index) => ({ name: names[index] ?? '', link }))
    const plan = networkPlan({ processId: process.pid, peers, congestionControl })
    return new Network(plan, await Namespaces.make(plan))
  }

  /** The bytes over the link of each host since it was made. */
  async linkBytes(): Promise<Map<string, LinkBytes>> {
    const json = await outputOf(['ip', '-n', this.#plan.bridgeNamespace, '-s', '-j', 'link', 'show'])
    const byPort = parseLinkBytes(json)
    return new Map(
      [...this.#plan.hosts].map(([name, { bridgePort }]) => [
        name,
        byPort.get(bridgePort) ?? { sentBytes: 0, receivedBytes: 0 }
      ])
    )
  }
}
