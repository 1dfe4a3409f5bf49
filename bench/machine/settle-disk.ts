/** Every run begins alike: nothing of an earlier one is still to be written, and the sources are in the page cache. */
import { createReadStream } from 'node:fs'
import type { NamedPlace } from '#potluck/swarm/verify.js'
import { outputOf } from './commands.ts'

/** @throws PotluckError CONFIGURATION; the signal's reason */
export async function settleDisk(places: readonly NamedPlace[], signal: AbortSignal): Promise<void> {
  await outputOf(['sync'])
  for (const { source } of places) {
    for await (const _ of createReadStream(source, { signal })) {
      // Reading is all.
    }
  }
}
