/**
 * A tracker (BEP 3, BEP 23) that knows all peers from the start and sends each peer all others: `node tracker.js
 * <address> <port> <peers' port> <peer's address> …`. It prints a line when it listens.
 */
import { createServer } from 'node:http'
import { bencode } from './torrent.ts'

/** Peers may ask again this soon: a peer that others cannot reach must find those that were late. */
const INTERVAL_SECONDS = 2

const [address = '', port = '', peersPort = '', ...peers] = process.argv.slice(2)

createServer((request, response) => {
  const others = peers.filter((peer) => peer !== request.socket.remoteAddress)
  const reply = { interval: INTERVAL_SECONDS, peers: Buffer.concat(others.map(compact)) }
  response.end(bencode(reply))
}).listen(Number(port), address, () => process.stdout.write('ready\n'))

/** Four bytes of address and two of port. */
function compact(peer: string): Buffer {
  const bytes = Buffer.from([...peer.split('.').map(Number), 0, 0])
  bytes.writeUInt16BE(Number(peersPort), 4)
  return bytes
}
