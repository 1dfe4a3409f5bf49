/** A WebTorrent peer for the benchmarks; see bench/torrents/torrent-peer.ts. */
import { readFileSync } from 'node:fs'
import { Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import WebTorrent from 'webtorrent'

const POLL_MS = 50
const POLLS_PER_PROGRESS = 4

/** As many as a benchmark has peers. */
const UNCHOKE_SLOTS = 64

const { address, port, torrents } = JSON.parse(process.argv[2] ?? '')

// It would listen on every address of the machine, and no option changes that.
const { listen } = Server.prototype
Server.prototype.listen = function (given, ...rest) {
  return listen.call(this, given, address, ...rest)
}

// TCP only, and no other ways to find peers.
const client = new WebTorrent({
  torrentPort: port,
  dht: false,
  lsd: false,
  utp: false,
  utPex: false,
  natUpnp: false,
  natPmp: false,
  maxConns: UNCHOKE_SLOTS
})
client.on('error', (error) => {
  throw error
})

process.once('SIGUSR2', () => void gather())
client.once('listening', () => report({ status: 'ready', processId: process.pid }))

async function gather() {
  report({ status: 'adding', atMs: nowMs() })
  const own = torrents.filter((torrent) => torrent.own).map(add)
  const all = [...own, ...torrents.filter((torrent) => !torrent.own).map(add)]
  let complete = false
  for (let polls = 1; ; polls++) {
    await delay(POLL_MS)
    if (!complete && all.every(({ done }) => done)) {
      complete = true
      report({ status: 'complete', atMs: nowMs() })
    }
    if (polls % POLLS_PER_PROGRESS === 0) {
      report({
        status: 'progress',
        heldBytes: sumOf(all, 'downloaded'),
        ownSentBytes: sumOf(own, 'uploaded')
      })
    }
  }
}

function add({ torrent, folder, own }) {
  return client.add(readFileSync(torrent), { path: folder, skipVerify: own, uploads: UNCHOKE_SLOTS })
}

function sumOf(list, key) {
  return list.reduce((sum, torrent) => sum + torrent[key], 0)
}

/** The kernel's monotonic clock, which all processes share. */
function nowMs() {
  return Number(process.hrtime.bigint()) / 1e6
}

function report(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
