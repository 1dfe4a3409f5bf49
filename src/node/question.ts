/** Whether a person is asked before a peer fetches, and what. Pure. */
import { Bitfield } from '../core/bitfield.ts'
import { chunkCountOf, heldBytesOf } from '../core/chunks.ts'
import { printable } from '../core/names.ts'
import type { FetchQuestion } from '../events/peer.ts'
import { extentOf, type Manifest } from '../protocols/manifest/index.ts'
import type { ContentState } from '../store/store.ts'
import type { Catalog } from './catalog.ts'

export interface QuestionInit {
  catalog: Catalog
  /** What is here of the contents that are to be fetched. */
  contents: readonly ContentState[]
  chunkByteLength: number
  /** The name of this peer. */
  name: string
  /** Without a question, no more is fetched than this. */
  askAbove: number
  /** On the disk of the collection; undefined where nobody knows. */
  freeBytes: number | undefined
}

/** What to ask; undefined when there is too little to ask for. */
export function questionOf(init: QuestionInit): FetchQuestion | undefined {
  const { catalog, contents, chunkByteLength, name, askAbove, freeBytes } = init
  const held = new Map<string, number>()
  let missingBytes = 0
  for (const { root, byteLength, held: bytes, wanted } of contents) {
    const extent = { byteLength, chunkByteLength }
    const heldBytes = heldBytesOf(extent, Bitfield.fromBytes(bytes, chunkCountOf(extent)))
    held.set(root, heldBytes)
    missingBytes += wanted ? byteLength - heldBytes : 0
  }
  const lacksRoom = freeBytes !== undefined && missingBytes + catalog.failedBytes > freeBytes
  if (missingBytes === 0 || (missingBytes <= askAbove && !lacksRoom)) {
    return undefined
  }
  const origins = new Map<string, Manifest[]>()
  for (const manifest of catalog.entries.filter(({ origin }) => origin !== name)) {
    const entries = origins.get(manifest.origin) ?? []
    entries.push(manifest)
    origins.set(manifest.origin, entries)
  }
  const peers = [...origins].map(([origin, entries]) => {
    const wanted = entries.filter((manifest) => manifest.kind === 'file' && !catalog.declines(manifest))
    const hereBytes = wanted.reduce((sum, { root }) => sum + (held.get(root) ?? 0), 0)
    return { name: printable(origin), ...extentOf(entries), wanted: extentOf(wanted), hereBytes }
  })
  return { missingBytes, peers, ...(freeBytes === undefined ? {} : { freeBytes }) }
}
