// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Availability {
  holdings: Holding[]
  haves: Have[]
  status?: PeerStatus
}

export namespace Availability {
  let _codec: Codec<Availability>

  export const codec = (): Codec<Availability> => {
    if (_codec == null) {
      _codec = message<Availability>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.holdings != null && obj.holdings.length > 0) {
          for (const value of obj.holdings) {
            w.uint32(10)
            Holding.codec().encode(value, w)
          }
        }

        if (obj.haves != null && obj.haves.length > 0) {
          for (const value of obj.haves) {
            w.uint32(18)
            Have.codec().encode(value, w)
          }
        }

        if (obj.status != null) {
          w.uint32(26)
          PeerStatus.codec().encode(obj.status, w)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          holdings: [],
          haves: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.holdings != null && obj.holdings.length === opts.limits.holdings) {
                throw new MaxLengthError('Decode error - repeated field "holdings" had too many elements')
              }

              if (obj.holdings.length === 4096) {
                throw new MaxLengthError('Decode error - repeated field "holdings" had too many elements')
              }

              obj.holdings.push(Holding.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.holdings$
              }))
              break
            }
            case 2: {
              if (opts.limits?.haves != null && obj.haves.length === opts.limits.haves) {
                throw new MaxLengthError('Decode error - repeated field "haves" had too many elements')
              }

              if (obj.haves.length === 4096) {
                throw new MaxLengthError('Decode error - repeated field "haves" had too many elements')
              }

              obj.haves.push(Have.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.haves$
              }))
              break
            }
            case 3: {
              obj.status = PeerStatus.codec().decode(reader, reader.uint32(), {
                limits: opts.limits?.status
              })
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          holdings: 4096,
          haves: 4096
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (opts.limits?.holdings != null && obj.holdings === opts.limits.holdings) {
                throw new MaxLengthError('Streaming decode error - repeated field "holdings" had too many elements')
              }

              if (obj.holdings === 4096) {
                throw new MaxLengthError('Streaming decode error - repeated field "holdings" had too many elements')
              }

              for (const evt of Holding.codec().stream(reader, reader.uint32(), `${prefix}.holdings[]`, {
                limits: opts.limits?.holdings$
              })) {
                yield {
                  ...evt,
                  index: obj.holdings
                }
              }

              obj.holdings++

              break
            }
            case 2: {
              if (opts.limits?.haves != null && obj.haves === opts.limits.haves) {
                throw new MaxLengthError('Streaming decode error - repeated field "haves" had too many elements')
              }

              if (obj.haves === 4096) {
                throw new MaxLengthError('Streaming decode error - repeated field "haves" had too many elements')
              }

              for (const evt of Have.codec().stream(reader, reader.uint32(), `${prefix}.haves[]`, {
                limits: opts.limits?.haves$
              })) {
                yield {
                  ...evt,
                  index: obj.haves
                }
              }

              obj.haves++

              break
            }
            case 3: {
              yield * PeerStatus.codec().stream(reader, reader.uint32(), `${prefix}.status`, {
                limits: opts.limits?.status
              })

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface AvailabilityHoldingsRootFieldEvent {
    field: '$.holdings[].root'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface AvailabilityHoldingsBitfieldFieldEvent {
    field: '$.holdings[].bitfield'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface AvailabilityHoldingsCompleteFieldEvent {
    field: '$.holdings[].complete'
    value: boolean
    index: number
  }

  export interface AvailabilityHavesRootFieldEvent {
    field: '$.haves[].root'
    value: Uint8Array<ArrayBuffer>
    index: number
  }

  export interface AvailabilityHavesChunkIndicesFieldEvent {
    field: '$.haves[].chunkIndices[]'
    index: number
    value: number
  }

  export interface AvailabilityStatusUplinkBytesPerSecondFieldEvent {
    field: '$.status.uplinkBytesPerSecond'
    value: number
  }

  export interface AvailabilityStatusFreshChunksFieldEvent {
    field: '$.status.freshChunks'
    value: number
  }

  export interface AvailabilityStatusTakesRequestsFieldEvent {
    field: '$.status.takesRequests'
    value: boolean
  }

  export interface AvailabilityStatusCopiesOwedFieldEvent {
    field: '$.status.copiesOwed'
    value: number
  }

  export interface AvailabilityStatusDoneFieldEvent {
    field: '$.status.done'
    value: boolean
  }

  export function encode (obj: Partial<Availability>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Availability.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Availability>): Availability {
    return decodeMessage(buf, Availability.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Availability>): Generator<AvailabilityHoldingsRootFieldEvent | AvailabilityHoldingsBitfieldFieldEvent | AvailabilityHoldingsCompleteFieldEvent | AvailabilityHavesRootFieldEvent | AvailabilityHavesChunkIndicesFieldEvent | AvailabilityStatusUplinkBytesPerSecondFieldEvent | AvailabilityStatusFreshChunksFieldEvent | AvailabilityStatusTakesRequestsFieldEvent | AvailabilityStatusCopiesOwedFieldEvent | AvailabilityStatusDoneFieldEvent> {
    return streamMessage(buf, Availability.codec(), opts)
  }
}

export interface Holding {
  root: Uint8Array<ArrayBuffer>
  bitfield: Uint8Array<ArrayBuffer>
  complete: boolean
}

export namespace Holding {
  let _codec: Codec<Holding>

  export const codec = (): Codec<Holding> => {
    if (_codec == null) {
      _codec = message<Holding>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.root)
        }

        if ((obj.bitfield != null && obj.bitfield.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.bitfield)
        }

        if ((obj.complete != null && obj.complete !== false)) {
          w.uint32(24)
          w.bool(obj.complete)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          root: uint8ArrayAlloc(0),
          bitfield: uint8ArrayAlloc(0),
          complete: false
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
              obj.bitfield = reader.bytes()
              break
            }
            case 3: {
              obj.complete = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.root`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.bitfield`,
                value: reader.bytes()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.complete`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface HoldingRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HoldingBitfieldFieldEvent {
    field: '$.bitfield'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HoldingCompleteFieldEvent {
    field: '$.complete'
    value: boolean
  }

  export function encode (obj: Partial<Holding>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Holding.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Holding>): Holding {
    return decodeMessage(buf, Holding.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Holding>): Generator<HoldingRootFieldEvent | HoldingBitfieldFieldEvent | HoldingCompleteFieldEvent> {
    return streamMessage(buf, Holding.codec(), opts)
  }
}

export interface Have {
  root: Uint8Array<ArrayBuffer>
  chunkIndices: number[]
}

export namespace Have {
  let _codec: Codec<Have>

  export const codec = (): Codec<Have> => {
    if (_codec == null) {
      _codec = message<Have>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.root)
        }

        if (obj.chunkIndices != null && obj.chunkIndices.length > 0) {
          for (const value of obj.chunkIndices) {
            w.uint32(16)
            w.uint32(value)
          }
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          root: uint8ArrayAlloc(0),
          chunkIndices: []
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
              const chunkIndicesEnd = (tag & 7) === 2 ? reader.uint32() + reader.pos : reader.pos + 1

              while (reader.pos < chunkIndicesEnd) {
                if (opts.limits?.chunkIndices != null && obj.chunkIndices.length === opts.limits.chunkIndices) {
                  throw new MaxLengthError('Decode error - repeated field "chunkIndices" had too many elements')
                }

                if (obj.chunkIndices.length === 65536) {
                  throw new MaxLengthError('Decode error - repeated field "chunkIndices" had too many elements')
                }

                obj.chunkIndices.push(reader.uint32())
              }
              if ((tag & 7) === 2 && reader.pos !== chunkIndicesEnd) {
                throw new RangeError('Decode error - packed field "chunkIndices" ended within a number')
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const obj = {
          chunkIndices: 65536
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.root`,
                value: reader.bytes()
              }
              break
            }
            case 2: {
              if (opts.limits?.chunkIndices != null && obj.chunkIndices === opts.limits.chunkIndices) {
                throw new MaxLengthError('Streaming decode error - repeated field "chunkIndices" had too many elements')
              }

              if (obj.chunkIndices === 65536) {
                throw new MaxLengthError('Streaming decode error - repeated field "chunkIndices" had too many elements')
              }

              yield {
                field: `${prefix}.chunkIndices[]`,
                index: obj.chunkIndices,
                value: reader.uint32()
              }

              obj.chunkIndices++

              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface HaveRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface HaveChunkIndicesFieldEvent {
    field: '$.chunkIndices[]'
    index: number
    value: number
  }

  export function encode (obj: Partial<Have>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Have.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Have>): Have {
    return decodeMessage(buf, Have.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<Have>): Generator<HaveRootFieldEvent | HaveChunkIndicesFieldEvent> {
    return streamMessage(buf, Have.codec(), opts)
  }
}

export interface PeerStatus {
  uplinkBytesPerSecond?: number
  freshChunks: number
  takesRequests: boolean
  copiesOwed: number
  done?: boolean
}

export namespace PeerStatus {
  let _codec: Codec<PeerStatus>

  export const codec = (): Codec<PeerStatus> => {
    if (_codec == null) {
      _codec = message<PeerStatus>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.uplinkBytesPerSecond != null) {
          w.uint32(9)
          w.double(obj.uplinkBytesPerSecond)
        }

        if ((obj.freshChunks != null && obj.freshChunks !== 0)) {
          w.uint32(16)
          w.uint32(obj.freshChunks)
        }

        if ((obj.takesRequests != null && obj.takesRequests !== false)) {
          w.uint32(24)
          w.bool(obj.takesRequests)
        }

        if ((obj.copiesOwed != null && obj.copiesOwed !== 0)) {
          w.uint32(32)
          w.uint32(obj.copiesOwed)
        }

        if (obj.done != null) {
          w.uint32(40)
          w.bool(obj.done)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          freshChunks: 0,
          takesRequests: false,
          copiesOwed: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.uplinkBytesPerSecond = reader.double()
              break
            }
            case 2: {
              obj.freshChunks = reader.uint32()
              break
            }
            case 3: {
              obj.takesRequests = reader.bool()
              break
            }
            case 4: {
              obj.copiesOwed = reader.uint32()
              break
            }
            case 5: {
              obj.done = reader.bool()
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }

        return obj
      }, function * (reader, length, prefix, opts = {}) {
        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              yield {
                field: `${prefix}.uplinkBytesPerSecond`,
                value: reader.double()
              }
              break
            }
            case 2: {
              yield {
                field: `${prefix}.freshChunks`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.takesRequests`,
                value: reader.bool()
              }
              break
            }
            case 4: {
              yield {
                field: `${prefix}.copiesOwed`,
                value: reader.uint32()
              }
              break
            }
            case 5: {
              yield {
                field: `${prefix}.done`,
                value: reader.bool()
              }
              break
            }
            default: {
              reader.skipType(tag & 7)
              break
            }
          }
        }
      })
    }

    return _codec
  }

  export interface PeerStatusUplinkBytesPerSecondFieldEvent {
    field: '$.uplinkBytesPerSecond'
    value: number
  }

  export interface PeerStatusFreshChunksFieldEvent {
    field: '$.freshChunks'
    value: number
  }

  export interface PeerStatusTakesRequestsFieldEvent {
    field: '$.takesRequests'
    value: boolean
  }

  export interface PeerStatusCopiesOwedFieldEvent {
    field: '$.copiesOwed'
    value: number
  }

  export interface PeerStatusDoneFieldEvent {
    field: '$.done'
    value: boolean
  }

  export function encode (obj: Partial<PeerStatus>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerStatus.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerStatus>): PeerStatus {
    return decodeMessage(buf, PeerStatus.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<PeerStatus>): Generator<PeerStatusUplinkBytesPerSecondFieldEvent | PeerStatusFreshChunksFieldEvent | PeerStatusTakesRequestsFieldEvent | PeerStatusCopiesOwedFieldEvent | PeerStatusDoneFieldEvent> {
    return streamMessage(buf, PeerStatus.codec(), opts)
  }
}
