/**
 * Gives every run the same start: no pending writes of an earlier one, the sources in the page cache, and memory for
 * the copies. A virtual machine may have returned unused memory to its host; getting it back made the first run a
 * quarter slower.
 */
import { createReadStream } from 'node:fs'
import { freemem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { NamedPlace } from '#potluck/local-run/verify.js'
import { outputOf } from './commands.ts'

const TOUCH_MEMORY = fileURLToPath(new URL('./touch-memory.js', import.meta.url))

/** The share of the free memory: the rest of the machine goes on. */
const TOUCHED_SHARE = 0.5

/** @param moved how many bytes of copies there will be @throws PotluckError CONFIGURATION; the signal's reason */
export async function settleMachine(
  places: readonly NamedPlace[],
  moved: number,
  signal: AbortSignal
): Promise<void> {
  await outputOf(['sync'])
  const touched = Math.min(moved, Math.floor(freemem() * TOUCHED_SHARE))
  await outputOf([process.execPath, TOUCH_MEMORY, String(touched)])
  signal.throwIfAborted()
  for (const { source } of places) {
    for await (const _ of createReadStream(source, { signal })) {
      // Reads and discards.
    }
  }
}
