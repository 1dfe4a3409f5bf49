/** What a member declares that it does without, checked against what the members have published. Pure. */
import { Bitfield } from '../../core/bitfield.ts'
import type { SignedManifest } from '../../protocols/manifest/index.ts'

/**
 * By the names of origins, a bit for each of its entries in the catalog's order. A member wants everything of absent
 * origins.
 */
export type Declined = ReadonlyMap<string, Bitfield>

export const DECLINES_NOTHING: Declined = new Map()

/** The fields of a member that a choice depends on. */
interface Origin {
  readonly name: string
  readonly manifests: readonly SignedManifest[] | undefined
}

/**
 * Accepts a member's choice.
 *
 * @param entriesOf what an origin has published; undefined when there is no such origin
 * @returns undefined when the choice names entries that are not in the catalog
 */
export function declinedOf(
  message: readonly { origin: string; entries: Uint8Array }[],
  entriesOf: (origin: string) => number | undefined
): Declined | undefined {
  const declined = new Map<string, Bitfield>()
  for (const { origin, entries } of message) {
    const count = entriesOf(origin)
    if (count === undefined) {
      return undefined
    }
    try {
      declined.set(origin, Bitfield.fromBytes(entries, count))
    } catch {
      return undefined
    }
  }
  return declined
}

export function sameDeclined(a: Declined, b: Declined): boolean {
  return (
    a.size === b.size &&
    [...a].every(([origin, bits]) => {
      const others = b.get(origin)
      return others !== undefined && sameBytes(bits.toBytes(), others.toBytes())
    })
  )
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index])
}

/** By root, how many entries of others with that content the member does without. */
export function declinedEntries(declined: Declined, origins: readonly Origin[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name, manifests = [] } of declined.size === 0 ? [] : origins) {
    for (const index of declined.get(name)?.held() ?? []) {
      const manifest = manifests[index]?.manifest
      if (manifest?.kind === 'file') {
        counts.set(manifest.root, (counts.get(manifest.root) ?? 0) + 1)
      }
    }
  }
  return counts
}
