/** Repeats a piece of work and measures how much of it is done per second. */
import { type Spread, spreadOf } from '../machine/spread.ts'

/** Before the first round that counts: compilers and caches are warm then, as in a peer. */
const WARM_UP_ROUNDS = 2

export interface Work {
  name: string
  unit: 'MB' | 'operations'
  /** Does one round. The time before `begin` is called and after it resolves is not measured. */
  round(begin: () => void): Promise<number> | number
}

/** The amount per second, in millions of bytes or in operations. @throws the signal's reason */
export async function perSecond(
  { unit, round }: Work,
  { rounds, signal }: { rounds: number; signal: AbortSignal }
): Promise<Spread> {
  const rates: number[] = []
  for (let number = -WARM_UP_ROUNDS; number < rounds; number++) {
    signal.throwIfAborted()
    let beganAtMs = 0
    const amount = await round(() => {
      beganAtMs = performance.now()
    })
    const seconds = (performance.now() - beganAtMs) / 1000
    if (number >= 0) {
      rates.push((unit === 'MB' ? amount / 1e6 : amount) / seconds)
    }
  }
  const spread = spreadOf(rates)
  if (spread === undefined) {
    throw new Error('nothing was measured')
  }
  return spread
}
