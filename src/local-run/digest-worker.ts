/** A thread that computes SHA-256 digests of files: a path comes in, its digest or why there is none goes out. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { messageOf } from '../core/errors.ts'

/** What the thread answers. */
export type DigestReply = { path: string; digest: string } | { path: string; failure: string }

const READ_BYTE_LENGTH = 1024 * 1024

const buffer = new Uint8Array(READ_BYTE_LENGTH)

parentPort?.on('message', (path: string) => {
  parentPort?.postMessage(reply(path))
})

function reply(path: string): DigestReply {
  try {
    return { path, digest: digestOf(path) }
  } catch (error) {
    return { path, failure: messageOf(error) }
  }
}

function digestOf(path: string): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, length))
    }
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}
