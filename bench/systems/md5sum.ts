/** The MD5 of files as a person computes it: `md5sum`, one process per file, all at once. */
import { join } from 'node:path'
import type { NamedPlace } from '#potluck/local-run/verify.js'
import type { Crew } from '../machine/crew.ts'

/** It ends with this process, however that ends. */
export const ENDS_WITH_BENCH = ['setpriv', '--pdeathsig', 'KILL'] as const

export async function md5sum(crew: Crew, at: string, path: string): Promise<void> {
  await crew.finish({ at, call: [...ENDS_WITH_BENCH, 'md5sum', path] })
}

/** The path of each file that the peer receives. */
export function receivedPaths(place: NamedPlace, places: readonly NamedPlace[]): string[] {
  return places.filter((origin) => origin !== place).map((origin) => copyPath(place, origin))
}

export function copyPath({ collection }: NamedPlace, origin: NamedPlace): string {
  return join(collection, origin.name, origin.sourceName)
}
