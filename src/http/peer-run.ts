/** What a peer's metrics and its health say, from its events alone. */
import type { PeerEvent, PeerProgress } from '../events/peer.ts'
import { TransferTally } from '../events/transfers.ts'
import { endAfter } from '../view/run-phase.ts'
import { type Health, healthIn, type Phase } from './health.ts'

export class PeerRun {
  phase: Phase = 'starting'
  progress: PeerProgress | undefined
  expectedPeers = 0
  /** Of the roster, itself among them. */
  members = 0
  readonly connected = new Set<string>()
  readonly tally = new TransferTally()
  chunksSent = 0
  filesComplete = 0
  bans = 0
  outcome: Extract<PeerEvent, { event: 'swarm-complete' }> | undefined
  #isComplete = false

  note(event: PeerEvent): void {
    this.phase = endAfter(event, this.phase)
    this.tally.note(event)
    switch (event.event) {
      case 'started':
        this.phase = 'hashing'
        break
      case 'hashed':
        this.phase = 'joining'
        break
      case 'registered':
        this.expectedPeers = event.expectedPeers
        break
      case 'roster':
        this.members = event.members.length
        break
      case 'manifests-published':
        this.phase = 'publishing'
        break
      case 'catalog':
        this.phase = 'exchanging'
        break
      case 'progress':
        this.progress = event
        break
      case 'peer-connected':
        this.connected.add(event.remote)
        break
      case 'peer-disconnected':
        this.connected.delete(event.remote)
        break
      case 'peer-banned':
        this.bans++
        break
      case 'chunk-sent':
        this.chunksSent++
        break
      case 'file-complete':
        this.filesComplete++
        break
      case 'peer-complete':
        this.phase = 'serving'
        this.#isComplete = true
        break
      case 'peer-short':
        this.phase = 'serving'
        break
      case 'swarm-complete':
        this.outcome = event
        break
      case 'error':
        this.phase = 'failed'
        break
    }
  }

  get health(): Health {
    return healthIn(this.phase, {
      expected: this.expectedPeers,
      registered: this.members,
      connected: this.connected.size,
      complete: this.#isComplete ? 1 : 0
    })
  }
}
