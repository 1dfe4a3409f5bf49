/** A peer whose collection lies on a disk that is really full: a small tmpfs, which only that process sees. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { type Command, Workshop } from '../fixtures/processes.js'
import { nextEvent, TestSwarm } from '../fixtures/swarm.js'

const MIB = 1024 * 1024

/** At the start of the peer there is room for the missing files and for the 16 MiB that stay free. */
const DISK_BYTE_LENGTH = 24 * MIB

const COLLECTION = 'ben-got'

const A_BYTES = bytesOf(4 * MIB, 'a')
const B_BYTES = bytesOf(3 * MIB, 'b')

/** Runs in its own user and mount namespace, where any user may mount; `$1` is the folder, `$2` the size. */
const SCRIPT = 'mount -t tmpfs -o size="$2" tmpfs "$1" && shift 2 && exec "$@"'

function onDisk(folder: string, byteLength: number): string[] {
  return [
    'unshare',
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    SCRIPT,
    'sh',
    folder,
    String(byteLength)
  ]
}

/** Why such a disk is impossible here, or false. */
function whyNot(): string | false {
  try {
    const [command = '', ...args] = [...onDisk('/mnt', MIB), 'true']
    execFileSync(command, args, { stdio: 'ignore' })
    return false
  } catch {
    return 'this machine lets nobody mount a tmpfs in a namespace of their own (unshare -Urm)'
  }
}

function startBen(workshop: Workshop, coordinator: string, byteLength: number, ...args: string[]): Command {
  const collection = join(workshop.folder, COLLECTION)
  mkdirSync(collection)
  return workshop.startBy(
    onDisk(collection, byteLength),
    'peer.js',
    ...['--name', 'ben', '--coordinator', coordinator, '--into', COLLECTION, '--logs', 'logs', '--json'],
    ...args
  )
}

/** Ben's disk as seen from outside. It stays mounted while `use` runs, even after ben has ended. */
async function withDiskOf(
  { child }: Command,
  { folder }: Workshop,
  use: (disk: string) => Promise<void>
): Promise<void> {
  const handle = await open(`/proc/${child.pid}/root${join(folder, COLLECTION)}`)
  try {
    await use(`/proc/self/fd/${handle.fd}`)
  } finally {
    await handle.close()
  }
}

/** Writes zeros until there is no room at all. */
async function fill(path: string): Promise<void> {
  const filler = await open(path, 'w')
  try {
    for (const byteLength of [MIB, 4096]) {
      const zeros = new Uint8Array(byteLength)
      const isFull = (error: Error): boolean => 'code' in error && error.code === 'ENOSPC'
      let written = byteLength
      while (written === byteLength) {
        written = await filler.write(zeros).then(
          ({ bytesWritten }) => bytesWritten,
          (error: Error) => (isFull(error) ? 0 : Promise.reject(error))
        )
      }
    }
  } finally {
    await filler.close()
  }
}

describe('a disk', { skip: whyNot() }, () => {
  it('fault 6: that fills up midway makes receiving wait for room, while serving goes on', async () => {
    await Workshop.run(async (workshop) => {
      await TestSwarm.run(async (swarm) => {
        const { coordinator, address } = await swarm.coordinatorOfCommands(2)
        const b = await workshop.write('b.bin', B_BYTES)
        const ben = startBen(workshop, address, DISK_BYTE_LENGTH, '--share', b, '--max-up', '8')
        await ben.told('registered')
        await withDiskOf(ben, workshop, async (disk) => {
          const { peer: ann } = await swarm.peer('ann', { 'a.bin': A_BYTES }, { maxUp: 16 })
          const annHasAll = nextEvent(ann, 'file-complete')
          await ann.start()
          await ben.told('chunk-stored')
          await fill(`${disk}/filler`)
          await ben.told('disk-full')
          await annHasAll
          assert.deepEqual(ben.eventsOf('file-complete'), [])
          const kinds = ben.events.map(({ event }) => event)
          assert.ok(kinds.lastIndexOf('chunk-sent') > kinds.indexOf('disk-full'), 'it served on')
          await rm(`${disk}/filler`)
          assert.equal((await ben.end()).code, 0, ben.output.slice(-2000))
          assert.equal((await ann.completed()).complete, true)
          assert.equal((await coordinator.completed()).complete, true)
          assert.ok((await readFile(`${disk}/ann/a.bin`)).equals(A_BYTES))
          assert.deepEqual(ben.eventsOf('error'), [])
        })
      })
    })
  })

  it('fault 48: that is too small for one file says so before anything comes, and takes the others', async () => {
    await Workshop.run(async (workshop) => {
      await TestSwarm.run(async (swarm) => {
        const { coordinator, address } = await swarm.coordinatorOfCommands(2)
        const { peer: ann } = await swarm.peer('ann', { 'a.bin': A_BYTES, 'b.bin': B_BYTES })
        const ben = startBen(workshop, address, 16 * MIB + A_BYTES.byteLength)
        await ben.told('registered')
        await withDiskOf(ben, workshop, async (disk) => {
          await ann.start()
          assert.equal((await ben.end()).code, 6, ben.output.slice(-2000))
          assert.equal((await ann.completed()).complete, false)
          await assert.rejects(coordinator.completed(), { code: 'INCOMPLETE' })
          assert.match(
            ben.stderr,
            /the missing files need .* MiB in .*ben-got, where .* are free; free .* more/
          )
          assert.ok((await readFile(`${disk}/ann/b.bin`)).equals(B_BYTES))
        })
        const events = ben.events.map(({ event }) => event)
        assert.ok(events.indexOf('file-failed') < events.indexOf('chunk-stored'), 'it was said first')
      })
    })
  })
})
