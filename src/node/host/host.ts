/** Only this module assembles libp2p: TCP, Noise, Yamux, and limits that fit a swarm. */
import { yamux } from '@chainsafe/libp2p-yamux'
import {
  FaultTolerance,
  type Libp2p,
  type MultiaddrConnection,
  type PrivateKey,
  type StreamHandler,
  type StreamMuxerFactory,
  serviceCapabilities
} from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { Door } from '../../protocols/admission/index.ts'
import { STREAM_WINDOW_BYTE_LENGTH } from '../../protocols/wire.ts'
import { Reach, type Transports } from '../mesh/reach.ts'
import { secureChannels } from '../secure-channel/encrypter.ts'
import { muxers } from '../secure-channel/muxer.ts'
import { SendQueues } from '../sockets/send-queues.ts'
import { loadSocketCalls } from '../sockets/socket-calls.ts'
import { Listening, listenError } from './listening.ts'
import { loadNoise } from './noise.ts'
import { PendingConnections } from './pending-connections.ts'
import { gatherSmallFrames } from './small-frames.ts'
import { limitUntilAdmitted } from './stranger-bytes.ts'

const STREAM_LIMITS = {
  windowByteLength: STREAM_WINDOW_BYTE_LENGTH,
  /** A paused stream holds at most its window; the limit has to be above that. */
  maxReadBufferLength: 4 * STREAM_WINDOW_BYTE_LENGTH,
  /**
   * The most that a stream buffers for a reader that does not read, before the stream is reset: a large catalog fits.
   */
  maxWriteBufferLength: 16 * 1024 * 1024
}

/** A whole swarm may be behind one address, as on loopback or behind a NAT. */
const INBOUND_CONNECTIONS_PER_SECOND = 256

const MAX_CONNECTIONS = 2048

/**
 * For one node: a direct and a relayed connection, some that replace them, and dead ones that are not known to be dead.
 * The limits of streams, and so of the memory that a node can fill here by not reading, are per connection.
 */
export const MAX_CONNECTIONS_PER_NODE = 8

/** Set to 1 in the environment, it turns `src/node/secure-channel` off, to see whether that causes a fault. */
const PLAIN_LINK = 'POTLUCK_PLAIN_LINK'

export interface HostInit {
  listen: string[]
  /** Addresses to announce besides those of the interfaces. */
  announce: string[]
  privateKey: PrivateKey
  /** Decides about every connection and every stream, before a handler sees it. */
  door: Door
  /** TCP by default; a caller may pass others, such as a transport in memory. */
  transports?: Libp2pOptions['transports']
  /** Whether libp2p's own packages encrypt and multiplex connections. @default by the environment */
  plainLink?: boolean
  /** Makes libp2p's own metrics; without it there are none. */
  metrics?: Libp2pOptions['metrics'] | undefined
}

export type Host = Libp2p<{ reach: Reach; sendQueues: SendQueues }>

