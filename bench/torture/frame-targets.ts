/** The readers of bytes from others, each with valid samples. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { Bitfield } from '#potluck/core/bitfield.js'
import { Answer, Challenge, Hello, Verdict } from '#potluck/protocols/admission/pb/messages.js'
import { Availability } from '#potluck/protocols/availability/pb/messages.js'
import { ChunkReply, ChunkRequest } from '#potluck/protocols/chunk/pb/messages.js'
import { ChunkReplyDecoder } from '#potluck/protocols/chunk/reply-decoder.js'
import { CoordinatorMessage, PeerMessage } from '#potluck/protocols/coordination/pb/messages.js'
import { DigestsReply, DigestsRequest } from '#potluck/protocols/digests/pb/messages.js'
import { InvalidManifestError, openManifest, signManifest } from '#potluck/protocols/manifest/index.js'
import { ManifestBody, SignedManifest } from '#potluck/protocols/manifest/pb/messages.js'
import { HopMessage, RelayPeer, Status, StopMessage } from '#potluck/protocols/relay/pb/messages.js'
import { type Codec, frame, MessageDecoder, ProtocolViolation } from '#potluck/protocols/wire.js'
import { decodeState, encodeState } from '#potluck/store/part-state.js'
import { allow, type FrameTarget, inParts } from './frame-target.ts'
import { linkTargets } from './link-targets.ts'
import { bytesOf, manifestOf } from './samples.ts'

/** Longer than any payload of the samples. */
const MAX_PAYLOAD_BYTE_LENGTH = 64

const ROOT = bytesOf(32, 'root')
const SWARM_ID = bytesOf(16, 'swarm')
const MULTIADDRS = ['/ip4/192.0.2.1/tcp/4711', '/dns4/example.net/tcp/1']
const ACTIVITY = {
  flows: [{ from: 'ben', receivedBytes: 2 ** 40 }],
  contents: [{ root: ROOT, heldBytes: 5, cells: bytesOf(64) }],
  waiting: 'no-source',
  waitingFor: ['ben'],
  chunks: 3,
  chunkTimes: [0, 1, 2],
  duplicates: 1,
  failures: [{ reason: 'busy', count: 2 }],
  stalls: 1,
  disconnections: 0
}
const PROGRESS = { totalBytes: 2 ** 40, heldBytes: 5, receivedBytes: 2 ** 33, sentBytes: 0 }

export async function frameTargets(): Promise<FrameTarget[]> {
  const privateKey = await generateKeyPair('Ed25519')
  const originId = peerIdFromPrivateKey(privateKey).toString()
  const file = manifestOf('ann/folder/file', bytesOf(3000), { originId })
  const folder = manifestOf('ann/empty', new Uint8Array(), { originId, kind: 'folder', md5: '', root: '' })
  const signed = await Promise.all(
    [file, folder].map((manifest) => signManifest(manifest, SWARM_ID, privateKey))
  )
  const manifests = signed.map(({ bytes }) => bytes)
  return [
    ...coordinationTargets(manifests),
    messages('availability', Availability, [
      { holdings: [{ root: ROOT, bitfield: bytesOf(20), complete: false }], haves: [] },
      { holdings: [{ root: ROOT, bitfield: new Uint8Array(), complete: true }], haves: [] },
      { holdings: [], haves: [{ root: ROOT, chunkIndices: [0, 1, 2 ** 31, 2 ** 32 - 1] }] },
      { status: { uplinkBytesPerSecond: 1e6, freshChunks: 7, takesRequests: true, copiesOwed: 3 } }
    ]),
    messages('chunk-request', ChunkRequest, [
      { id: 1, root: ROOT, chunkIndex: 300 },
      { id: 2 ** 32 - 1 },
      { id: 3, cancel: true },
      { id: 4, cancel: true, corrupt: true }
    ]),
    chunkReplies(),
    messages('admission-hello', Hello, [{ nonce: bytesOf(32) }, { nonce: bytesOf(32), invited: true }]),
    messages('admission-challenge', Challenge, [{ nonce: bytesOf(32), proof: bytesOf(32) }]),
    messages('admission-answer', Answer, [{ trusts: true, proof: bytesOf(32) }, { code: 'SECRET' }]),
    messages('admission-verdict', Verdict, [{ admitted: true }, { code: 'SECRET', message: 'no' }]),
    messages('digests-request', DigestsRequest, [{ root: ROOT, firstChunkIndex: 4096, count: 100 }]),
    messages('digests-reply', DigestsReply, [
      { root: ROOT, firstChunkIndex: 0, digests: bytesOf(96) },
      { root: ROOT, firstChunkIndex: 1, digests: new Uint8Array() }
    ]),
    messages('relay-hop', HopMessage, [
      { type: HopMessage.Type.RESERVE },
      { type: HopMessage.Type.CONNECT, peer: { id: bytesOf(38) } },
      { type: HopMessage.Type.STATUS, status: Status.OK, reservation: { expire: 2 ** 33 } }
    ]),
    messages('relay-stop', StopMessage, [
      { type: StopMessage.Type.CONNECT, peer: { id: bytesOf(38) } },
      { type: StopMessage.Type.STATUS, status: Status.CONNECTION_FAILED }
    ]),
    messages('relay-peer', RelayPeer, [{ id: bytesOf(38) }]),
    messages('manifest', SignedManifest, [{ body: bytesOf(90), signature: bytesOf(64) }]),
    messages('manifest-body', ManifestBody, [
      { ...file, kind: ManifestBody.Kind.FILE, md5: bytesOf(16), root: ROOT },
      { ...folder, kind: ManifestBody.Kind.FOLDER, md5: new Uint8Array(), root: new Uint8Array() }
    ]),
    { name: 'signed-manifest', samples: manifests, take: takeManifest, slow: true },
    bitfields(),
    states(),
    ...linkTargets()
  ]
}

