/** Power losses in the middle of small transfers: each transfer is recorded once, and cut off at any of its changes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chunkCountOf } from '#potluck/core/chunks.js'
import { manifestKey } from '#potluck/core/names.js'
import { seededRandom } from '#potluck/core/random.js'
import { interceptFileSystem } from './intercept.ts'
import { type CrashedDisk, DiskRecording } from './recorded-disk.ts'
import type { Torment, TormentOptions } from './torments.ts'
import { Transfer, type TransferFile, transferFiles } from './transfer.ts'
import { judgeClaims, judgeFiles, judgeToTheEnd } from './verdict.ts'

/** After one of this many losses the transfer is finished, which takes longest. */
const LOSSES_PER_ENDING = 8

/** A peer that stops in order twice before it has everything. */
const SESSION_CHUNKS = [3, 5, Number.POSITIVE_INFINITY]

export const powerLosses: Torment = {
  name: 'power',
  what: 'power losses after any change of the disk, without what was not synced',
  unit: 'losses',
  figure: 10_000,
  minutes: 3,
  run: tormentByPowerLosses
}

async function tormentByPowerLosses({ count, seed, signal, onProgress }: TormentOptions): Promise<void> {
  const room = await mkdtemp(join(tmpdir(), 'potluck-power-'))
  try {
    for (let done = 0, round = 0; done < count; round++) {
      const files = transferFiles(seed + round)
      const recording = await record(join(room, `recorded-${round}`), files, seed + round)
      const random = seededRandom(seed + round)
      const lengths = lossesOf(recording.changes.length, count - done)
      for (const [index, length] of lengths.entries()) {
        signal.throwIfAborted()
        const disk = recording.crashAt(length, random)
        const isEnding = index % LOSSES_PER_ENDING === 0
        await judge(disk, files, join(room, `${round}-${index}`), isEnding).catch((error: unknown) => {
          const changes = `${length} of the ${recording.changes.length} changes of transfer ${round}`
          throw new Error(`a power loss after ${changes}`, { cause: error })
        })
        done++
        onProgress(done)
      }
    }
  } finally {
    await rm(room, { recursive: true, force: true })
  }
}

async function judge(
  disk: CrashedDisk,
  files: readonly TransferFile[],
  collection: string,
  isEnding: boolean
): Promise<void> {
  const reported = (what: string): Set<string> =>
    new Set(
      disk.reports.filter((report) => report.startsWith(what)).map((report) => report.slice(what.length))
    )
  const judged = { collection, files, completed: reported('complete '), begun: reported('begun ') }
  await disk.layDown(collection)
  await judgeFiles(judged)
  await (isEnding ? judgeToTheEnd(judged) : judgeClaims(judged))
  await rm(collection, { recursive: true })
}

/** The changes after which to cut: each, or evenly spaced ones up to this many. */
function lossesOf(changeCount: number, wanted: number): number[] {
  const count = Math.min(wanted, changeCount + 1)
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 1) * changeCount) / count))
}

async function record(
  collection: string,
  files: readonly TransferFile[],
  seed: number
): Promise<DiskRecording> {
  const recording = new DiskRecording(collection)
  const begun = new Set<string>()
  const restore = interceptFileSystem(recording.take)
  try {
    for (const chunks of SESSION_CHUNKS) {
      const onComplete = (name: string): void => recording.report(`complete ${name}`)
      const transfer = await Transfer.begin(collection, files, onComplete, { syncAll: recording.syncAll })
      try {
        await transfer.receive(seed, chunks)
        for (const { file } of await transfer.held()) {
          if (chunkCountOf(file.manifest) > 1) {
            begun.add(manifestKey(file.manifest))
          }
        }
        if (chunks === Number.POSITIVE_INFINITY) {
          await transfer.finish()
        }
      } finally {
        await transfer.store.close()
      }
      for (const name of begun) {
        recording.report(`begun ${name}`)
      }
    }
  } finally {
    restore()
  }
  return recording
}
