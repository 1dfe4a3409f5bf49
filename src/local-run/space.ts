/** How much disk space a local swarm takes, and whether it is free. */
import { statfs } from 'node:fs/promises'
import { PotluckError } from '../core/errors.ts'
import { formatBytes } from '../core/units.ts'

export interface SpaceDemand {
  peers: number
  /** The length of each source. */
  byteLength: number
  /** How many sources are missing. */
  missingSources: number
}

/** Chunk digests, states and logs take about a hundredth of the files; the rest is for many small swarms. */
const OVERHEAD_SHARE = 0.01
const OVERHEAD_BYTES = 16 * 1024 * 1024

/** The bytes that will be written: every peer's copies of all other files, the missing sources, and an allowance. */
export function neededBytes({ peers, byteLength, missingSources }: SpaceDemand): number {
  const files = (missingSources + peers * (peers - 1)) * byteLength
  return files + Math.ceil(files * OVERHEAD_SHARE) + OVERHEAD_BYTES
}

/** Reports how much is needed. @throws PotluckError DISK when there is less */
export async function checkSpace(
  folder: string,
  demand: SpaceDemand,
  say: (line: string) => void
): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const needed = neededBytes(demand)
  const { peers, byteLength } = demand
  say(
    `${peers} peers, each with a file of ${formatBytes(byteLength)}: ${folder} needs ${formatBytes(needed)} more of disk, ${formatBytes(free)} are free.`
  )
  if (free < needed) {
    throw new PotluckError(
      'DISK',
      `There is not enough room in ${folder}: ${formatBytes(needed)} are needed and ${formatBytes(free)} are free. Free some, or choose a smaller --size, fewer --peers or another --dir.`
    )
  }
}
