/**
 * Settings that more than one role has: their types, their limits, and the messages about wrong values.
 *
 * The description of a field completes the sentence "it has to be …", which a person reads when it is wrong.
 */
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as z from 'zod'
import { messageOf } from '../core/errors.ts'
import { MAX_PEER_NAME_BYTE_LENGTH, peerNameProblem } from '../core/names.ts'
import { patternProblem } from '../core/path-patterns.ts'
import { BYTES_PER_MEGABIT, bytesOfText } from '../core/units.ts'
import { parseHttpAddress } from './http-address.ts'
import { multiaddrTextOf } from './network-address.ts'

/** More addresses than any machine has interfaces. Each is tried, so the list is limited. */
export const MAX_ADDRESSES = 32

/** Slower than any link in use; below it a bound would take weeks. */
const MIN_CAPACITY_MBITS = 0.001

/** A terabit per second: more than one machine's link carries. */
const MAX_CAPACITY_MBITS = 1_000_000

/** A shorter time would end before anything could have happened. */
const MIN_WAIT_MS = 100

/** A day: waiting longer for a machine is not for a terminal. */
const MAX_WAIT_MS = 24 * 60 * 60 * 1000

/** A text for which `check` throws nothing. */
function textThat(check: (value: string) => unknown) {
  return z.string().superRefine((value, context) => {
    try {
      check(value)
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) })
    }
  })
}

export const nameSetting = textThat((value) => {
  const problem = peerNameProblem(value)
  if (problem !== undefined) {
    throw new Error(problem)
  }
}).describe(`a file name that every system can store, of at most ${MAX_PEER_NAME_BYTE_LENGTH} bytes`)

function checkAddress(value: string): void {
  const components = multiaddr(multiaddrTextOf(value)).getComponents()
  if (components.length === 0) {
    throw new Error('an empty address')
  }
  for (const component of components) {
    if (component.name === 'p2p' && component.value !== undefined) {
      peerIdFromString(component.value)
    }
  }
}

/** An address that others reach; HOST:PORT becomes a multiaddr. */
export const addressSetting = textThat(checkAddress)
  .transform(multiaddrTextOf)
  .describe('HOST:PORT such as "192.0.2.1:9000", or a multiaddr such as "/ip4/192.0.2.1/tcp/9000"')

export const addressesSetting = z
  .array(addressSetting)
  .max(MAX_ADDRESSES)
  .describe(
    `a list of at most ${MAX_ADDRESSES} addresses: HOST:PORT such as "203.0.113.7:9001", or multiaddrs such as "/ip4/203.0.113.7/tcp/9001"`
  )

const MAX_PORT = 65_535

const listenEntrySetting = textThat((value) => isPort(value) || checkAddress(value))

/** Where a node listens. A port alone becomes the two addresses that mean all of IPv4 and all of IPv6. */
export function listenSetting({ min, port }: { min: number; port: number }) {
  const count = min === 0 ? 'at most' : `${min} to`
  return z
    .array(listenEntrySetting)
    .min(min)
    .max(MAX_ADDRESSES)
    .transform((list) => list.flatMap(everywhere))
    .describe(
      `a list of ${count} ${MAX_ADDRESSES} addresses: ports such as "${port}", HOST:PORT such as "127.0.0.1:${port}", or multiaddrs such as "/ip4/0.0.0.0/tcp/${port}"`
    )
}

function everywhere(entry: string): string[] {
  const port = Number(entry)
  return isPort(entry) ? [`/ip4/0.0.0.0/tcp/${port}`, `/ip6/::/tcp/${port}`] : [multiaddrTextOf(entry)]
}

function isPort(entry: string): boolean {
  return /^\d{1,5}$/.test(entry) && Number(entry) <= MAX_PORT
}

export const pathSetting = z
  .string()
  .min(1)
  .refine((value) => !value.includes('\0'), { error: 'a path with a NUL character' })

/** Each is tried on every path; a user who needs more can name folders. */
const MAX_PATTERNS = 1024

/** A selection of paths, in the syntax of a `.gitignore` file. */
export const patternsSetting = z
  .array(
    textThat((value) => {
      const problem = patternProblem(value)
      if (problem !== undefined) {
        throw new Error(problem)
      }
    })
  )
  .max(MAX_PATTERNS)
  .describe(`a list of at most ${MAX_PATTERNS} patterns as in .gitignore, such as "ann/photos/" or "*.iso"`)

/** A number of bytes, or a size as people write it. */
export const sizeSetting = z
  .union([z.int().min(0), z.string()])
  .transform((value, context) => {
    const byteLength = typeof value === 'number' ? value : bytesOfText(value)
    if (byteLength === undefined) {
      context.addIssue({ code: 'custom', message: 'no size' })
      return z.NEVER
    }
    return byteLength
  })
  .describe('a size such as "10GiB", "500MB" or a number of bytes')

export const folderSetting = pathSetting.describe('the path of a folder')

export const fileSetting = pathSetting.describe('the path of a file')

/** Whether a node that others can reach may do without a secret. */
export const openSetting = z.boolean().default(false).describe('true or false')

/** Where pages and metrics are served; the coordinator's setting also allows a keyword. */
export const httpAddressSetting = z
  .string()
  .refine((value) => parseHttpAddress(value) !== undefined, { error: 'no HOST:PORT' })
  .describe('HOST:PORT such as "127.0.0.1:9464"')

export const peerIdSetting = textThat(peerIdFromString)

export const waitSetting = z
  .int()
  .min(MIN_WAIT_MS)
  .max(MAX_WAIT_MS)
  .describe(`a whole number of milliseconds from ${MIN_WAIT_MS} to ${MAX_WAIT_MS}`)

/** The capacity of a link, in Mbit/s. */
export const capacitySetting = z
  .number()
  .min(MIN_CAPACITY_MBITS)
  .max(MAX_CAPACITY_MBITS)
  .describe(`a number of Mbit/s from ${MIN_CAPACITY_MBITS} to ${MAX_CAPACITY_MBITS}`)

/**
 * With a lower limit, the few chunks that a peer asks for at a time would take longer than others wait for news of
 * them.
 */
const MIN_LIMIT_MBITS = 0.5

/** A limit that people set for a link, in Mbit/s. */
export const limitSetting = z
  .number()
  .min(MIN_LIMIT_MBITS)
  .max(MAX_CAPACITY_MBITS)
  .describe(`a number of Mbit/s from ${MIN_LIMIT_MBITS} to ${MAX_CAPACITY_MBITS}`)

/** A configured capacity, in bytes per second. */
export function bytesPerSecondOf(capacityMbits: number | undefined): number | undefined {
  return capacityMbits === undefined ? undefined : capacityMbits * BYTES_PER_MEGABIT
}

/** What a setting has to be, in words; for an optional setting, what its inner type has to be. */
export function descriptionOf(field: unknown): string {
  const own = field instanceof z.ZodType ? field.description : undefined
  if (own === undefined && (field instanceof z.ZodDefault || field instanceof z.ZodOptional)) {
    return descriptionOf(field.unwrap())
  }
  return own ?? 'something else'
}
