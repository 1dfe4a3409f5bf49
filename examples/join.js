// A peer in a program of your own: joins by invitation, limits its upload rate, and ends cleanly on Ctrl-C.
//
//   node examples/join.js potluck1… ann big.iso got

import { createPeer, PotluckError } from 'potluck'

const [invitation = '', name = 'ann', share = '', collection = 'got'] = process.argv.slice(2)
const abort = new AbortController()
process.once('SIGINT', () => abort.abort())

try {
  const peer = await createPeer(
    { name, share: share === '' ? [] : [share], collection },
    { invitation, signal: abort.signal }
  )
  peer.events.listen((event) => {
    if (event.event === 'file-complete') {
      process.stdout.write(`${event.file}: ${event.byteLength} bytes, MD5 ${event.md5}\n`)
    }
  })
  peer.setLimits({ maxUp: 800 }) // Mbit/s; again with other limits, or with {}, at any time
  await peer.start()
  try {
    const { makespanMs } = await peer.completed()
    process.stdout.write(`all peers are complete after ${makespanMs.toFixed(0)} ms\n`)
  } finally {
    await peer.stop()
  }
} catch (error) {
  if (!(error instanceof PotluckError)) {
    throw error
  }
  process.stderr.write(`${error.message} (${error.code})\n`)
  process.exitCode = error.exitCode
}
