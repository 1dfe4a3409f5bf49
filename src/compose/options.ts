/** The options that a coordinator and a peer share. */
import type { Libp2pOptions } from 'libp2p'
import type { z } from 'zod'
import type { CoordinatorConfig } from '../config/coordinator.ts'
import { descriptionOf } from '../config/settings.ts'
import { PotluckError } from '../core/errors.ts'
import { exposedAddresses } from '../core/exposure.ts'
import type { SwarmSecret } from '../protocols/admission/index.ts'

export interface CreateOptions {
  /** Stops the node when it aborts. */
  signal?: AbortSignal
  /** The swarm's secret, as the line in a secret file; the setting `secretFile` takes precedence. */
  secret?: string | undefined
  /** libp2p transports to use instead of TCP; the listening addresses must match. */
  transports?: Libp2pOptions['transports']
}

/** The settings for where a node listens, and whether it may do so without a secret. */
export type Exposure = Pick<CoordinatorConfig, 'listen' | 'open'>

/** Whether everyone who can reach the node may take part. */
export function isOpen({ listen }: Exposure, secret: SwarmSecret | undefined): boolean {
  return secret === undefined && isExposed({ listen })
}

export function isExposed({ listen }: Pick<Exposure, 'listen'>): boolean {
  return exposedAddresses(listen).length > 0
}

export function now(): number {
  return performance.now()
}

export function transportsOf({ transports }: CreateOptions): Pick<CreateOptions, 'transports'> {
  return transports === undefined ? {} : { transports }
}

export function stopOn(
  signal: AbortSignal | undefined,
  node: { stop(reason?: string): Promise<void> }
): void {
  const stop = (): void => {
    // The caller of stop() receives the errors of stopping.
    node.stop().catch(() => undefined)
  }
  if (signal?.aborted === true) {
    stop()
  }
  signal?.addEventListener('abort', stop, { once: true })
}

export function parse<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  settings: unknown
): z.output<z.ZodObject<Shape, z.core.$strict>> {
  const result = schema.safeParse(settings)
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => {
      const [key] = path
      return key === undefined
        ? message
        : `${path.join('.')}: ${message}; it must be ${descriptionOf(schema.shape[String(key)])}`
    })
    throw new PotluckError('CONFIGURATION', `the settings cannot be used: ${problems.join('. ')}`)
  }
  return result.data
}
