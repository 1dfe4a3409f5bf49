/** A bounded share of what `npm run torture` does; the seed of a failure is in its message. */
import { describe, it } from 'node:test'
import { falseFrames } from '../../bench/torture/frames.js'
import { killsAtAnyTime, killsAtCalls } from '../../bench/torture/kills.js'
import { lyingPeers } from '../../bench/torture/liars.js'
import { hostileNames } from '../../bench/torture/names.js'
import { powerLosses } from '../../bench/torture/power-loss.js'
import { killsOfSwarms } from '../../bench/torture/swarm-kills.js'
import type { Torment } from '../../bench/torture/torments.js'

async function suffer(torment: Torment, count: number): Promise<void> {
  const seed = Math.floor(Math.random() * 1_000_000)
  const signal = new AbortController().signal
  try {
    await torment.run({ count, seed, signal, onProgress: () => undefined })
  } catch (error) {
    const share = count / torment.figure
    const again = `npm run torture -- --only ${torment.name} --seed ${seed} --share ${share}`
    throw new Error(`it is so again with: ${again}`, { cause: error })
  }
}

describe('a store', () => {
  it('fault 1: killed at any time, goes on where it was', () => suffer(killsAtAnyTime, 2))
  it('fault 2: killed at a call of the file system, has the old or the new', () => suffer(killsAtCalls, 6))
  it('fault 3: has synced what it claims before a power loss', () => suffer(powerLosses, 100))
  it('fault 34, fault 36: writes nothing outside of its collection, whatever the names and the links', () =>
    suffer(hostileNames, 2000))
})

describe('a swarm', () => {
  it('fault 1, fault 11: of which any process is killed at any time, gathers', () => suffer(killsOfSwarms, 1))
})

describe('what others send', () => {
  it('fault 31, fault 33: is read without a crash, a hang, or memory by a claim', () =>
    suffer(falseFrames, 1500))
})

describe('a gathering of honest and lying peers', () => {
  it('fault 19, fault 22, fault 26: bans every liar and no honest peer, and the honest come to everything', () =>
    suffer(lyingPeers, 80))
})
