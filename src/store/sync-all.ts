/**
 * Syncs a whole file system at once: Linux's `syncfs`, through koffi, because Node has no call for it. If koffi or the
 * call is missing, or the file system does it less reliably than a sync of each file, there is none.
 */
import { closeSync, openSync, statfsSync } from 'node:fs'
import { release } from 'node:os'

/** Before, the kernel did not report failed writes through it. */
const MIN_KERNEL = [5, 8] as const

/**
 * By their numbers in <linux/magic.h>: file systems whose `sync_fs` waits for the journal and makes the disk empty its
 * cache.
 */
const JOURNALED = new Set([
  0xef53, // ext4
  0x58465342, // XFS
  0x9123683e // Btrfs
])

export interface SyncAll {
  /** Resolves when all that was written to the file system before the call is durable. */
  sync(): Promise<void>
  close(): void
}

/** The file system of the folder; undefined if it cannot be synced as a whole. */
export function openSyncAll(folder: string): SyncAll | undefined {
  if (process.platform !== 'linux' || !isSince(release(), MIN_KERNEL)) {
    return undefined
  }
  const descriptor = openJournaled(folder)
  if (descriptor === undefined) {
    return undefined
  }
  let syncing: Promise<Syncfs> | undefined
  return {
    sync: async () => {
      syncing ??= loadSyncfs()
      const syncfs = await syncing
      await syncfs(descriptor)
    },
    close: () => closeSync(descriptor)
  }
}

/** A sync reports what failed since the descriptor was opened, so it is opened before anything is written. */
function openJournaled(folder: string): number | undefined {
  try {
    const type = BigInt.asUintN(32, BigInt(statfsSync(folder).type))
    return JOURNALED.has(Number(type)) ? openSync(folder, 'r') : undefined
  } catch {
    // Only time is lost.
    return undefined
  }
}

type Syncfs = (descriptor: number) => Promise<void>

/** Rejects if it cannot be called. */
async function loadSyncfs(): Promise<Syncfs> {
  const { load } = await import('koffi')
  const syncfs = load(null).func('int syncfs(int)')
  return (descriptor) =>
    new Promise((resolve, reject) => {
      syncfs.async(descriptor, (error, result) => {
        if (error === null && result === 0) {
          resolve()
        } else {
          reject(error ?? new Error('the file system could not be synced'))
        }
      })
    })
}

/** Whether the kernel's release, such as "6.18.1-generic", is at least the version. */
function isSince(kernel: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = kernel.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
