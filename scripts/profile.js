// Profiles the whole scenario: HELP says what it shows and needs, docs/performance.md how to read it.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const SAMPLES_PER_SECOND = 299

/** Kinds of work by the innermost frame; the first match counts. */
const INNERMOST = [
  ['SHA-256', /sha256/],
  ['CRC-32', /crc32/],
  ['MD5 by OpenSSL', /md5/],
  ['ChaCha20-Poly1305', /ChaCha20|poly1305/i]
]

/** In the kernel, by any frame. */
const KERNEL = [
  ['kernel: socket write', /tcp_sendmsg/],
  ['kernel: socket read', /tcp_recvmsg/],
  ['kernel: file write', /ext4.*write|generic_perform_write/],
  ['kernel: file read', /filemap_read/],
  ['kernel: page fault', /exc_page_fault/],
  ['kernel: sync', /fdatasync|fsync/],
  ['kernel: waiting, waking', /epoll|futex|eventfd|schedule/],
  ['kernel: else', /./]
]

/** Outside of it, by any frame. */
const USER = [
  ['garbage collection', /Scaveng|Mark|Sweep|Garbage|Evacuat/],
  ['compiling', /compiler|Compiler|Parser|Scanner/],
  ['memory: copy, allocate', /^[^|]*(memmove|memset|malloc|free|unlink_chunk)/],
  ['JavaScript: builtins', /^[^|]*Builtins_/],
  ['JavaScript, WebAssembly', /^\[unknown\] \((?:\/\/anon|\[\w+\]|\S*perf-\d+\.map)\)/],
  ['Node, V8 and libraries', /./]
]

const HELP = `Usage: npm run profile -- [options]

Runs npm start under perf and shows where the processor's time went, by thread and by kind of work. Requires Linux,
perf, and the right to record the whole machine: as root, or with kernel.perf_event_paranoid = -1.

Options:
  -h, --help  show this help
  all others  go to npm start, such as --size 200MiB; npm start -- --help shows them
`

const argv = process.argv.slice(2)
if (argv.includes('--help') || argv.includes('-h')) {
  process.stdout.write(HELP)
  process.exit()
}

const folder = mkdtempSync(join(tmpdir(), 'potluck-profile-'))
try {
  const data = join(folder, 'perf.data')
  const record = ['record', '-F', String(SAMPLES_PER_SECOND), '-g', '-a', '-o', data, '--']
  const call = [process.execPath, 'dist/swarm.js', ...argv]
  const { status, error } = spawnSync('perf', [...record, ...call], { stdio: 'inherit' })
  if (error !== undefined || status !== 0) {
    throw new Error(`perf did not record: ${error?.message ?? `exit code ${status}`}`)
  }
  show(await samplesIn(data))
} finally {
  rmSync(folder, { recursive: true })
}

/** Samples with the process, the thread and the frames, the innermost first. */
async function samplesIn(data) {
  const fields = 'comm,pid,tid,ip,sym,dso'
  const script = spawn('perf', ['script', '-i', data, '-F', fields], { stdio: ['ignore', 'pipe', 'ignore'] })
  const samples = []
  for await (const line of createInterface({ input: script.stdout })) {
    const header = /^(\S.*?)\s+(\d+)\/(\d+)/.exec(line)
    if (header !== null) {
      samples.push({ command: header[1], processId: header[2], threadId: header[3], frames: [] })
    } else if (line.trim() !== '') {
      samples.at(-1)?.frames.push(line.trim().replace(/^\S+ /, ''))
    }
  }
  return samples
}

function kindOf([innermost = '', ...outer]) {
  const all = [innermost, ...outer].join(' | ')
  const first = (kinds, text) => kinds.find(([, pattern]) => pattern.test(text))?.[0]
  return first(INNERMOST, innermost) ?? first(innermost.includes('kernel') ? KERNEL : USER, all) ?? 'unknown'
}

/** Only a peer decrypts; its thread that computes CRC-32s is the store's. */
function show(samples) {
  const peers = new Set()
  const stores = new Set()
  for (const { processId, threadId, frames } of samples) {
    if (/ChaCha20/.test(frames[0])) {
      peers.add(processId)
    } else if (/crc32/.test(frames[0])) {
      stores.add(threadId)
    }
  }
  const roles = new Map()
  for (const { command, processId, threadId, frames } of samples) {
    const role = roleOf({ command, processId, threadId }, peers, stores)
    const kinds = roles.get(role) ?? new Map()
    roles.set(role, kinds)
    const kind = kindOf(frames)
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  for (const [role, kinds] of roles) {
    const total = [...kinds.values()].reduce((sum, count) => sum + count, 0)
    print(role, total)
    for (const [kind, count] of [...kinds].sort((a, b) => b[1] - a[1])) {
      print(`  ${kind}`, count)
    }
  }
}

function roleOf({ command, processId, threadId }, peers, stores) {
  if (peers.has(processId)) {
    if (processId === threadId) {
      return 'peers: network'
    }
    return stores.has(threadId) ? 'peers: store' : 'peers: helpers'
  }
  if (command === 'swapper') {
    return 'idle'
  }
  return command === 'node' ? 'npm start and coordinator' : 'others on this machine'
}

function print(what, count) {
  process.stdout.write(`${(count / SAMPLES_PER_SECOND).toFixed(2).padStart(8)} s  ${what}\n`)
}