function coordinationTargets(manifests: Uint8Array<ArrayBuffer>[]): FrameTarget[] {
  const bound = { boundMs: 1, term: 'origin', boundBytesPerSecond: 1, basis: 'mixed', efficiency: 0.5 }
  const member = { name: 'ann', peerId: '12D3', multiaddrs: MULTIADDRS, connected: true, complete: false }
  return [
    messages('to-coordinator', PeerMessage, [
      { join: { version: 1, name: 'ann', multiaddrs: MULTIADDRS, uplinkBytesPerSecond: 1 } },
      { manifests: { manifests, last: true } },
      { progress: { ...PROGRESS, downlinkBytesPerSecond: 2 ** 31 } },
      { fileCompletion: { origin: 'ann', path: 'a/b', atMs: 1234.5 } },
      { peerCompletion: { atMs: 1e9, progress: PROGRESS, entries: 2 } },
      { clockProbe: { sentAtMs: 0.1 } },
      { leave: { reason: 'done' } },
      { activity: ACTIVITY },
      { capacities: { uplinkBytesPerSecond: 2 ** 40 } }
    ]),
    messages('to-peer', CoordinatorMessage, [
      { joined: { expectedPeers: 4, chunkByteLength: 262144, relay: true, swarmId: SWARM_ID } },
      { refusal: { code: 'FULL', message: 'there are four' } },
      { roster: { members: [member, { ...member, name: 'ben' }] } },
      { arrivals: { joined: 2, expectedPeers: 4, names: ['ann', 'ben'] } },
      { catalog: { manifests, last: false } },
      { clockReply: { sentAtMs: 1, atMs: 2 } },
      { leave: { reason: 'stopped' } },
      { bound },
      {
        swarmEnd: {
          complete: true,
          makespanMs: 5,
          results: [{ name: 'ann', registeredAtMs: 1, completedAtMs: 2, receivedBytes: 3, sentBytes: 4 }],
          reason: '',
          bound
        }
      }
    ])
  ]
}

/** Messages of one kind in their encoded form, one after another. */
function messages<T>(name: string, codec: Codec<T>, samples: readonly Partial<T>[]): FrameTarget {
  return {
    name,
    samples: samples.map((sample) => frame(codec, sample).subarray()),
    take: (bytes, random) => {
      const decoder = new MessageDecoder(codec, name)
      allow(ProtocolViolation, () => {
        for (const part of inParts(bytes, random)) {
          decoder.push(part)
          for (let message = decoder.next(); message !== undefined; message = decoder.next()) {
            // A message that was understood can be encoded again.
            codec.encode(message)
          }
        }
      })
    }
  }
}

function chunkReplies(): FrameTarget {
  const reply = (id: number, payload: Uint8Array): Uint8Array =>
    Buffer.concat([
      frame(ChunkReply, {
        id,
        status: ChunkReply.Status.OK,
        byteLength: payload.byteLength,
        root: ROOT,
        chunkIndex: 5,
        waitedMs: 20
      }).subarray(),
      payload
    ])
  const refusal = frame(ChunkReply, { id: 3, status: ChunkReply.Status.BUSY, byteLength: 0 }).subarray()
  return {
    name: 'chunk-reply',
    samples: [Buffer.concat([reply(1, bytesOf(40)), refusal, reply(2, bytesOf(60))]), refusal],
    take: (bytes, random) => {
      const target = new Uint8Array(MAX_PAYLOAD_BYTE_LENGTH)
      const decoder = new ChunkReplyDecoder({
        begin: ({ byteLength }) => {
          if (byteLength > MAX_PAYLOAD_BYTE_LENGTH) {
            throw new ProtocolViolation('not asked for')
          }
          return target
        },
        end: () => undefined
      })
      allow(ProtocolViolation, () => {
        for (const part of inParts(bytes, random)) {
          decoder.push(part)
        }
      })
    }
  }
}

async function takeManifest(bytes: Uint8Array): Promise<void> {
  try {
    await openManifest(Uint8Array.from(bytes), SWARM_ID)
  } catch (error) {
    if (!(error instanceof InvalidManifestError)) {
      throw error
    }
  }
}

function bitfields(): FrameTarget {
  return {
    name: 'bitfield',
    samples: [Bitfield.full(77).toBytes()],
    take: (bytes) => {
      allow(RangeError, () => {
        const bitfield = Bitfield.fromBytes(bytes, 77)
        if ([...bitfield.held()].length !== bitfield.count) {
          throw new Error('a bitfield that miscounts itself')
        }
      })
    }
  }
}

function states(): FrameTarget {
  const root = Buffer.from(ROOT).toString('hex')
  const state = encodeState(root, Bitfield.full(77).toBytes())
  return {
    name: 'state-file',
    samples: [state],
    take: (bytes) => {
      if (decodeState(bytes, root, 77) !== undefined && !Buffer.from(state).equals(bytes)) {
        throw new Error('a state that was changed is believed')
      }
    }
  }
}

/** In one part or two, as from a stream. */
