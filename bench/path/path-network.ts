/** The network of a pair of peers while it is there. */
import type { ProgramCall } from '#potluck/swarm/children.js'
import type { GatheringNetwork } from '../links/gathering.ts'
import { Namespaces } from '../machine/namespaces.ts'
import { inNamespace } from '../machine/network-commands.ts'
import { type PathHost, type PathPlan, pathPlan } from './path-plan.ts'

export class PathNetwork implements GatheringNetwork {
  readonly #plan: PathPlan
  readonly #namespaces: Namespaces

  private constructor(plan: PathPlan, namespaces: Namespaces) {
    this.#plan = plan
    this.#namespaces = namespaces
  }

  /** @throws PotluckError CONFIGURATION when this system or this user cannot make it */
  static async make(peers: readonly [string, string]): Promise<PathNetwork> {
    const plan = pathPlan(process.pid, peers)
    return new PathNetwork(plan, await Namespaces.make(plan))
  }

  host(name: string): PathHost {
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

  remove(): void {
    this.#namespaces.remove()
  }
}
