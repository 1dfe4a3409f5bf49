// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
import { decodeMessage, encodeMessage, MaxLengthError, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface Availability {
  holdings: Holding[]
  haves: Have[]
  status?: PeerStatus
  asksHoldings?: boolean
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

        if (obj.asksHoldings != null) {
          w.uint32(32)
          w.bool(obj.asksHoldings)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          holdings: [],
          haves: []
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              if (obj.holdings.length === 4096) {
                throw new MaxLengthError('Decode error - repeated field "holdings" had too many elements')
              }

              obj.holdings.push(Holding.codec().decode(reader, reader.uint32()))
              break
            }
            case 2: {
              if (obj.haves.length === 4096) {
                throw new MaxLengthError('Decode error - repeated field "haves" had too many elements')
              }

              obj.haves.push(Have.codec().decode(reader, reader.uint32()))
              break
            }
            case 3: {
              obj.status = PeerStatus.codec().decode(reader, reader.uint32())
              break
            }
            case 4: {
              obj.asksHoldings = reader.bool()
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

  export function encode (obj: Partial<Availability>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Availability.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Availability {
    return decodeMessage(buf, Availability.codec())
  }
}

export interface Holding {
  root: Uint8Array<ArrayBuffer>
  bitfield: Uint8Array<ArrayBuffer>
  complete: boolean
  declined?: boolean
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

        if (obj.declined != null) {
          w.uint32(32)
          w.bool(obj.declined)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
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
            case 4: {
              obj.declined = reader.bool()
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

  export function encode (obj: Partial<Holding>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Holding.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Holding {
    return decodeMessage(buf, Holding.codec())
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
      }, (reader, length) => {
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
      })
    }

    return _codec
  }

  export function encode (obj: Partial<Have>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, Have.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): Have {
    return decodeMessage(buf, Have.codec())
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
      }, (reader, length) => {
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
      })
    }

    return _codec
  }

  export function encode (obj: Partial<PeerStatus>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, PeerStatus.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): PeerStatus {
    return decodeMessage(buf, PeerStatus.codec())
  }
}
