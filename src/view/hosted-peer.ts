/**
 * Shows a person who hosts a swarm what concerns only this machine about the peer beside the coordinator. The
 * coordinator shows the swarm, which includes this peer.
 */
import type { PeerEvent } from '../events/peer.ts'
import type { Listener } from '../events/stream.ts'
import type { PeerConsoleInit } from './console.ts'
import { type Draw, ProgressLines } from './live.ts'
import { PeerEnd } from './peer-end.ts'
import { hashingLines } from './peer-live.ts'
import type { Hashing } from './peer-picture.ts'
import { peerScreenText } from './screen-text.ts'
import { peerText, spoken } from './text.ts'
import { UnreadableFiles } from './unreadable-files.ts'

/** Events with a line of their own: no other peer knows of them. */
const LINES: ReadonlySet<PeerEvent['event']> = new Set([
  'serving',
  'limits',
  'hashed',
  'out-of-reach',
  'peer-stalled',
  'peer-banned',
  'disk-full',
  'file-failed',
  'file-lost',
  'coordinator-lost'
])

export interface HostedPeerConsole {
  listener: Listener<PeerEvent>
  /** The lines below the live view of the swarm. */
  draw: Draw
}

/** @param name the peer's, as configured */
export function hostedPeerConsole(
  name: string,
  { screen, complain, collection = '' }: PeerConsoleInit
): HostedPeerConsole {
  const end = new PeerEnd(collection)
  const unreadable = new UnreadableFiles()
  const textOf = screen.verbose ? peerText : peerScreenText
  const progress = new ProgressLines(screen)
  let hashing: Hashing | undefined
  const listener: Listener<PeerEvent> = (event) => {
    end.note(event)
    if (LINES.has(event.event) || unreadable.isNews(event)) {
      screen.line(spoken(name, textOf(event)))
    }
    switch (event.event) {
      case 'hashing':
        hashing = { ...event, sinceMs: hashing?.sinceMs ?? event.atMs }
        if (!screen.live) {
          progress.status(event.atMs, spoken(name, peerText(event)))
        }
        break
      case 'swarm-complete':
      case 'swarm-incomplete':
        screen.line(...end.lines.map((line) => spoken(name, line)))
        break
      case 'hashed':
      case 'stopped':
        hashing = undefined
        break
      case 'warning':
      case 'error':
        complain(event.message)
        break
    }
  }
  // The clock is the coordinator's, and the peer's only after it has joined: the remaining time is not shown.
  const draw: Draw = (_atMs, { size, style }) =>
    hashing === undefined ? [] : hashingLines(hashing, hashing.sinceMs, size.columns, style)
  return { listener, draw }
}
