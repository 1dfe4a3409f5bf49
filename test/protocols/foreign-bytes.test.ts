/**
 * Messages of every protocol from another implementation, Google's own protoc. To make them again, remove the
 * `[(protons.options).limit = …]` from a messages.proto and give the fields as text to `protoc --encode=<message>
 * messages.proto`. These are from version 3.21.12, the protobuf-compiler of Debian 12.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MaxLengthError } from 'protons-runtime'
import { encode as encodeVarint } from 'uint8-varint'
import { fromHex } from '#potluck/core/hex.js'
import * as admission from '#potluck/protocols/admission/pb/messages.js'
import * as availability from '#potluck/protocols/availability/pb/messages.js'
import * as chunk from '#potluck/protocols/chunk/pb/messages.js'
import * as coordination from '#potluck/protocols/coordination/pb/messages.js'
import * as digests from '#potluck/protocols/digests/pb/messages.js'
import * as manifest from '#potluck/protocols/manifest/pb/messages.js'

/** 32 bytes and 16. */
const ROOT = fromHex('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff')
const HALF = ROOT.slice(0, 16)

interface Foreign {
  codec: { decode(bytes: Uint8Array): object }
  message: object
  hex: string
}

const FOREIGN: readonly Foreign[] = [
  {
    codec: availability.Availability,
    message: {
      holdings: [
        { root: ROOT, bitfield: fromHex('a0ff'), complete: false },
        { root: ROOT, bitfield: fromHex(''), complete: true }
      ],
      haves: [
        { root: ROOT, chunkIndices: [0, 1, 127, 128, 65535, 4194303] },
        { root: ROOT, chunkIndices: [7] }
      ],
      status: { uplinkBytesPerSecond: 1250000.5, freshChunks: 300, takesRequests: true, copiesOwed: 12 }
    },
    hex: '0a260a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff1202a0ff0a240a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff180112300a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff120c00017f8001ffff03ffffff0112250a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff1201071a100900000080d012334110ac021801200c'
  },
  {
    codec: availability.Have,
    message: { root: ROOT, chunkIndices: [4194303, 0, 300] },
    hex: '0a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff1207ffffff0100ac02'
  },
  {
    codec: coordination.PeerMessage,
    message: {
      join: {
        version: 3,
        name: 'Ann',
        multiaddrs: ['/ip4/192.0.2.1/tcp/9001', '/ip6/2001:db8::1/tcp/9001'],
        uplinkBytesPerSecond: 12500000,
        downlinkBytesPerSecond: 9007199254740991
      }
    },
    hex: '0a4908031203416e6e1a172f6970342f3139322e302e322e312f7463702f393030311a192f6970362f323030313a6462383a3a312f7463702f3930303120a0f8fa0528ffffffffffffff0f'
  },
  {
    codec: coordination.PeerMessage,
    message: { manifests: { manifests: [fromHex('0a01ff'), fromHex('0b')], last: true } },
    hex: '120a0a030a01ff0a010b1001'
  },
  {
    codec: coordination.PeerMessage,
    message: {
      progress: {
        totalBytes: 1073741824,
        heldBytes: 1,
        receivedBytes: 128,
        sentBytes: 16384,
        uplinkBytesPerSecond: 5
      }
    },
    hex: '1a110880808080041001188001208080012805'
  },
  {
    codec: coordination.PeerMessage,
    message: {
      activity: {
        flows: [{ from: 'ben', receivedBytes: 4096 }],
        contents: [{ root: ROOT, heldBytes: 9, cells: fromHex('00ff') }],
        waiting: 'no-source',
        waitingFor: ['ben', 'cleo'],
        chunks: 3,
        chunkTimes: [0, 0, 1, 2, 300],
        duplicates: 1,
        failures: [{ reason: 'busy', count: 2 }],
        stalls: 0,
        disconnections: 1
      }
    },
    hex: '42620a080a0362656e10802012280a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff10091a0200ff1a096e6f2d736f75726365220362656e2204636c656f2803320600000102ac02380142080a046275737910025001'
  },
  {
    codec: coordination.PeerMessage,
    message: { fileCompletion: { origin: 'ben', path: 'a/b.iso', atMs: 1234.5 } },
    hex: '22170a0362656e1207612f622e69736f1900000000004a9340'
  },
  {
    codec: coordination.PeerMessage,
    message: {
      peerCompletion: {
        atMs: 2000,
        progress: { totalBytes: 5, heldBytes: 5, receivedBytes: 5, sentBytes: 0 },
        entries: 3
      }
    },
    hex: '2a13090000000000409f4012060805100518051803'
  },
  {
    codec: coordination.PeerMessage,
    message: { clockProbe: { sentAtMs: 0.25 } },
    hex: '320909000000000000d03f'
  },
  {
    codec: coordination.PeerMessage,
    message: { leave: { reason: 'done' } },
    hex: '3a060a04646f6e65'
  },
  {
    codec: coordination.PeerMessage,
    message: { capacities: { uplinkBytesPerSecond: 1 } },
    hex: '4a020801'
  },
  {
    codec: coordination.CoordinatorMessage,
    message: {
      roster: {
        members: [
          {
            name: 'Ann',
            peerId: '12D3',
            multiaddrs: ['/ip4/192.0.2.1/tcp/1'],
            connected: true,
            complete: false
          }
        ]
      }
    },
    hex: '1a250a230a03416e6e1204313244331a142f6970342f3139322e302e322e312f7463702f312001'
  },
  {
    codec: coordination.CoordinatorMessage,
    message: {
      swarmEnd: {
        complete: true,
        makespanMs: 1.5,
        results: [{ name: 'Ann', registeredAtMs: 0, completedAtMs: 0, receivedBytes: 3, sentBytes: 2 }],
        reason: '',
        bound: { boundMs: 1, term: 'uplinks', boundBytesPerSecond: 2, basis: 'mixed', efficiency: 0.5 }
      }
    },
    hex: '324c080111000000000000f83f1a120a03416e6e190000000000000000200328022a2b09000000000000f03f120775706c696e6b732100000000000000402a056d6978656431000000000000e03f'
  },
  {
    codec: digests.DigestsRequest,
    message: { root: ROOT, firstChunkIndex: 8192, count: 8192 },
    hex: '0a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff108040188040'
  },
  {
    codec: digests.DigestsReply,
    message: { root: ROOT, firstChunkIndex: 1, digests: ROOT },
    hex: '0a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff10011a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
  },
  {
    codec: chunk.ChunkRequest,
    message: { id: 4294967295, root: ROOT, chunkIndex: 128, cancel: true, corrupt: true },
    hex: '08ffffffff0f122000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff18800120012801'
  },
  {
    codec: chunk.ChunkReply,
    message: { id: 1, status: 'CANCELLED', byteLength: 0, root: fromHex(''), chunkIndex: 0, waitedMs: 70000 },
    hex: '0801100530f0a204'
  },
  {
    codec: admission.Hello,
    message: { nonce: ROOT, invited: true },
    hex: '0a2000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff1001'
  },
  {
    codec: admission.Verdict,
    message: { admitted: false, code: 'SECRET', message: 'no' },
    hex: '12065345435245541a026e6f'
  },
  {
    codec: manifest.ManifestBody,
    message: {
      kind: 'FOLDER',
      origin: 'Ann',
      originId: '12D3',
      path: 'é/x',
      byteLength: 4294967296,
      chunkByteLength: 262144,
      md5: HALF,
      root: ROOT,
      swarmId: HALF,
      zeroByteLength: 300000,
      modifiedMs: -1500,
      isExecutable: true,
      isPrivate: true
    },
    hex: '08011203416e6e1a04313244332204c3a92f78288080808010308080103a1000112233445566778899aabbccddeeff422000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff4a1000112233445566778899aabbccddeeff50e0a71258b71760016801'
  }
]

