/** The result of a dry run, as a table by peer. Pure. */
import { printable } from '../core/names.ts'
import { countOf, formatBytes } from '../core/units.ts'
import type { AskedPeer, PeerEvent } from '../events/peer.ts'
import { tableOf } from './table.ts'
import { wantsText } from './text.ts'

type Preview = Extract<PeerEvent, { event: 'preview' }>
type Asking = Extract<PeerEvent, { event: 'asking' }>

/** The same table for the question to a person. */
export function askingLines({ peers, freeBytes }: Asking): string[] {
  const rows = peers.map((peer) => rowOf(peer))
  return [
    ...tableOf(COLUMNS, rows),
    ...(freeBytes === undefined ? [] : [`${formatBytes(freeBytes)} are free on the disk.`])
  ]
}

const COLUMNS = ['peer', 'wanted', 'size', 'here already', 'to fetch']

function rowOf({ name, files, wanted, hereBytes }: AskedPeer): string[] {
  return [
    printable(name),
    wantsText({ files: wanted.files, ofFiles: files }),
    formatBytes(wanted.byteLength),
    formatBytes(hereBytes),
    formatBytes(wanted.byteLength - hereBytes)
  ]
}

/** One line for each peer that is here, then the notes needed to read them. */
export function previewLines({ joined, expectedPeers, peers, freeBytes }: Preview): string[] {
  const rows = peers.map((peer) => [...rowOf(peer), String(peer.movedAside)])
  const toFetch = peers.reduce((sum, { wanted, hereBytes }) => sum + wanted.byteLength - hereBytes, 0)
  const free = freeBytes === undefined ? '' : `; ${formatBytes(freeBytes)} are free on the disk`
  return [
    ...(rows.length === 0 ? [] : tableOf([...COLUMNS, 'moved aside'], rows)),
    `${joined} of ${countOf(expectedPeers, 'person', 'people')} ${joined === 1 ? 'is' : 'are'} here. Of what they have published so far, this peer would fetch ${formatBytes(toFetch)}${free}.`,
    'This was a dry run: nothing was fetched or changed, and the swarm does not wait for this peer.'
  ]
}
