/** The hosts of a benchmark's network, a namespace each, in which the peers and the coordinator run. */
import type { ProgramCall } from '#potluck/local-run/children.js'
import type { Namespaces } from '../machine/namespaces.ts'
import { inNamespace, type NamespacePlan } from '../machine/network-commands.ts'
import type { GatheringHost, GatheringNetwork } from './gathering.ts'

/** The name of the coordinator's place in the network. */
export const COORDINATOR = 'coordinator'

export interface Host extends GatheringHost {
  namespace: string
}

export interface HostsPlan<PlannedHost extends Host = Host> extends NamespacePlan {
  /** By the name of the peer, or `COORDINATOR`. */
  hosts: Map<string, PlannedHost>
}

export class Hosts<PlannedHost extends Host = Host> implements GatheringNetwork {
  readonly #hosts: ReadonlyMap<string, PlannedHost>
  readonly #namespaces: Namespaces

  /** @param namespaces made from the plan */
  constructor({ hosts }: HostsPlan<PlannedHost>, namespaces: Namespaces) {
    this.#hosts = hosts
    this.#namespaces = namespaces
  }

  host(name: string): PlannedHost {
    const host = this.#hosts.get(name)
    if (host === undefined) {
      throw new Error(`no host ${name}`)
    }
    return host
  }

  /** The program, changed to run on a host. */
  callAt(name: string, [program, ...argv]: ProgramCall): ProgramCall {
    return inNamespace(this.host(name).namespace, program, ...argv)
  }

  remove(): void {
    this.#namespaces.remove()
  }
}