/** A libp2p node that is not started yet. Its `start` rejects with PotluckError LISTEN_FAILED. */
export async function createHost({
  listen,
  announce,
  privateKey,
  door,
  transports,
  plainLink = process.env[PLAIN_LINK] === '1',
  metrics
}: HostInit): Promise<Host> {
  const reach = new Reach()
  const sendQueues = new SendQueues({
    calls: transports === undefined ? await loadSocketCalls() : undefined,
    // Peers on one machine share its processor and no link.
    hasUplink: ({ localAddress, remoteAddress }) => localAddress !== remoteAddress,
    now: () => performance.now()
  })
  const listening = new Listening()
  const pending = new PendingConnections()
  const noise = await loadNoise()
  const encrypter = plainLink ? noise.noise({ crypto: noise.crypto }) : await secureChannels(noise)
  const host = await createLibp2p({
    start: false,
    ...(metrics !== undefined && { metrics }),
    privateKey,
    addresses: { listen, appendAnnounce: announce },
    transports: [
      ...(transports ?? [(components) => listening.watch(sendQueues.watch(tcp()(components)))]),
      (components) => reach.relayTransport(components)
    ],
    // `listening` judges which of the addresses it can do without.
    transportManager: {
      faultTolerance: transports === undefined ? FaultTolerance.NO_FATAL : FaultTolerance.FATAL_ALL
    },
    connectionEncrypters: [encrypter],
    streamMuxers: [plainLink ? plainMuxers : () => muxers(STREAM_LIMITS, plainMuxers())],
    connectionGater: {
      denyInboundConnection: (connection) => {
        pending.add(connection)
        if (door.maxStrangerBytes !== undefined) {
          limitUntilAdmitted(connection, door.maxStrangerBytes, () => isAdmitted(host, door, connection))
        }
        return false
      },
      denyInboundEncryptedConnection: async (peerId, connection) => {
        pending.remove(connection)
        return !(await door.letsIn(peerId.toString()))
      }
    },
    connectionManager: {
      inboundConnectionThreshold: INBOUND_CONNECTIONS_PER_SECOND,
      // This host limits the connections that wait for their handshake; libp2p would turn the next one away instead.
      maxIncomingPendingConnections: 2 * MAX_CONNECTIONS,
      maxConnections: MAX_CONNECTIONS,
      // This peer redials for as long as the run lasts; libp2p gives up after five attempts.
      reconnectRetries: 0
    },
    services: {
      reach: ({ transportManager }: { transportManager: Transports }): Reach =>
        reach.connectTo(transportManager),
      sendQueues: (): SendQueues => sendQueues,
      // The relay transport requires identify in order to find relays, which it does not need here.
      identify: () => ({ [serviceCapabilities]: ['@libp2p/identify'] })
    },
    // One missed ping would end a busy connection (js-libp2p #3463). Progress is watched where chunks are asked for.
    connectionMonitor: { enabled: false }
  })
  guard(host, door)
  host.addEventListener('connection:open', ({ detail: { remotePeer } }) => {
    for (const oldest of host.getConnections(remotePeer).slice(0, -MAX_CONNECTIONS_PER_NODE)) {
      oldest.abort(new Error(`more than ${MAX_CONNECTIONS_PER_NODE} connections with one node`))
    }
  })
  const start = host.start.bind(host)
  host.start = async () => {
    try {
      await start()
    } catch (error) {
      throw listenError({ address: listen.join(', '), error }, listen)
    }
    // Other transports are not watched: libp2p judges those.
    const problem = transports === undefined ? listening.problem(listen) : undefined
    if (problem !== undefined) {
      await host.stop()
      throw problem
    }
  }
  return host
}

/** Those of the package, whose small frames leave together. */
function plainMuxers(): StreamMuxerFactory {
  const { windowByteLength, ...limits } = STREAM_LIMITS
  const streamOptions = {
    ...limits,
    initialStreamWindowSize: windowByteLength,
    maxStreamWindowSize: windowByteLength
  }
  return gatherSmallFrames(yamux({ streamOptions })())
}

/** From here on every handler of the host is behind the door. */
function guard(host: Libp2p, door: Door): void {
  const handle = host.handle.bind(host)
  host.handle = async (protocols, handler, options) => {
    const guarded: StreamHandler = (stream, connection) => {
      if (!door.admits(connection, stream.protocol)) {
        stream.abort(new Error(`${stream.protocol} is open to admitted peers only`))
        return
      }
      return handler(stream, connection)
    }
    await handle(protocols, guarded, options)
  }
}

/** No two connections have the same address at their other end at the same time. */
function isAdmitted(host: Libp2p, door: Door, { remoteAddr }: MultiaddrConnection): boolean {
  const address = `${remoteAddr}/p2p/`
  return host
    .getConnections()
    .some((connection) => `${connection.remoteAddr}`.startsWith(address) && door.admits(connection, ''))
}
