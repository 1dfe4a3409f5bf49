/** What is remembered of a peer for the whole run: who connects anew is not believed, nor suspected, anew. Pure. */
import { Blame } from './blame.ts'
import { Disputes } from './disputes.ts'
import { Refused } from './failure-weights.ts'
import { Patience } from './patience.ts'

export class Standing {
  /** As a provider that fails, and as a getter that is given first copies and never tells of them. */
  readonly asProvider = new Patience()
  readonly asGetter = new Patience()
  readonly blame = new Blame()
  readonly refused = new Refused()
  readonly disputes = new Disputes()
  /** How many chunks its connections took. One that does not tell of them is not served before those that do. */
  takenChunks = 0
  /** The most chunks that it told it holds, and the fewest first copies that it had to give. */
  mostHeld = -1
  leastFresh = Number.POSITIVE_INFINITY
  /** Nothing more is to come to it, as it says. */
  done = false
}
