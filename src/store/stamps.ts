/**
 * What shows, without reading it, that a file is unchanged: its length, its inode, and its times of modification and of
 * change. Programs can set the time of modification; only the system sets that of change.
 *
 * Where these are unstable, as on some network file systems, a file is read once more than necessary.
 */
import { type BigIntStats, lstatSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isOfResources } from './disk-errors.ts'

/** Linux stamps files with a clock that ticks every 4 to 10 ms; since 6.13 more finely once a stamp was read. */
const FINE_STAMP_MS = 20

/** Timers may fire a little early by the system's clock. */
const TIMER_SLACK_MS = 5

/** FAT counts in 2 s; a time of whole seconds may come from such a file system. */
const COARSE_STAMP_MS = 2000

const NS_PER_MS = 1_000_000n
const NS_PER_SECOND = 1_000_000_000n

export interface FileStamp {
  byteLength: number
  modifiedNs: bigint
  /** When bytes, name or permissions changed. */
  changedNs: bigint
  inode: bigint
}

export function stampOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): FileStamp {
  return { byteLength: Number(size), modifiedNs: mtimeNs, changedNs: ctimeNs, inode: ino }
}

/**
 * Undefined when there is no regular file of that name, or none that can be looked at.
 *
 * @throws the system's error when only this process or machine lacks a resource
 */
export function stampAt(path: string): FileStamp | undefined {
  try {
    const status = lstatSync(path, { bigint: true })
    return status.isFile() ? stampOf(status) : undefined
  } catch (error) {
    if (isOfResources(error)) {
      throw error
    }
    // Callers take that for another file.
    return undefined
  }
}

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.changedNs === b.changedNs && sameBytes(a, b)
}

/** Whether nothing was written between the two, although the file may have another name or other permissions. */
export function sameBytes(a: FileStamp, b: FileStamp): boolean {
  return a.byteLength === b.byteLength && a.modifiedNs === b.modifiedNs && a.inode === b.inode
}

/** Whether every write to the file from that time on, in milliseconds since 1970, gives it another stamp. */
export function isSettled({ modifiedNs, changedNs }: FileStamp, atMs: number): boolean {
  const newestNs = changedNs > modifiedNs ? changedNs : modifiedNs
  const unsettledMs = newestNs % NS_PER_SECOND === 0n ? COARSE_STAMP_MS : FINE_STAMP_MS
  return atMs - Number(newestNs / NS_PER_MS) > unsettledMs
}

/** Waits until the next write would give a recently changed file another stamp; not for coarse times. */
export async function untilSettled({ modifiedNs, changedNs }: FileStamp): Promise<void> {
  const ageMs = Date.now() - Number((changedNs > modifiedNs ? changedNs : modifiedNs) / NS_PER_MS)
  if (Math.abs(ageMs) <= FINE_STAMP_MS) {
    await sleep(FINE_STAMP_MS - ageMs + TIMER_SLACK_MS)
  }
}
