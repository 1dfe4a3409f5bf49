/** The state of a swarm in one sentence. */
import { printable } from '../../core/names.ts'
import { countOf } from '../../core/units.ts'
import type { SwarmPicture, SwarmTotals } from '../../view/swarm-picture.ts'
import { leftOutText } from '../../view/text.ts'
import { formatDuration, formatPercent, formatSeconds } from '../../view/units.ts'

/** `Exchanging: 62 %, about 1 min 20 s left`; without a point. */
export function headlineText(
  picture: Pick<SwarmPicture, 'phase' | 'expectedPeers' | 'outcome'>,
  { heldBytes, totalBytes, etaMs }: Pick<SwarmTotals, 'heldBytes' | 'totalBytes' | 'etaMs'>,
  joined: number
): string {
  const { phase, expectedPeers, outcome } = picture
  switch (phase) {
    case 'joining':
      return expectedPeers === 0
        ? 'Starting'
        : `Waiting for peers: ${joined} of ${expectedPeers} ${joined === 1 ? 'is' : 'are'} here`
    case 'publishing':
      return `${joined === 1 ? 'The peer is' : `All ${countOf(joined, 'peer')} are`} here; their files are not all known yet`
    case 'exchanging': {
      const left = etaMs === undefined || etaMs < 500 ? '' : `, about ${formatSeconds(etaMs)} left`
      return `Exchanging: ${formatPercent(heldBytes, totalBytes)}${left}`
    }
    case 'complete': {
      const after = outcome?.makespanMs === undefined ? '' : `, after ${formatDuration(outcome.makespanMs)}`
      return `Complete: every peer has every file${after}${leftOutText(outcome ?? {})}`
    }
    case 'incomplete':
      return `Ended incomplete: ${printable(outcome?.reason ?? 'for no known reason')}${leftOutText(outcome ?? {})}`
    case 'stopped':
      return 'The coordinator was stopped'
  }
}
