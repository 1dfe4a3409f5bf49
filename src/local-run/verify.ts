/** The proof at the end: every peer's every file, read afresh, is what its origin has. */
import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { unlessAborted } from '../cli/unless-aborted.ts'
import { fileOfPackage } from '../package.ts'
import type { DigestReply } from './digest-worker.ts'
import type { PeerPlace } from './run-folder.ts'

/** A peer as the others know it, and where its things lie. */
export interface NamedPlace extends PeerPlace {
  name: string
}

export interface Verification {
  files: number
  identical: number
  /** One sentence for each file that is not. */
  problems: string[]
}

export interface VerifyOptions {
  threads: number
  signal: AbortSignal
  onProgress(done: number, total: number): void
}

/** Checks each peer's own source and its copies of all others'. */
export async function verifyCopies(
  places: readonly NamedPlace[],
  options: VerifyOptions
): Promise<Verification> {
  const paths = places.flatMap((holder) => places.map((origin) => pathAt(holder, origin)))
  const replies = await digestAll(paths, options)
  const problems: string[] = []
  for (const origin of places) {
    const source = replies.get(origin.source)
    for (const holder of places) {
      const path = pathAt(holder, origin)
      const problem = problemOf(source, replies.get(path))
      if (problem !== undefined) {
        problems.push(`${path} ${problem}`)
      }
    }
  }
  return { files: paths.length, identical: paths.length - problems.length, problems }
}

function pathAt(holder: NamedPlace, origin: NamedPlace): string {
  return holder === origin ? origin.source : join(holder.collection, origin.name, origin.sourceName)
}

function problemOf(source: DigestReply | undefined, copy: DigestReply | undefined): string | undefined {
  for (const reply of [copy, source]) {
    if (reply === undefined || 'failure' in reply) {
      return `cannot be compared: ${reply?.failure ?? 'it was not read'}`
    }
    if (source !== undefined && 'digest' in source && reply.digest !== source.digest) {
      return `differs from its origin ${source.path}`
    }
  }
  return undefined
}

async function digestAll(
  paths: readonly string[],
  { threads, signal, onProgress }: VerifyOptions
): Promise<Map<string, DigestReply>> {
  const replies = new Map<string, DigestReply>()
  const waiting = [...paths].reverse()
  const workers = Array.from(
    { length: Math.min(threads, paths.length) },
    () => new Worker(fileOfPackage('dist/digest-worker.js'), { stdout: true, stderr: true })
  )
  try {
    const working = workers.map(async (worker) => {
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
        worker.postMessage(path)
        const [reply]: DigestReply[] = await once(worker, 'message')
        replies.set(path, reply ?? { path, failure: 'it was not read' })
        onProgress(replies.size, paths.length)
      }
    })
    await unlessAborted(Promise.all(working), signal)
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return replies
}
