/** The sentence that a run ends with when something is missing for good: what, why, and what to do next. */
import { countOf, named } from '../protocols/units.ts'

export interface Incomplete {
  /** Contents of which chunks are missing. */
  missing: readonly { file: string; chunkCount: number; allChunkCount: number; origin: string }[]
  /** Members that there never was a connection with, by name. */
  apart: readonly string[]
  /** Whether the coordinator relays. */
  relayed: boolean
}

export function incompleteMessage({ missing, apart, relayed }: Incomplete): string {
  const contents = missing.map(
    ({ file, chunkCount, allChunkCount, origin }) =>
      `${file} (${chunkCount} of ${countOf(allChunkCount, 'chunk')}, from ${origin})`
  )
  const what = `no peer that can be reached holds what is missing of ${named(contents)}`
  const kept = 'what is here stays, so start this peer again'
  if (apart.length === 0) {
    return `${what}; ${kept} when they are back`
  }
  const relay = relayed ? '' : ', or start the coordinator with --relay'
  return `${what}; this peer and ${named(apart)} never reached each other: open the TCP port of one and tell its address with --announce${relay}; ${kept} then`
}
