/** A whole swarm of real processes, any of which, including the coordinator, is killed at any time and restarted. */
import '#potluck/polyfill.js'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { EXIT_CODES } from '#potluck/core/errors.js'
import { type Random, seededRandom } from '#potluck/core/random.js'
import { fileOfPackage } from '#potluck/package.js'
import { steadyFreePort } from '../machine/ports.ts'
import { bytesOf } from './samples.ts'
import type { Torment, TormentOptions } from './torments.ts'
import { BrokenPromise } from './verdict.ts'

const PEERS = ['ann', 'ben', 'cyd']

/** A few seconds of work for a swarm of three, most of it for starting. */
const MAX_FILE_BYTE_LENGTH = 6_000_000

const MAX_KILLS = 4

/**
 * The time between two kills: about as long as a process needs to start, so that some are killed before they do
 * anything.
 */
const LONGEST_CALM_MS = 1500

/** Without kills it takes a few seconds; a swarm that is not over by then never will be. */
const TIMEOUT_MS = 90_000

/** A coordinator that returns after all peers have left does not wait for them for long. */
const RETURN_TIMEOUT_MS = 4000

export const killsOfSwarms: Torment = {
  name: 'swarms',
  what: 'swarms of real processes, of which any is killed at any time and started again, up to four times a swarm',
  unit: 'swarms',
  figure: 1000,
  minutes: 100,
  run: tormentSwarms
}

async function tormentSwarms({ count, seed, signal, onProgress }: TormentOptions): Promise<void> {
  for (let done = 0; done < count; done++) {
    signal.throwIfAborted()
    const folder = await mkdtemp(join(tmpdir(), 'potluck-swarms-'))
    const swarm = new KilledSwarm(folder, await steadyFreePort(Math.random), seededRandom(seed + done))
    try {
      await swarm.run(AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
    } catch (error) {
      signal.throwIfAborted()
      throw new Error(`swarm ${done}: ${swarm.story.join(', ')}`, { cause: error })
    } finally {
      await swarm.end()
      await rm(folder, { recursive: true, force: true })
    }
    onProgress(done + 1)
  }
}

/** One process across all its restarts. */
interface Role {
  name: string
  script: string
  args: string[]
  child: ChildProcessWithoutNullStreams | undefined
  printed: string
  kills: number
  /** Its exit code, if it has ended by itself. */
  ended: PromiseWithResolvers<number>
}

class KilledSwarm {
  /** The kills so far. */
  readonly story: string[] = []
  readonly #folder: string
  readonly #random: Random
  readonly #roles: Role[]
  #over = false

  constructor(folder: string, port: number, random: Random) {
    this.#folder = folder
    this.#random = random
    const address = `/ip4/127.0.0.1/tcp/${port}`
    const coordinator = ['--config', join(folder, 'coordinator.json'), '--listen', address]
    this.#roles = [
      this.#role('coordinator', 'coordinator.js', coordinator),
      ...PEERS.map((name) =>
        this.#role(name, 'peer.js', [
          ...['--name', name, '--coordinator', address],
          ...['--share', join(folder, 'shared', name, 'files'), '--into', join(folder, 'got', name)]
        ])
      )
    ]
  }

  /** @throws BrokenPromise when a peer does not end well, or has other files than it should */
  async run(signal: AbortSignal): Promise<void> {
    const files = await this.#makeFiles()
    const settings = { expectedPeers: PEERS.length, peerReturnTimeoutMs: RETURN_TIMEOUT_MS }
    await writeFile(join(this.#folder, 'coordinator.json'), JSON.stringify(settings))
    for (const role of this.#roles) {
      this.#start(role)
    }
    const killing = this.#kill()
    const all = Promise.all(this.#roles.map(async (role) => this.#judgeEnd(role, await role.ended.promise)))
    await Promise.race([all, once(signal, 'abort').then(() => this.#tellStuck())])
    await killing
    for (const peer of PEERS) {
      for (const [path, bytes] of files) {
        const own = path.startsWith(`${peer}/`)
        const copy = own
          ? bytes
          : await readFile(join(this.#folder, 'got', peer, path)).catch(() => undefined)
        if (copy === undefined || !bytes.equals(copy)) {
          throw new BrokenPromise(`${peer} has ${copy === undefined ? 'no' : 'a false'} ${path}`)
        }
      }
    }
  }

  async end(): Promise<void> {
    this.#over = true
    for (const { child } of this.#roles) {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'close')
      }
    }
  }

  #role(name: string, script: string, args: string[]): Role {
    return {
      name,
      script: fileURLToPath(fileOfPackage(`dist/${script}`)),
      args: [...args, '--logs', join(this.#folder, 'logs'), '--json'],
      child: undefined,
      printed: '',
      kills: 0,
      ended: Promise.withResolvers()
    }
  }

  /** By path in a collection, the files that all should have in the end. */
  async #makeFiles(): Promise<Map<string, Buffer>> {
    const files = new Map<string, Buffer>()
    for (const peer of PEERS) {
      for (const [name, most] of [
        ['large', MAX_FILE_BYTE_LENGTH],
        ['folder/small', 3000]
      ] as const) {
        const path = `${peer}/files/${name}`
        const bytes = Buffer.from(bytesOf(Math.floor(this.#random() * most), `${path} ${this.#random()}`))
        files.set(path, bytes)
        const shared = join(this.#folder, 'shared', path)
        await mkdir(dirname(shared), { recursive: true })
        await writeFile(shared, bytes)
      }
    }
    return files
  }

  #start(role: Role): void {
    const child = spawn(process.execPath, [role.script, ...role.args], { cwd: this.#folder })
    role.child = child
    role.printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        role.printed += text
      })
    }
    child.once('close', (code) => {
      if (code !== null) {
        role.ended.resolve(code)
      }
    })
  }

  /** Until a peer has everything: a peer that is killed after that may find no one left to confirm it. */
  async #kill(): Promise<void> {
    const kills = 1 + Math.floor(this.#random() * MAX_KILLS)
    for (let done = 0; done < kills; done++) {
      await sleep(this.#random() * LONGEST_CALM_MS)
      const role = this.#roles[Math.floor(this.#random() * this.#roles.length)]
      if (this.#over || this.#roles.some(({ printed }) => printed.includes('"event":"peer-complete"'))) {
        return
      }
      if (role?.child !== undefined && role.child.exitCode === null) {
        this.story.push(`${role.name} killed`)
        role.kills++
        role.child.kill('SIGKILL')
        await once(role.child, 'close')
        if (this.#over) {
          return
        }
        this.#start(role)
      }
    }
  }

  #judgeEnd({ name, kills, printed }: Role, code: number): void {
    // A coordinator that was killed at the very end may return when all are gone.
    const mayMiss = name === 'coordinator' && kills > 0 && code === EXIT_CODES.incomplete
    if (code !== EXIT_CODES.ok && !mayMiss) {
      throw new BrokenPromise(`${name} ended with ${code}: ${printed.slice(-2000)}`)
    }
  }

  #tellStuck(): never {
    const stuck = this.#roles.filter(({ child }) => child?.exitCode === null)
    const last = stuck.map(({ name, printed }) => `${name}: ${printed.slice(-600)}`)
    throw new BrokenPromise(`not over in ${TIMEOUT_MS / 1000} s: ${last.join('; ')}`)
  }
}
