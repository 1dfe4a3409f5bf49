// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface PeerMessage {
  join?: Join
  manifests?: ManifestPage
  progress?: Progress
  fileCompletion?: FileCompletion
  peerCompletion?: PeerCompletion
  clockProbe?: ClockProbe
  leave?: Leave
  activity?: Activity
  capacities?: Capacities
  peerShortfall?: PeerShortfall
  choice?: Choice
}

export namespace PeerMessage {
  let _codec: Codec<PeerMessage>

  export const codec = (): Codec<PeerMessage> => {
    if (_codec == null) {
      _codec = message<PeerMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.join != null) {
          w.uint32(10)
          Join.codec().encode(obj.join, w)
        }

        if (obj.manifests != null) {
          w.uint32(18)
          ManifestPage.codec().encode(obj.manifests, w)
        }

        if (obj.progress != null) {
          w.uint32(26)
          Progress.codec().encode(obj.progress, w)
        }

        if (obj.fileCompletion != null) {
          w.uint32(34)
          FileCompletion.codec().encode(obj.fileCompletion, w)
        }

        if (obj.peerCompletion != null) {
          w.uint32(42)
          PeerCompletion.codec().encode(obj.peerCompletion, w)
        }

        if (obj.clockProbe != null) {
          w.uint32(50)
          ClockProbe.codec().encode(obj.clockProbe, w)
        }

        if (obj.leave != null) {
          w.uint32(58)
          Leave.codec().encode(obj.leave, w)
        }

        if (obj.activity != null) {
          w.uint32(66)
          Activity.codec().encode(obj.activity, w)
        }

        if (obj.capacities != null) {
          w.uint32(74)
          Capacities.codec().encode(obj.capacities, w)
        }

        if (obj.peerShortfall != null) {
          w.uint32(82)
          PeerShortfall.codec().encode(obj.peerShortfall, w)
        }

        if (obj.choice != null) {
          w.uint32(90)
          Choice.codec().encode(obj.choice, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.join = Join.codec().decode(reader, reader.uint32())
              break
            }
            case 2: {
              obj.manifests = ManifestPage.codec().decode(reader, reader.uint32())
              break
            }
            case 3: {
              obj.progress = Progress.codec().decode(reader, reader.uint32())
              break
            }
            case 4: {
              obj.fileCompletion = FileCompletion.codec().decode(reader, reader.uint32())
              break
            }
            case 5: {
              obj.peerCompletion = PeerCompletion.codec().decode(reader, reader.uint32())
              break
            }
            case 6: {
              obj.clockProbe = ClockProbe.codec().decode(reader, reader.uint32())
              break
            }
            case 7: {
              obj.leave = Leave.codec().decode(reader, reader.uint32())
              break
            }
            case 8: {
              obj.activity = Activity.codec().decode(reader, reader.uint32())
              break
            }
            case 9: {
              obj.capacities = Capacities.codec().decode(reader, reader.uint32())
              break
            }
            case 10: {
              obj.peerShortfall = PeerShortfall.codec().decode(reader, reader.uint32())
              break
            }
            case 11: {
              obj.choice = Choice.codec().decode(reader, reader.uint32())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<PeerMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): PeerMessage {
    return decodeMessage(buf, PeerMessage.codec())
  }
}

export interface CoordinatorMessage {
  joined?: Joined
  refusal?: Refusal
  roster?: Roster
  catalog?: ManifestPage
  clockReply?: ClockReply
  swarmEnd?: SwarmEnd
  leave?: Leave
  bound?: Bound
  arrivals?: Arrivals
}

export namespace CoordinatorMessage {
  let _codec: Codec<CoordinatorMessage>

  export const codec = (): Codec<CoordinatorMessage> => {
    if (_codec == null) {
      _codec = message<CoordinatorMessage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.joined != null) {
          w.uint32(10)
          Joined.codec().encode(obj.joined, w)
        }

        if (obj.refusal != null) {
          w.uint32(18)
          Refusal.codec().encode(obj.refusal, w)
        }

        if (obj.roster != null) {
          w.uint32(26)
          Roster.codec().encode(obj.roster, w)
        }

        if (obj.catalog != null) {
          w.uint32(34)
          ManifestPage.codec().encode(obj.catalog, w)
        }

        if (obj.clockReply != null) {
          w.uint32(42)
          ClockReply.codec().encode(obj.clockReply, w)
        }

        if (obj.swarmEnd != null) {
          w.uint32(50)
          SwarmEnd.codec().encode(obj.swarmEnd, w)
        }

        if (obj.leave != null) {
          w.uint32(58)
          Leave.codec().encode(obj.leave, w)
        }

        if (obj.bound != null) {
          w.uint32(66)
          Bound.codec().encode(obj.bound, w)
        }

        if (obj.arrivals != null) {
          w.uint32(74)
          Arrivals.codec().encode(obj.arrivals, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.joined = Joined.codec().decode(reader, reader.uint32())
              break
            }
            case 2: {
              obj.refusal = Refusal.codec().decode(reader, reader.uint32())
              break
            }
            case 3: {
              obj.roster = Roster.codec().decode(reader, reader.uint32())
              break
            }
            case 4: {
              obj.catalog = ManifestPage.codec().decode(reader, reader.uint32())
              break
            }
            case 5: {
              obj.clockReply = ClockReply.codec().decode(reader, reader.uint32())
              break
            }
            case 6: {
              obj.swarmEnd = SwarmEnd.codec().decode(reader, reader.uint32())
              break
            }
            case 7: {
              obj.leave = Leave.codec().decode(reader, reader.uint32())
              break
            }
            case 8: {
              obj.bound = Bound.codec().decode(reader, reader.uint32())
              break
            }
            case 9: {
              obj.arrivals = Arrivals.codec().decode(reader, reader.uint32())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<CoordinatorMessage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, CoordinatorMessage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): CoordinatorMessage {
    return decodeMessage(buf, CoordinatorMessage.codec())
  }
}

export interface Join {
  version: number
  name: string
  multiaddrs: string[]
  uplinkBytesPerSecond?: number
  downlinkBytesPerSecond?: number
  observer?: boolean
}

export namespace Join {
  let _codec: Codec<Join>

  export const codec = (): Codec<Join> => {
    if (_codec == null) {
      _codec = message<Join>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.version != null && obj.version !== 0)) {
          w.uint32(8)
          w.uint32(obj.version)
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(18)
          w.string(obj.name)
        }

        if (obj.multiaddrs != null && obj.multiaddrs.length > 0) {
          for (const value of obj.multiaddrs) {
            w.uint32(26)
            w.string(value)
          }
        }

        if (obj.uplinkBytesPerSecond != null) {
          w.uint32(32)
          w.uint64Number(obj.uplinkBytesPerSecond)
        }

        if (obj.downlinkBytesPerSecond != null) {
          w.uint32(40)
          w.uint64Number(obj.downlinkBytesPerSecond)
        }

        if (obj.observer != null) {
          w.uint32(48)
          w.bool(obj.observer)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          version: 0,
          name: '',
          multiaddrs: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.version = reader.uint32()
              break
            }
            case 2: {
              obj.name = reader.string()
              break
            }
            case 3: {
              if (obj.multiaddrs.length === 32) {
                throw new MaxLengthError('Decode error - repeated field "multiaddrs" had too many elements')
              }

              obj.multiaddrs.push(reader.string())
              break
            }
            case 4: {
              obj.uplinkBytesPerSecond = reader.uint64Number()
              break
            }
            case 5: {
              obj.downlinkBytesPerSecond = reader.uint64Number()
              break
            }
            case 6: {
              obj.observer = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Join>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Join.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Join {
    return decodeMessage(buf, Join.codec())
  }
}

export interface Capacities {
  uplinkBytesPerSecond?: number
  downlinkBytesPerSecond?: number
}

export namespace Capacities {
  let _codec: Codec<Capacities>

  export const codec = (): Codec<Capacities> => {
    if (_codec == null) {
      _codec = message<Capacities>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.uplinkBytesPerSecond != null) {
          w.uint32(8)
          w.uint64Number(obj.uplinkBytesPerSecond)
        }

        if (obj.downlinkBytesPerSecond != null) {
          w.uint32(16)
          w.uint64Number(obj.downlinkBytesPerSecond)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {}

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.uplinkBytesPerSecond = reader.uint64Number()
              break
            }
            case 2: {
              obj.downlinkBytesPerSecond = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Capacities>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Capacities.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Capacities {
    return decodeMessage(buf, Capacities.codec())
  }
}

export interface Joined {
  expectedPeers: number
  chunkByteLength: number
  relay: boolean
  swarmId: Uint8Array<ArrayBuffer>
  observer?: boolean
}

export namespace Joined {
  let _codec: Codec<Joined>

  export const codec = (): Codec<Joined> => {
    if (_codec == null) {
      _codec = message<Joined>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.expectedPeers != null && obj.expectedPeers !== 0)) {
          w.uint32(8)
          w.uint32(obj.expectedPeers)
        }

        if ((obj.chunkByteLength != null && obj.chunkByteLength !== 0)) {
          w.uint32(16)
          w.uint32(obj.chunkByteLength)
        }

        if ((obj.relay != null && obj.relay !== false)) {
          w.uint32(24)
          w.bool(obj.relay)
        }

        if ((obj.swarmId != null && obj.swarmId.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.swarmId)
        }

        if (obj.observer != null) {
          w.uint32(40)
          w.bool(obj.observer)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          expectedPeers: 0,
          chunkByteLength: 0,
          relay: false,
          swarmId: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.expectedPeers = reader.uint32()
              break
            }
            case 2: {
              obj.chunkByteLength = reader.uint32()
              break
            }
            case 3: {
              obj.relay = reader.bool()
              break
            }
            case 4: {
              obj.swarmId = reader.bytes()
              break
            }
            case 5: {
              obj.observer = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Joined>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Joined.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Joined {
    return decodeMessage(buf, Joined.codec())
  }
}

export interface Refusal {
  code: string
  message: string
}

export namespace Refusal {
  let _codec: Codec<Refusal>

  export const codec = (): Codec<Refusal> => {
    if (_codec == null) {
      _codec = message<Refusal>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(10)
          w.string(obj.code)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(18)
          w.string(obj.message)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          code: '',
          message: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.code = reader.string()
              break
            }
            case 2: {
              obj.message = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Refusal>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Refusal.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Refusal {
    return decodeMessage(buf, Refusal.codec())
  }
}

export interface Member {
  name: string
  peerId: string
  multiaddrs: string[]
  connected: boolean
  complete: boolean
  leftOut?: boolean
}

export namespace Member {
  let _codec: Codec<Member>

  export const codec = (): Codec<Member> => {
    if (_codec == null) {
      _codec = message<Member>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.peerId != null && obj.peerId !== '')) {
          w.uint32(18)
          w.string(obj.peerId)
        }

        if (obj.multiaddrs != null && obj.multiaddrs.length > 0) {
          for (const value of obj.multiaddrs) {
            w.uint32(26)
            w.string(value)
          }
        }

        if ((obj.connected != null && obj.connected !== false)) {
          w.uint32(32)
          w.bool(obj.connected)
        }

        if ((obj.complete != null && obj.complete !== false)) {
          w.uint32(40)
          w.bool(obj.complete)
        }

        if (obj.leftOut != null) {
          w.uint32(48)
          w.bool(obj.leftOut)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          name: '',
          peerId: '',
          multiaddrs: [],
          connected: false,
          complete: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.peerId = reader.string()
              break
            }
            case 3: {
              if (obj.multiaddrs.length === 32) {
                throw new MaxLengthError('Decode error - repeated field "multiaddrs" had too many elements')
              }

              obj.multiaddrs.push(reader.string())
              break
            }
            case 4: {
              obj.connected = reader.bool()
              break
            }
            case 5: {
              obj.complete = reader.bool()
              break
            }
            case 6: {
              obj.leftOut = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Member>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Member.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Member {
    return decodeMessage(buf, Member.codec())
  }
}

export interface Arrivals {
  joined: number
  expectedPeers: number
  names: string[]
}

export namespace Arrivals {
  let _codec: Codec<Arrivals>

  export const codec = (): Codec<Arrivals> => {
    if (_codec == null) {
      _codec = message<Arrivals>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.joined != null && obj.joined !== 0)) {
          w.uint32(8)
          w.uint32(obj.joined)
        }

        if ((obj.expectedPeers != null && obj.expectedPeers !== 0)) {
          w.uint32(16)
          w.uint32(obj.expectedPeers)
        }

        if (obj.names != null && obj.names.length > 0) {
          for (const value of obj.names) {
            w.uint32(26)
            w.string(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          joined: 0,
          expectedPeers: 0,
          names: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.joined = reader.uint32()
              break
            }
            case 2: {
              obj.expectedPeers = reader.uint32()
              break
            }
            case 3: {
              if (obj.names.length === 16) {
                throw new MaxLengthError('Decode error - repeated field "names" had too many elements')
              }

              obj.names.push(reader.string())
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Arrivals>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Arrivals.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Arrivals {
    return decodeMessage(buf, Arrivals.codec())
  }
}

export interface Roster {
  members: Member[]
}

export namespace Roster {
  let _codec: Codec<Roster>

  export const codec = (): Codec<Roster> => {
    if (_codec == null) {
      _codec = message<Roster>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.members != null && obj.members.length > 0) {
          for (const value of obj.members) {
            w.uint32(10)
            Member.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          members: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (obj.members.length === 1024) {
                throw new MaxLengthError('Decode error - repeated field "members" had too many elements')
              }

              obj.members.push(Member.codec().decode(reader, reader.uint32()))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Roster>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Roster.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Roster {
    return decodeMessage(buf, Roster.codec())
  }
}

export interface ManifestPage {
  manifests: Uint8Array<ArrayBuffer>[]
  last: boolean
}

export namespace ManifestPage {
  let _codec: Codec<ManifestPage>

  export const codec = (): Codec<ManifestPage> => {
    if (_codec == null) {
      _codec = message<ManifestPage>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.manifests != null && obj.manifests.length > 0) {
          for (const value of obj.manifests) {
            w.uint32(10)
            w.bytes(value)
          }
        }

        if ((obj.last != null && obj.last !== false)) {
          w.uint32(16)
          w.bool(obj.last)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          manifests: [],
          last: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (obj.manifests.length === 4096) {
                throw new MaxLengthError('Decode error - repeated field "manifests" had too many elements')
              }

              obj.manifests.push(reader.bytes())
              break
            }
            case 2: {
              obj.last = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<ManifestPage>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ManifestPage.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): ManifestPage {
    return decodeMessage(buf, ManifestPage.codec())
  }
}

export interface Progress {
  totalBytes: number
  heldBytes: number
  receivedBytes: number
  sentBytes: number
  uplinkBytesPerSecond?: number
  downlinkBytesPerSecond?: number
}

export namespace Progress {
  let _codec: Codec<Progress>

  export const codec = (): Codec<Progress> => {
    if (_codec == null) {
      _codec = message<Progress>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.totalBytes != null && obj.totalBytes !== 0)) {
          w.uint32(8)
          w.uint64Number(obj.totalBytes)
        }

        if ((obj.heldBytes != null && obj.heldBytes !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.heldBytes)
        }

        if ((obj.receivedBytes != null && obj.receivedBytes !== 0)) {
          w.uint32(24)
          w.uint64Number(obj.receivedBytes)
        }

        if ((obj.sentBytes != null && obj.sentBytes !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.sentBytes)
        }

        if (obj.uplinkBytesPerSecond != null) {
          w.uint32(40)
          w.uint64Number(obj.uplinkBytesPerSecond)
        }

        if (obj.downlinkBytesPerSecond != null) {
          w.uint32(48)
          w.uint64Number(obj.downlinkBytesPerSecond)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          totalBytes: 0,
          heldBytes: 0,
          receivedBytes: 0,
          sentBytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.totalBytes = reader.uint64Number()
              break
            }
            case 2: {
              obj.heldBytes = reader.uint64Number()
              break
            }
            case 3: {
              obj.receivedBytes = reader.uint64Number()
              break
            }
            case 4: {
              obj.sentBytes = reader.uint64Number()
              break
            }
            case 5: {
              obj.uplinkBytesPerSecond = reader.uint64Number()
              break
            }
            case 6: {
              obj.downlinkBytesPerSecond = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Progress>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Progress.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Progress {
    return decodeMessage(buf, Progress.codec())
  }
}

export interface Activity {
  flows: Flow[]
  contents: ContentHeld[]
  waiting: string
  waitingFor: string[]
  chunks: number
  chunkTimes: number[]
  duplicates: number
  failures: FailureCount[]
  stalls: number
  disconnections: number
}

export namespace Activity {
  let _codec: Codec<Activity>

  export const codec = (): Codec<Activity> => {
    if (_codec == null) {
      _codec = message<Activity>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.flows != null && obj.flows.length > 0) {
          for (const value of obj.flows) {
            w.uint32(10)
            Flow.codec().encode(value, w)
          }
        }

        if (obj.contents != null && obj.contents.length > 0) {
          for (const value of obj.contents) {
            w.uint32(18)
            ContentHeld.codec().encode(value, w)
          }
        }

        if ((obj.waiting != null && obj.waiting !== '')) {
          w.uint32(26)
          w.string(obj.waiting)
        }

        if (obj.waitingFor != null && obj.waitingFor.length > 0) {
          for (const value of obj.waitingFor) {
            w.uint32(34)
            w.string(value)
          }
        }

        if ((obj.chunks != null && obj.chunks !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.chunks)
        }

        if (obj.chunkTimes != null && obj.chunkTimes.length > 0) {
          for (const value of obj.chunkTimes) {
            w.uint32(48)
            w.uint32(value)
          }
        }

        if ((obj.duplicates != null && obj.duplicates !== 0)) {
          w.uint32(56)
          w.uint64Number(obj.duplicates)
        }

        if (obj.failures != null && obj.failures.length > 0) {
          for (const value of obj.failures) {
            w.uint32(66)
            FailureCount.codec().encode(value, w)
          }
        }

        if ((obj.stalls != null && obj.stalls !== 0)) {
          w.uint32(72)
          w.uint64Number(obj.stalls)
        }

        if ((obj.disconnections != null && obj.disconnections !== 0)) {
          w.uint32(80)
          w.uint64Number(obj.disconnections)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          flows: [],
          contents: [],
          waiting: '',
          waitingFor: [],
          chunks: 0,
          chunkTimes: [],
          duplicates: 0,
          failures: [],
          stalls: 0,
          disconnections: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (obj.flows.length === 1024) {
                throw new MaxLengthError('Decode error - repeated field "flows" had too many elements')
              }

              obj.flows.push(Flow.codec().decode(reader, reader.uint32()))
              break
            }
            case 2: {
              if (obj.contents.length === 256) {
                throw new MaxLengthError('Decode error - repeated field "contents" had too many elements')
              }

              obj.contents.push(ContentHeld.codec().decode(reader, reader.uint32()))
              break
            }
            case 3: {
              obj.waiting = reader.string()
              break
            }
            case 4: {
              if (obj.waitingFor.length === 8) {
                throw new MaxLengthError('Decode error - repeated field "waitingFor" had too many elements')
              }

              obj.waitingFor.push(reader.string())
              break
            }
            case 5: {
              obj.chunks = reader.uint64Number()
              break
            }
            case 6: {
              const chunkTimesEnd = (tag & 7) === 2 ? reader.uint32() + reader.pos : reader.pos + 1

              while (reader.pos < chunkTimesEnd) {
                if (obj.chunkTimes.length === 160) {
                  throw new MaxLengthError('Decode error - repeated field "chunkTimes" had too many elements')
                }

                obj.chunkTimes.push(reader.uint32())
              }
              if ((tag & 7) === 2 && reader.pos !== chunkTimesEnd) {
                throw new RangeError('Decode error - packed field "chunkTimes" ended within a number')
              }
              break
            }
            case 7: {
              obj.duplicates = reader.uint64Number()
              break
            }
            case 8: {
              if (obj.failures.length === 16) {
                throw new MaxLengthError('Decode error - repeated field "failures" had too many elements')
              }

              obj.failures.push(FailureCount.codec().decode(reader, reader.uint32()))
              break
            }
            case 9: {
              obj.stalls = reader.uint64Number()
              break
            }
            case 10: {
              obj.disconnections = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Activity>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Activity.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Activity {
    return decodeMessage(buf, Activity.codec())
  }
}

export interface Flow {
  from: string
  receivedBytes: number
}

export namespace Flow {
  let _codec: Codec<Flow>

  export const codec = (): Codec<Flow> => {
    if (_codec == null) {
      _codec = message<Flow>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.from != null && obj.from !== '')) {
          w.uint32(10)
          w.string(obj.from)
        }

        if ((obj.receivedBytes != null && obj.receivedBytes !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.receivedBytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          from: '',
          receivedBytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.from = reader.string()
              break
            }
            case 2: {
              obj.receivedBytes = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Flow>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Flow.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Flow {
    return decodeMessage(buf, Flow.codec())
  }
}

export interface ContentHeld {
  root: Uint8Array<ArrayBuffer>
  heldBytes: number
  cells: Uint8Array<ArrayBuffer>
}

export namespace ContentHeld {
  let _codec: Codec<ContentHeld>

  export const codec = (): Codec<ContentHeld> => {
    if (_codec == null) {
      _codec = message<ContentHeld>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.root)
        }

        if ((obj.heldBytes != null && obj.heldBytes !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.heldBytes)
        }

        if ((obj.cells != null && obj.cells.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.cells)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          root: uint8ArrayAlloc(0),
          heldBytes: 0,
          cells: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.root = reader.bytes()
              break
            }
            case 2: {
              obj.heldBytes = reader.uint64Number()
              break
            }
            case 3: {
              obj.cells = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<ContentHeld>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ContentHeld.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): ContentHeld {
    return decodeMessage(buf, ContentHeld.codec())
  }
}

export interface FailureCount {
  reason: string
  count: number
}

export namespace FailureCount {
  let _codec: Codec<FailureCount>

  export const codec = (): Codec<FailureCount> => {
    if (_codec == null) {
      _codec = message<FailureCount>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(10)
          w.string(obj.reason)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(16)
          w.uint64Number(obj.count)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          reason: '',
          count: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.reason = reader.string()
              break
            }
            case 2: {
              obj.count = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<FailureCount>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, FailureCount.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): FailureCount {
    return decodeMessage(buf, FailureCount.codec())
  }
}

export interface FileCompletion {
  origin: string
  path: string
  atMs: number
}

export namespace FileCompletion {
  let _codec: Codec<FileCompletion>

  export const codec = (): Codec<FileCompletion> => {
    if (_codec == null) {
      _codec = message<FileCompletion>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(10)
          w.string(obj.origin)
        }

        if ((obj.path != null && obj.path !== '')) {
          w.uint32(18)
          w.string(obj.path)
        }

        if ((obj.atMs != null && obj.atMs !== 0)) {
          w.uint32(25)
          w.double(obj.atMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          origin: '',
          path: '',
          atMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.origin = reader.string()
              break
            }
            case 2: {
              obj.path = reader.string()
              break
            }
            case 3: {
              obj.atMs = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<FileCompletion>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, FileCompletion.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): FileCompletion {
    return decodeMessage(buf, FileCompletion.codec())
  }
}

export interface PeerCompletion {
  atMs: number
  progress?: Progress
  entries: number
}

export namespace PeerCompletion {
  let _codec: Codec<PeerCompletion>

  export const codec = (): Codec<PeerCompletion> => {
    if (_codec == null) {
      _codec = message<PeerCompletion>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.atMs != null && obj.atMs !== 0)) {
          w.uint32(9)
          w.double(obj.atMs)
        }

        if (obj.progress != null) {
          w.uint32(18)
          Progress.codec().encode(obj.progress, w)
        }

        if ((obj.entries != null && obj.entries !== 0)) {
          w.uint32(24)
          w.uint32(obj.entries)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          atMs: 0,
          entries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.atMs = reader.double()
              break
            }
            case 2: {
              obj.progress = Progress.codec().decode(reader, reader.uint32())
              break
            }
            case 3: {
              obj.entries = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<PeerCompletion>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerCompletion.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): PeerCompletion {
    return decodeMessage(buf, PeerCompletion.codec())
  }
}

export interface PeerShortfall {
  atMs: number
  progress?: Progress
  files: number
  code: string
  message: string
  entries: number
}

export namespace PeerShortfall {
  let _codec: Codec<PeerShortfall>

  export const codec = (): Codec<PeerShortfall> => {
    if (_codec == null) {
      _codec = message<PeerShortfall>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.atMs != null && obj.atMs !== 0)) {
          w.uint32(9)
          w.double(obj.atMs)
        }

        if (obj.progress != null) {
          w.uint32(18)
          Progress.codec().encode(obj.progress, w)
        }

        if ((obj.files != null && obj.files !== 0)) {
          w.uint32(24)
          w.uint32(obj.files)
        }

        if ((obj.code != null && obj.code !== '')) {
          w.uint32(34)
          w.string(obj.code)
        }

        if ((obj.message != null && obj.message !== '')) {
          w.uint32(42)
          w.string(obj.message)
        }

        if ((obj.entries != null && obj.entries !== 0)) {
          w.uint32(48)
          w.uint32(obj.entries)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          atMs: 0,
          files: 0,
          code: '',
          message: '',
          entries: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.atMs = reader.double()
              break
            }
            case 2: {
              obj.progress = Progress.codec().decode(reader, reader.uint32())
              break
            }
            case 3: {
              obj.files = reader.uint32()
              break
            }
            case 4: {
              obj.code = reader.string()
              break
            }
            case 5: {
              obj.message = reader.string()
              break
            }
            case 6: {
              obj.entries = reader.uint32()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<PeerShortfall>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerShortfall.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): PeerShortfall {
    return decodeMessage(buf, PeerShortfall.codec())
  }
}

export interface Choice {
  declined: DeclinedEntries[]
}

export namespace Choice {
  let _codec: Codec<Choice>

  export const codec = (): Codec<Choice> => {
    if (_codec == null) {
      _codec = message<Choice>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.declined != null && obj.declined.length > 0) {
          for (const value of obj.declined) {
            w.uint32(10)
            DeclinedEntries.codec().encode(value, w)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          declined: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (obj.declined.length === 1024) {
                throw new MaxLengthError('Decode error - repeated field "declined" had too many elements')
              }

              obj.declined.push(DeclinedEntries.codec().decode(reader, reader.uint32()))
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Choice>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Choice.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Choice {
    return decodeMessage(buf, Choice.codec())
  }
}

export interface DeclinedEntries {
  origin: string
  entries: Uint8Array<ArrayBuffer>
}

export namespace DeclinedEntries {
  let _codec: Codec<DeclinedEntries>

  export const codec = (): Codec<DeclinedEntries> => {
    if (_codec == null) {
      _codec = message<DeclinedEntries>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(10)
          w.string(obj.origin)
        }

        if ((obj.entries != null && obj.entries.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.entries)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          origin: '',
          entries: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.origin = reader.string()
              break
            }
            case 2: {
              obj.entries = reader.bytes()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<DeclinedEntries>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DeclinedEntries.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): DeclinedEntries {
    return decodeMessage(buf, DeclinedEntries.codec())
  }
}

export interface ClockProbe {
  sentAtMs: number
}

export namespace ClockProbe {
  let _codec: Codec<ClockProbe>

  export const codec = (): Codec<ClockProbe> => {
    if (_codec == null) {
      _codec = message<ClockProbe>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sentAtMs != null && obj.sentAtMs !== 0)) {
          w.uint32(9)
          w.double(obj.sentAtMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          sentAtMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.sentAtMs = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<ClockProbe>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ClockProbe.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): ClockProbe {
    return decodeMessage(buf, ClockProbe.codec())
  }
}

export interface ClockReply {
  sentAtMs: number
  atMs: number
}

export namespace ClockReply {
  let _codec: Codec<ClockReply>

  export const codec = (): Codec<ClockReply> => {
    if (_codec == null) {
      _codec = message<ClockReply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.sentAtMs != null && obj.sentAtMs !== 0)) {
          w.uint32(9)
          w.double(obj.sentAtMs)
        }

        if ((obj.atMs != null && obj.atMs !== 0)) {
          w.uint32(17)
          w.double(obj.atMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          sentAtMs: 0,
          atMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.sentAtMs = reader.double()
              break
            }
            case 2: {
              obj.atMs = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<ClockReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ClockReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): ClockReply {
    return decodeMessage(buf, ClockReply.codec())
  }
}

export interface Leave {
  reason: string
}

export namespace Leave {
  let _codec: Codec<Leave>

  export const codec = (): Codec<Leave> => {
    if (_codec == null) {
      _codec = message<Leave>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(10)
          w.string(obj.reason)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          reason: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.reason = reader.string()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Leave>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Leave.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Leave {
    return decodeMessage(buf, Leave.codec())
  }
}

export interface PeerResult {
  name: string
  registeredAtMs: number
  completedAtMs?: number
  receivedBytes: number
  sentBytes: number
}

export namespace PeerResult {
  let _codec: Codec<PeerResult>

  export const codec = (): Codec<PeerResult> => {
    if (_codec == null) {
      _codec = message<PeerResult>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.name != null && obj.name !== '')) {
          w.uint32(10)
          w.string(obj.name)
        }

        if ((obj.registeredAtMs != null && obj.registeredAtMs !== 0)) {
          w.uint32(17)
          w.double(obj.registeredAtMs)
        }

        if (obj.completedAtMs != null) {
          w.uint32(25)
          w.double(obj.completedAtMs)
        }

        if ((obj.receivedBytes != null && obj.receivedBytes !== 0)) {
          w.uint32(32)
          w.uint64Number(obj.receivedBytes)
        }

        if ((obj.sentBytes != null && obj.sentBytes !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.sentBytes)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          name: '',
          registeredAtMs: 0,
          receivedBytes: 0,
          sentBytes: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.name = reader.string()
              break
            }
            case 2: {
              obj.registeredAtMs = reader.double()
              break
            }
            case 3: {
              obj.completedAtMs = reader.double()
              break
            }
            case 4: {
              obj.receivedBytes = reader.uint64Number()
              break
            }
            case 5: {
              obj.sentBytes = reader.uint64Number()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<PeerResult>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerResult.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): PeerResult {
    return decodeMessage(buf, PeerResult.codec())
  }
}

export interface SwarmEnd {
  complete: boolean
  makespanMs: number
  results: PeerResult[]
  reason: string
  bound?: Bound
  exchangeMs?: number
}

export namespace SwarmEnd {
  let _codec: Codec<SwarmEnd>

  export const codec = (): Codec<SwarmEnd> => {
    if (_codec == null) {
      _codec = message<SwarmEnd>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.complete != null && obj.complete !== false)) {
          w.uint32(8)
          w.bool(obj.complete)
        }

        if ((obj.makespanMs != null && obj.makespanMs !== 0)) {
          w.uint32(17)
          w.double(obj.makespanMs)
        }

        if (obj.results != null && obj.results.length > 0) {
          for (const value of obj.results) {
            w.uint32(26)
            PeerResult.codec().encode(value, w)
          }
        }

        if ((obj.reason != null && obj.reason !== '')) {
          w.uint32(34)
          w.string(obj.reason)
        }

        if (obj.bound != null) {
          w.uint32(42)
          Bound.codec().encode(obj.bound, w)
        }

        if (obj.exchangeMs != null) {
          w.uint32(49)
          w.double(obj.exchangeMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          complete: false,
          makespanMs: 0,
          results: [],
          reason: ''
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.complete = reader.bool()
              break
            }
            case 2: {
              obj.makespanMs = reader.double()
              break
            }
            case 3: {
              if (obj.results.length === 1024) {
                throw new MaxLengthError('Decode error - repeated field "results" had too many elements')
              }

              obj.results.push(PeerResult.codec().decode(reader, reader.uint32()))
              break
            }
            case 4: {
              obj.reason = reader.string()
              break
            }
            case 5: {
              obj.bound = Bound.codec().decode(reader, reader.uint32())
              break
            }
            case 6: {
              obj.exchangeMs = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<SwarmEnd>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SwarmEnd.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): SwarmEnd {
    return decodeMessage(buf, SwarmEnd.codec())
  }
}

export interface Bound {
  boundMs: number
  term: string
  boundPeer?: string
  boundBytesPerSecond: number
  basis: string
  efficiency: number
}

export namespace Bound {
  let _codec: Codec<Bound>

  export const codec = (): Codec<Bound> => {
    if (_codec == null) {
      _codec = message<Bound>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.boundMs != null && obj.boundMs !== 0)) {
          w.uint32(9)
          w.double(obj.boundMs)
        }

        if ((obj.term != null && obj.term !== '')) {
          w.uint32(18)
          w.string(obj.term)
        }

        if (obj.boundPeer != null) {
          w.uint32(26)
          w.string(obj.boundPeer)
        }

        if ((obj.boundBytesPerSecond != null && obj.boundBytesPerSecond !== 0)) {
          w.uint32(33)
          w.double(obj.boundBytesPerSecond)
        }

        if ((obj.basis != null && obj.basis !== '')) {
          w.uint32(42)
          w.string(obj.basis)
        }

        if ((obj.efficiency != null && obj.efficiency !== 0)) {
          w.uint32(49)
          w.double(obj.efficiency)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          boundMs: 0,
          term: '',
          boundBytesPerSecond: 0,
          basis: '',
          efficiency: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.boundMs = reader.double()
              break
            }
            case 2: {
              obj.term = reader.string()
              break
            }
            case 3: {
              obj.boundPeer = reader.string()
              break
            }
            case 4: {
              obj.boundBytesPerSecond = reader.double()
              break
            }
            case 5: {
              obj.basis = reader.string()
              break
            }
            case 6: {
              obj.efficiency = reader.double()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Bound>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Bound.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Bound {
    return decodeMessage(buf, Bound.codec())
  }
}
