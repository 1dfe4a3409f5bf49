/** A peer of aria2 (see torrent-peer.ts): starts the program, adds the torrents over its RPC and polls its progress. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { type TorrentPeerReport, torrentPeerInitSchema } from './torrent-peer.ts'

const POLL_MS = 50
const POLLS_PER_PROGRESS = 4

/** It takes a moment until it answers. */
const RPC_ATTEMPTS = 200

const { address, port, controlPort, encrypted, torrents } = torrentPeerInitSchema.parse(
  JSON.parse(process.argv[2] ?? '')
)

// No limits, every peer served, seeding until the end, and no other ways to find peers.
const argv = [
  '--no-conf',
  '--quiet',
  '--enable-rpc',
  `--rpc-listen-port=${controlPort}`,
  '--rpc-max-request-size=64M',
  `--interface=${address}`,
  `--listen-port=${port}`,
  '--enable-dht=false',
  '--enable-dht6=false',
  '--bt-enable-lpd=false',
  '--enable-peer-exchange=false',
  '--disable-ipv6',
  '--async-dns=false',
  '--bt-max-peers=0',
  '--bt-tracker-interval=2',
  '--max-concurrent-downloads=64',
  '--bt-max-open-files=1000',
  '--seed-ratio=0.0',
  '--file-allocation=none',
  '--allow-overwrite=true',
  ...(encrypted ? ['--bt-require-crypto=true', '--bt-min-crypto-level=arc4'] : []),
  `--stop-with-process=${process.pid}`
]

/** The RPC's answer to one call of many. */
const addedSchema = z.array(z.tuple([z.string()]))

const countSchema = z.string().transform(Number)
const activeSchema = z.array(
  z.object({
    gid: z.string(),
    completedLength: countSchema,
    uploadLength: countSchema,
    seeder: z.string().default('false')
  })
)

const responseSchema = z.object({ result: z.unknown() })

const ended = new Promise<never>((_, reject) => {
  // setpriv: it ends when this process ends in any way.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'aria2c', ...argv], { stdio: ['ignore', 2, 2] })
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`aria2c ended with exit code ${code}`)))
  process.once('SIGTERM', () => {
    child.once('exit', () => process.exit())
    child.kill('SIGKILL')
  })
  void answering().then(() => report({ status: 'ready', processId: child.pid ?? 0 }))
})

process.once('SIGUSR2', () => void Promise.race([gather(), ended]))
await ended

async function gather(): Promise<void> {
  report({ status: 'adding', atMs: nowMs() })
  const calls = torrents.map(({ torrent, folder, own }) => ({
    methodName: 'aria2.addTorrent',
    params: [readFileSync(torrent).toString('base64'), [], { dir: folder, 'bt-seed-unverified': String(own) }]
  }))
  const added = addedSchema.parse(await call('system.multicall', [calls]))
  const ownIds = added.map(([gid]) => gid).filter((_, index) => torrents[index]?.own === true)
  let complete = false
  for (let polls = 1; ; polls++) {
    await delay(POLL_MS)
    const keys = ['gid', 'completedLength', 'uploadLength', 'seeder']
    const active = activeSchema.parse(await call('aria2.tellActive', [keys]))
    if (!complete && active.filter(({ seeder }) => seeder === 'true').length === torrents.length) {
      complete = true
      report({ status: 'complete', atMs: nowMs() })
    }
    if (polls % POLLS_PER_PROGRESS === 0) {
      report({
        status: 'progress',
        heldBytes: active.reduce((sum, { completedLength }) => sum + completedLength, 0),
        ownSentBytes: active
          .filter(({ gid }) => ownIds.includes(gid))
          .reduce((sum, { uploadLength }) => sum + uploadLength, 0)
      })
    }
  }
}

async function answering(): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await call('aria2.getVersion', [])
      return
    } catch (error) {
      if (attempt === RPC_ATTEMPTS) {
        throw error
      }
      await delay(POLL_MS)
    }
  }
}

async function call(method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${controlPort}/jsonrpc`, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: method, method, params })
  })
  return responseSchema.parse(await response.json()).result
}

/** The kernel's monotonic clock, which all processes share. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

function report(record: TorrentPeerReport): void {
  process.stdout.write(`${JSON.stringify(record)}\n`)
}
