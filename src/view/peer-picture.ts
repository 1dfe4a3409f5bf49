/** What a peer is fetching, from its events: how much of each file, how fast, from which peers. Pure. */
import type { Bound } from '../core/bound.ts'
import type { PeerEvent, PeerProgress } from '../events/peer.ts'
import { RecentRate } from './recent-rate.ts'
import type { Gathering } from './waiting.ts'

/** A file that received chunks recently. */
export interface FilePicture {
  file: string
  byteLength: number
  heldBytes: number
  bytesPerSecond: number
  /** The fastest first. */
  from: string[]
}

/** How much of the shares is read. */
export interface Hashing {
  hashedBytes: number
  totalBytes: number
  sinceMs: number
}

type FileRecord = ReturnType<typeof newRecord>

function newRecord(byteLength: number, heldBytes = 0) {
  return { byteLength, heldBytes, rate: new RecentRate(), from: new Map<string, RecentRate>() }
}

export class PeerPicture {
  progress: PeerProgress | undefined
  bound: Bound | undefined
  /** When the catalog was complete; undefined before that. */
  #catalogAtMs: number | undefined
  /** The bytes that were missing then. */
  #missingBytes = 0
  /** The bytes that were here already then: the shares, and the files of an earlier run. */
  #presentBytes: number | undefined
  /** How much of the shares is read; undefined before and after that. */
  hashing: Hashing | undefined
  /** Why the coordinator cannot be reached, and since when; undefined if it can. */
  unreachable: { address: string; message: string; sinceMs: number } | undefined
  /** The peers that are here, since its registration. */
  gathering: Gathering | undefined
  /** The number of all peers; undefined while some have not joined yet. */
  peers: number | undefined
  /** How many files are missing or incomplete, and how many have arrived. */
  missingFiles = 0
  completeFiles = 0
  /** Until a chunk arrives again. */
  diskFull = false
  readonly receiving = new RecentRate()
  readonly sending = new RecentRate()
  readonly #files = new Map<string, FileRecord>()
  /** Files that received chunks recently. */
  readonly #active = new Set<string>()

  note(event: PeerEvent): void {
    switch (event.event) {
      case 'registered':
        this.unreachable = undefined
        this.gathering ??= { joined: 1, expectedPeers: event.expectedPeers, names: [event.peer] }
        break
      case 'hashing':
        this.hashing = { ...event, sinceMs: this.hashing?.sinceMs ?? event.atMs }
        break
      case 'hashed':
        this.hashing = undefined
        break
      case 'coordinator-unreachable': {
        const { address, message } = event
        this.unreachable = { address, message, sinceMs: this.unreachable?.sinceMs ?? event.atMs }
        break
      }
      case 'coordinator-connected':
        this.unreachable = undefined
        break
      case 'arrivals':
        this.gathering = event
        break
      case 'roster':
        this.peers = event.members.length
        break
      case 'catalog':
        for (const { file, byteLength, heldBytes } of event.missing) {
          this.#files.set(file, newRecord(byteLength, heldBytes))
        }
        this.missingFiles = event.missingFiles
        this.#catalogAtMs ??= event.atMs
        this.#missingBytes = event.missingBytes
        break
      case 'chunk-stored':
        this.#stored(event)
        break
      case 'chunk-sent':
        this.sending.add(event.byteLength, event.atMs)
        break
      case 'file-complete':
      case 'file-failed':
        this.missingFiles = Math.max(0, this.missingFiles - 1)
        this.completeFiles += event.event === 'file-complete' ? 1 : 0
        this.#files.delete(event.file)
        break
      case 'file-lost':
        this.missingFiles++
        this.completeFiles--
        this.#files.set(event.file, newRecord(event.byteLength))
        break
      case 'progress':
        this.progress = event
        this.#presentBytes ??= event.totalBytes - this.#missingBytes
        break
      case 'bound':
        this.bound = event
        break
      case 'disk-full':
        this.diskFull = true
        break
    }
  }

  /** Everything that was not here when the catalog was complete. */
  get wantedBytes(): number {
    return Math.max(0, (this.progress?.totalBytes ?? 0) - (this.#presentBytes ?? 0))
  }

  /** How much of that is here. */
  get fetchedBytes(): number {
    return Math.max(0, (this.progress?.heldBytes ?? 0) - (this.#presentBytes ?? 0))
  }

  /** Since the catalog was complete. */
  exchangedMs(atMs: number): number {
    return atMs - (this.#catalogAtMs ?? atMs)
  }

  /** Files that received chunks in the last seconds, the fastest first. */
  files(atMs: number): FilePicture[] {
    const files: FilePicture[] = []
    for (const file of this.#active) {
      const record = this.#files.get(file)
      const bytesPerSecond = record?.rate.bytesPerSecond(atMs) ?? 0
      if (record === undefined || bytesPerSecond === 0) {
        this.#active.delete(file)
        continue
      }
      const { byteLength, heldBytes } = record
      files.push({ file, byteLength, heldBytes, bytesPerSecond, from: sources(record, atMs) })
    }
    return files.sort((a, b) => b.bytesPerSecond - a.bytesPerSecond)
  }

  /** The time until everything is here at the current rate; undefined while nothing arrives. */
  etaMs(atMs: number): number | undefined {
    const missing = this.progress === undefined ? 0 : this.progress.totalBytes - this.progress.heldBytes
    const perSecond = this.receiving.bytesPerSecond(atMs)
    return missing > 0 && perSecond > 0 ? (missing / perSecond) * 1000 : undefined
  }

  #stored(event: Extract<PeerEvent, { event: 'chunk-stored' }>): void {
    const { file, from, byteLength, atMs } = event
    this.diskFull = false
    this.receiving.add(byteLength, atMs)
    const record = this.#files.get(file)
    if (record === undefined) {
      return
    }
    record.heldBytes += event.again === true ? 0 : byteLength
    record.rate.add(byteLength, atMs)
    const source = record.from.get(from) ?? new RecentRate()
    source.add(byteLength, atMs)
    record.from.set(from, source)
    this.#active.add(file)
  }
}

function sources({ from }: FileRecord, atMs: number): string[] {
  return [...from]
    .map(([name, rate]) => ({ name, bytesPerSecond: rate.bytesPerSecond(atMs) }))
    .filter(({ bytesPerSecond }) => bytesPerSecond > 0)
    .sort((a, b) => b.bytesPerSecond - a.bytesPerSecond)
    .map(({ name }) => name)
}
