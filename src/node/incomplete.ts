/** The error that a run ends with when something is missing for good: what, why, and what to do next. */
import { PotluckError } from '../core/errors.ts'
import { countOf, named } from '../core/units.ts'

export interface MissingContent {
  file: string
  chunkCount: number
  allChunkCount: number
  origin: string
  /** Members that say that they can no longer read it as they shared it, by name. */
  unreadableAt: readonly string[]
}

export interface Incomplete {
  /** Contents of which chunks are missing. */
  missing: readonly MissingContent[]
  /** Members that there never was a connection with, by name. */
  apart: readonly string[]
  /** Members that are no longer asked for anything because they sent corrupt data, by name. */
  banned: readonly string[]
  /** Members that send nothing although they say that they have it, by name, and for how long. */
  silent?: { names: readonly string[]; stillMs: number }
  /** Whether the coordinator relays. */
  relayed: boolean
}

/** INTEGRITY when an origin that lied is there and no one has better bytes, otherwise INCOMPLETE. */
export function incompleteError(incomplete: Incomplete): PotluckError {
  const { missing, banned } = incomplete
  const liars = banned.filter((name) => missing.some(({ origin }) => origin === name))
  return liars.length === 0
    ? new PotluckError('INCOMPLETE', incompleteMessage(incomplete))
    : new PotluckError('INTEGRITY', liarsMessage(incomplete, liars))
}

function liarsMessage({ missing }: Incomplete, liars: readonly string[]): string {
  const files = missing.filter(({ origin }) => liars.includes(origin)).map(({ file }) => file)
  return `${named(liars)} sent corrupt data of ${named(files)}, and no other peer has what is missing; check the disk and the memory of that computer, share the files there again, and start this peer again`
}

function incompleteMessage({ missing, apart, silent, relayed }: Incomplete): string {
  const contents = missing.map(
    ({ file, chunkCount, allChunkCount, origin }) =>
      `${file} (${chunkCount} of ${countOf(allChunkCount, 'chunk')}, from ${origin})`
  )
  const kept = 'this peer keeps what it has, so start it again'
  if (silent !== undefined) {
    const seconds = Math.round(silent.stillMs / 1000)
    return `no data arrived for ${seconds} s of what is missing of ${named(contents)}, although ${named(silent.names)} offered it; check the program, the disk and the network there; ${kept}`
  }
  const what = `no reachable peer has what is missing of ${named(contents)}`
  const changed = missing.filter(({ unreadableAt }) => unreadableAt.length > 0)
  if (changed.length > 0) {
    const where = named([...new Set(changed.flatMap(({ unreadableAt }) => unreadableAt))])
    return `${what}: ${named(changed.map(({ file }) => file))} changed or became unreadable at ${where} since it was shared; put it back there as it was, or start a new swarm to share it as it is now; this peer keeps what it has`
  }
  if (apart.length === 0) {
    return `${what}; ${kept} when they are back`
  }
  const relay = relayed ? '' : ', or start the coordinator with --relay'
  return `${what}; this peer and ${named(apart)} never reached each other: let one listen for the others (--listen 9001), open that TCP port, and add a public address in front of it with --announce${relay}; ${kept} then`
}
