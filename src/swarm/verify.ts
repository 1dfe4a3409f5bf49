/** The proof at the end: every peer's every file, read afresh, is what its origin has. */
import { join } from 'node:path'
import { type CompareOptions, compareCopies } from './compare.ts'
import type { PeerPlace } from './run-folder.ts'

/** A peer as the others know it, and where its things lie. */
export interface NamedPlace extends PeerPlace {
  name: string
}

export interface Verification {
  files: number
  identical: number
  /** One sentence for each file that is not. */
  problems: string[]
}

/** Checks each peer's own source and its copies of all others'. @throws the signal's reason */
export async function verifyCopies(
  places: readonly NamedPlace[],
  options: CompareOptions
): Promise<Verification> {
  const problems: string[] = []
  for (const origin of places) {
    const copies = places
      .filter((holder) => holder !== origin)
      .map(({ collection }) => join(collection, origin.name, origin.sourceName))
    for (const [path, problem] of await compareCopies(origin.source, copies, options)) {
      problems.push(`${path} ${problem}`)
    }
  }
  const files = places.length ** 2
  return { files, identical: files - problems.length, problems }
}
