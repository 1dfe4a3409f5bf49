/** Nearly valid bytes for every reader of bytes from others: no crash, no hang, no memory because of a claim. */
import { seededRandom } from '#potluck/core/random.js'
import type { FrameTarget } from './frame-target.ts'
import { frameTargets } from './frame-targets.ts'
import { changedEverywhere, mutated } from './mutations.ts'
import type { Torment, TormentOptions } from './torments.ts'

/** One frame takes a few microseconds; this also covers garbage collection. */
const MAX_FRAME_MS = 1000

const MAX_GROWTH_BYTE_LENGTH = 64 * 1024 * 1024

/** How often memory is checked, and Ctrl-C handled. */
const FRAMES_PER_LOOK = 16_384

/** Verifying a signature takes a hundred times as long as another frame. */
const SLOW_SHARE = 1 / 100

export const falseFrames: Torment = {
  name: 'frames',
  what: 'false frames for each of what reads bytes of others, a hundredth where signatures are verified',
  unit: 'frames each',
  figure: 10_000_000,
  minutes: 17,
  run: tormentByFrames
}

async function tormentByFrames({ count, seed, signal, onProgress }: TormentOptions): Promise<void> {
  const targets = await frameTargets()
  for (const [index, target] of targets.entries()) {
    await tormentTarget(target, target.slow === true ? Math.ceil(count * SLOW_SHARE) : count, seed, signal)
    onProgress(Math.floor(((index + 1) * count) / targets.length))
  }
}

async function tormentTarget(
  target: FrameTarget,
  count: number,
  seed: number,
  signal: AbortSignal
): Promise<void> {
  const random = seededRandom(seed)
  for (const bytes of target.slow === true ? target.samples : changedEverywhere(target.samples)) {
    await takeOne(target, bytes, random)
  }
  const startByteLength = process.memoryUsage.rss()
  for (let frame = 0; frame < count; frame++) {
    const taking = takeOne(target, mutated(target.samples, random), random)
    if (taking !== undefined) {
      await taking
    }
    if (frame % FRAMES_PER_LOOK === FRAMES_PER_LOOK - 1) {
      const growth = process.memoryUsage.rss() - startByteLength
      if (growth > MAX_GROWTH_BYTE_LENGTH) {
        throw new Error(
          `${target.name}: ${growth} bytes more memory after ${frame + 1} frames of seed ${seed}`
        )
      }
      await new Promise(setImmediate)
      signal.throwIfAborted()
    }
  }
}

function takeOne(target: FrameTarget, bytes: Uint8Array, random: () => number): void | Promise<void> {
  const startedAtMs = performance.now()
  const fail = (error: unknown): never => {
    throw new Error(`${target.name}, given ${Buffer.from(bytes).toString('hex')}`, { cause: error })
  }
  const checkTime = (): void => {
    const elapsedMs = performance.now() - startedAtMs
    if (elapsedMs > MAX_FRAME_MS) {
      fail(new Error(`it took ${elapsedMs} ms`))
    }
  }
  try {
    const taking = target.take(bytes, random)
    if (taking instanceof Promise) {
      return taking.then(checkTime, fail)
    }
    checkTime()
  } catch (error) {
    fail(error)
  }
}
