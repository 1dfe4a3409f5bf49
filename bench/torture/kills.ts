/** Kills processes in the middle of a small transfer: at every call of the file system, or at any time. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '#potluck/core/random.js'
import type { Torment, TormentOptions } from './torments.ts'
import { transferFiles } from './transfer.ts'
import { BrokenPromise, judgeFiles, judgeToTheEnd } from './verdict.ts'

const VICTIM = fileURLToPath(new URL('./victim.js', import.meta.url))

/** A little longer than the transfer, so that some are killed at the very end and some not at all. */
const LONGEST_LIFE_MS = 120

/** After this many kills a process may finish. */
const MAX_KILLS = 4

export const killsAtCalls: Torment = {
  name: 'calls',
  what: 'kills at every call of the file system, transfer after transfer',
  unit: 'kills',
  figure: 1000,
  minutes: 6,
  run: tormentAtCalls
}

export const killsAtAnyTime: Torment = {
  name: 'kills',
  what: 'transfers that are killed at any time and started again, up to four times each',
  unit: 'transfers',
  figure: 1000,
  minutes: 9,
  run: tormentAtAnyTime
}

/** How a process ended. */
interface End {
  /** By itself, and in order. */
  inOrder: boolean
  completed: string[]
  /** How many calls it made, if it came to its end. */
  calls: number
}

async function tormentAtCalls({ count, seed, signal, onProgress }: TormentOptions): Promise<void> {
  await inRoom(async (room) => {
    for (let done = 0, round = 0; done < count; round++) {
      const files = transferFiles(seed + round)
      const { calls } = await live(join(room, `whole-${round}`), seed + round, 0)
      const kills = Math.min(calls, count - done)
      for (let index = 0; index < kills; index++) {
        signal.throwIfAborted()
        const call = Math.floor(((index + 1) * calls) / kills)
        const collection = join(room, `${round}-${call}`)
        const { completed } = await live(collection, seed + round, call)
        const where = `a kill at call ${call} of the ${calls} of transfer ${round}`
        await judged(where, async () => {
          const all = { collection, files, completed: new Set(completed) }
          await judgeFiles(all)
          await judgeToTheEnd(all)
        })
        await rm(collection, { recursive: true })
        done++
        onProgress(done)
      }
    }
  })
}

async function tormentAtAnyTime({ count, seed, signal, onProgress }: TormentOptions): Promise<void> {
  await inRoom(async (room) => {
    const random = seededRandom(seed)
    for (let done = 0; done < count; done++) {
      signal.throwIfAborted()
      const files = transferFiles(seed + done)
      const collection = join(room, String(done))
      const completed = new Set<string>()
      for (let kills = 0, ended = false; !ended; kills++) {
        const lifeMs = kills < MAX_KILLS ? random() * LONGEST_LIFE_MS : undefined
        const end = await live(collection, seed + done, 0, lifeMs)
        for (const name of end.completed) {
          completed.add(name)
        }
        ended = end.inOrder
        if (!ended && lifeMs === undefined) {
          throw new BrokenPromise(`transfer ${done} does not come to its end after ${kills} kills`)
        }
        await judged(`kill ${kills + 1} of transfer ${done}`, () =>
          judgeFiles({ collection, files, completed })
        )
      }
      await judged(`transfer ${done}`, () => judgeToTheEnd({ collection, files, completed }))
      await rm(collection, { recursive: true })
      onProgress(done + 1)
    }
  })
}

async function inRoom(work: (room: string) => Promise<void>): Promise<void> {
  const room = await mkdtemp(join(tmpdir(), 'potluck-kills-'))
  try {
    await work(room)
  } finally {
    await rm(room, { recursive: true, force: true })
  }
}

async function judged(where: string, judge: () => Promise<void>): Promise<void> {
  try {
    await judge()
  } catch (error) {
    throw new Error(where, { cause: error })
  }
}

/** One start of a process. */
async function live(collection: string, seed: number, lastCall: number, lifeMs?: number): Promise<End> {
  const child = spawn(process.execPath, [VICTIM, collection, String(seed), String(lastCall)])
  const printed = { out: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.errors += text
  })
  const closed = once(child, 'close')
  if (lifeMs !== undefined) {
    await Promise.race([killLater(child, lifeMs), closed])
  }
  const [code, signal] = await closed
  if (code !== 0 && signal !== 'SIGKILL') {
    throw new BrokenPromise(
      `the process ended with ${String(code ?? signal)}: ${printed.errors.slice(0, 2000)}`
    )
  }
  const lines = printed.out.split('\n').slice(0, -1)
  const after = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  return { inOrder: code === 0, completed: after('complete'), calls: Number(after('calls')[0] ?? 0) }
}

/** Counts from the beginning of its transfer. */
async function killLater(child: ChildProcessWithoutNullStreams, lifeMs: number): Promise<void> {
  await once(child.stdout, 'data')
  await sleep(lifeMs)
  child.kill('SIGKILL')
}
