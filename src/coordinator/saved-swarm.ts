/**
 * What a coordinator saves of an unfinished swarm so that its next start continues it, and in which form. Pure: it
 * writes text and reads it back.
 */
import * as z from 'zod'
import { verifySignature } from '../keys/signatures.ts'
import { reportedCapacities } from '../protocols/coordination/index.ts'
import { openManifest } from '../protocols/manifest/index.ts'
import { DECLINES_NOTHING, type Declined, declinedOf } from './swarm/choice.ts'
import type { RosterMember } from './swarm/roster.ts'

/** The version of the form below; every change of the form raises it. */
const VERSION = 3

export interface SavedSwarm {
  /** When the swarm clock showed 0, in ms of the system's clock. */
  clockZeroUnixMs: number
  swarmId: Uint8Array<ArrayBuffer>
  chunkByteLength: number
  /** The coordinator's own, so that it returns as the one that the peers know; as a protobuf. */
  privateKey: Uint8Array
  /**
   * The secret that it made for its invitations if it was configured without one: invitations already sent stay valid.
   */
  runSecret: Uint8Array | undefined
  /** When its catalog was complete, on the swarm clock; undefined before that. */
  catalogAtMs: number | undefined
  /** No peer is connected any more. */
  members: RosterMember[]
}

const bytesSchema = z.base64().transform((text) => Uint8Array.from(Buffer.from(text, 'base64')))
const countSchema = z.number().nonnegative()
const capacitiesSchema = z
  .strictObject({ uplinkBytesPerSecond: countSchema, downlinkBytesPerSecond: countSchema })
  .partial()

const schema = z.strictObject({
  version: z.literal(VERSION),
  clockZeroUnixMs: z.number(),
  swarmId: bytesSchema,
  chunkByteLength: countSchema,
  privateKey: bytesSchema,
  runSecret: bytesSchema.optional(),
  catalogAtMs: countSchema.optional(),
  members: z.array(
    z.strictObject({
      name: z.string(),
      peerId: z.string(),
      multiaddrs: z.array(z.string()),
      registeredAtMs: countSchema,
      completedAtMs: countSchema.optional(),
      leftOut: z.boolean().default(false),
      missingBytesAtStart: countSchema.optional(),
      progress: z.strictObject({
        totalBytes: countSchema,
        heldBytes: countSchema,
        receivedBytes: countSchema,
        sentBytes: countSchema
      }),
      configured: capacitiesSchema,
      measured: capacitiesSchema,
      manifests: z.array(bytesSchema).optional(),
      /** By origin; absent if it wants everything. */
      declined: z.record(z.string(), bytesSchema).optional()
    })
  )
})

export function writeSwarm(saved: SavedSwarm): string {
  const members = saved.members.map(
    ({ connected: _, lostAtMs: __, shortfall: ___, manifests, declined, ...member }) => ({
      ...member,
      manifests: manifests?.map(({ bytes }) => base64(bytes)),
      ...(declined.size === 0 ? {} : { declined: savedDeclined(declined) })
    })
  )
  const { swarmId, privateKey, runSecret, ...numbers } = saved
  return JSON.stringify({
    version: VERSION,
    ...numbers,
    swarmId: base64(swarmId),
    privateKey: base64(privateKey),
    runSecret: runSecret && base64(runSecret),
    members
  })
}

/**
 * @param atMs the swarm clock now
 * @throws Error when the text is not from `writeSwarm`; manifests are checked as if they came from anywhere
 */
export async function readSwarm(
  text: string,
  atMs: (clockZeroUnixMs: number) => number
): Promise<SavedSwarm> {
  const parsed = schema.safeParse(JSON.parse(text))
  if (!parsed.success) {
    const [first] = parsed.error.issues
    throw new Error(`its ${first?.path.join('.') || 'content'} is not what this version writes`)
  }
  const { version: _, ...saved } = parsed.data
  const lostAtMs = atMs(saved.clockZeroUnixMs)
  const members: RosterMember[] = []
  const entryCounts = new Map(saved.members.map(({ name, manifests }) => [name, manifests?.length ?? 0]))
  for (const { manifests, completedAtMs, missingBytesAtStart, declined = {}, ...member } of saved.members) {
    const choice = Object.entries(declined).map(([origin, entries]) => ({ origin, entries }))
    members.push({
      ...member,
      configured: toldOf(member.configured),
      measured: toldOf(member.measured),
      completedAtMs,
      // It says so again when it returns.
      shortfall: undefined,
      missingBytesAtStart,
      declined: declinedOf(choice, (origin) => entryCounts.get(origin)) ?? DECLINES_NOTHING,
      connected: false,
      lostAtMs,
      manifests:
        manifests &&
        (await Promise.all(manifests.map((bytes) => openManifest(bytes, saved.swarmId, verifySignature))))
    })
  }
  return { ...saved, runSecret: saved.runSecret, catalogAtMs: saved.catalogAtMs, members }
}

function toldOf({ uplinkBytesPerSecond, downlinkBytesPerSecond }: z.output<typeof capacitiesSchema>) {
  return reportedCapacities(uplinkBytesPerSecond, downlinkBytesPerSecond)
}

function savedDeclined(declined: Declined): Record<string, string> {
  return Object.fromEntries([...declined].map(([origin, entries]) => [origin, base64(entries.toBytes())]))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
