// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
import { decodeMessage, encodeMessage, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec } from 'protons-runtime'
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
      }, (reader, length) => {
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
      })
    }

    return _codec
  }

  export function encode (obj: Partial<DigestsRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DigestsRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): DigestsRequest {
    return decodeMessage(buf, DigestsRequest.codec())
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
      }, (reader, length) => {
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
      })
    }

    return _codec
  }

  export function encode (obj: Partial<DigestsReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, DigestsReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): DigestsReply {
    return decodeMessage(buf, DigestsReply.codec())
  }
}