/** Fields that no schema here has, of every wire type: a number, 8 bytes, text, a group with a number in it, 4 bytes. */
const UNKNOWN = fromHex('f83e05' + 'f93e0011223344556677' + 'fa3e026869' + 'fb3ef83e05fc3e' + 'fd3e00112233')

/** Numbers of a chunk's index, in the packed form of `Have`. */
function packed(count: number, byteLength = count): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x12), encodeVarint(byteLength), new Uint8Array(count)])
}

describe('messages of another implementation', () => {
  for (const [index, { codec, message, hex }] of FOREIGN.entries()) {
    it(`fault 53: the bytes of protoc are read, ${Object.keys(message)} (${index})`, () => {
      assert.deepEqual(codec.decode(fromHex(hex)), message)
    })

    it(`fault 53: fields that nobody knows are skipped, ${Object.keys(message)} (${index})`, () => {
      const bytes = fromHex(hex)
      assert.deepEqual(codec.decode(Uint8Array.from([...UNKNOWN, ...bytes, ...UNKNOWN])), message)
    })
  }

  it('fault 53: one list may come in pieces of both forms, in any order with other fields', () => {
    const pieces = [packed(2), fromHex('1007'), fromHex('0a020506'), fromHex('1200'), fromHex('1203ac0201')]
    const { root, chunkIndices } = availability.Have.decode(Uint8Array.from(Buffer.concat(pieces)))
    assert.deepEqual([...root, ...chunkIndices], [5, 6, 0, 0, 7, 300, 1])
  })

  it('fault 53: the last one counts of a field that comes twice', () => {
    assert.deepEqual(digests.DigestsRequest.decode(fromHex('10011005')).firstChunkIndex, 5)
  })

  it('fault 53: a packed list has the limit of any other, whatever it claims', () => {
    assert.equal(availability.Have.decode(packed(65_536)).chunkIndices.length, 65_536)
    assert.throws(() => availability.Have.decode(packed(65_537)), MaxLengthError)
    assert.throws(() => availability.Have.decode(packed(3, 4_000_000_000)), /range|within/)
    assert.throws(() => availability.Have.decode(fromHex('1202ff8001')), /within a number/)
  })
})
