// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
import { decodeMessage, encodeMessage, message, streamMessage } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec, DecodeOptions } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface DigestsRequest {
  root: Uint8Array<ArrayBuffer>
  firstChunkIndex: number
  count: number
}

export namespace DigestsRequest {
  let _codec: Codec<DigestsRequest>

  export const codec = (): Codec<DigestsRequest> => {
    if (_codec == null) {
      _codec = message<DigestsRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.root)
        }

        if ((obj.firstChunkIndex != null && obj.firstChunkIndex !== 0)) {
          w.uint32(16)
          w.uint32(obj.firstChunkIndex)
        }

        if ((obj.count != null && obj.count !== 0)) {
          w.uint32(24)
          w.uint32(obj.count)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          root: uint8ArrayAlloc(0),
          firstChunkIndex: 0,
          count: 0
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
              obj.firstChunkIndex = reader.uint32()
              break
            }
            case 3: {
              obj.count = reader.uint32()
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
                field: `${prefix}.firstChunkIndex`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.count`,
                value: reader.uint32()
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

  export interface DigestsRequestRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DigestsRequestFirstChunkIndexFieldEvent {
    field: '$.firstChunkIndex'
    value: number
  }

  export interface DigestsRequestCountFieldEvent {
    field: '$.count'
    value: number
  }

  export function encode (obj: Partial<DigestsRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DigestsRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DigestsRequest>): DigestsRequest {
    return decodeMessage(buf, DigestsRequest.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DigestsRequest>): Generator<DigestsRequestRootFieldEvent | DigestsRequestFirstChunkIndexFieldEvent | DigestsRequestCountFieldEvent> {
    return streamMessage(buf, DigestsRequest.codec(), opts)
  }
}

export interface DigestsReply {
  root: Uint8Array<ArrayBuffer>
  firstChunkIndex: number
  digests: Uint8Array<ArrayBuffer>
}

export namespace DigestsReply {
  let _codec: Codec<DigestsReply>

  export const codec = (): Codec<DigestsReply> => {
    if (_codec == null) {
      _codec = message<DigestsReply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.root)
        }

        if ((obj.firstChunkIndex != null && obj.firstChunkIndex !== 0)) {
          w.uint32(16)
          w.uint32(obj.firstChunkIndex)
        }

        if ((obj.digests != null && obj.digests.byteLength > 0)) {
          w.uint32(26)
          w.bytes(obj.digests)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length, opts = {}) => {
        const obj: any = {
          root: uint8ArrayAlloc(0),
          firstChunkIndex: 0,
          digests: uint8ArrayAlloc(0)
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
              obj.firstChunkIndex = reader.uint32()
              break
            }
            case 3: {
              obj.digests = reader.bytes()
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
                field: `${prefix}.firstChunkIndex`,
                value: reader.uint32()
              }
              break
            }
            case 3: {
              yield {
                field: `${prefix}.digests`,
                value: reader.bytes()
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

  export interface DigestsReplyRootFieldEvent {
    field: '$.root'
    value: Uint8Array<ArrayBuffer>
  }

  export interface DigestsReplyFirstChunkIndexFieldEvent {
    field: '$.firstChunkIndex'
    value: number
  }

  export interface DigestsReplyDigestsFieldEvent {
    field: '$.digests'
    value: Uint8Array<ArrayBuffer>
  }

  export function encode (obj: Partial<DigestsReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DigestsReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DigestsReply>): DigestsReply {
    return decodeMessage(buf, DigestsReply.codec(), opts)
  }

  export function stream (buf: Uint8Array | Uint8ArrayList, opts?: DecodeOptions<DigestsReply>): Generator<DigestsReplyRootFieldEvent | DigestsReplyFirstChunkIndexFieldEvent | DigestsReplyDigestsFieldEvent> {
    return streamMessage(buf, DigestsReply.codec(), opts)
  }
}
