/**
 * What is remembered of a peer for the whole run: a reconnect neither wins new trust nor causes new suspicion. Pure.
 */
import { Blame } from './blame.ts'
import { Disputes } from './disputes.ts'
import { Refused } from './failure-weights.ts'
import { Patience } from './patience.ts'

export class Standing {
  /** As a provider that fails, and as a getter that receives first copies and never announces them. */
  readonly asProvider = new Patience()
  readonly asGetter = new Patience()
  readonly blame = new Blame()
  readonly refused = new Refused()
  readonly disputes = new Disputes()
  /** How many chunks its connections took. A getter that does not announce them is served after those that do. */
  takenChunks = 0
  /** The most chunks that it announced, and the fewest first copies that it had left to give. */
  mostHeld = -1
  leastFresh = Number.POSITIVE_INFINITY
  /** It expects no more data, as it says. */
  done = false
}
