// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
import { decodeMessage, encodeMessage, enumeration, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface ChunkRequest {
  id: number
  root: Uint8Array<ArrayBuffer>
  chunkIndex: number
  cancel: boolean
  corrupt: boolean
}

export namespace ChunkRequest {
  let _codec: Codec<ChunkRequest>

  export const codec = (): Codec<ChunkRequest> => {
    if (_codec == null) {
      _codec = message<ChunkRequest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.root)
        }

        if ((obj.chunkIndex != null && obj.chunkIndex !== 0)) {
          w.uint32(24)
          w.uint32(obj.chunkIndex)
        }

        if ((obj.cancel != null && obj.cancel !== false)) {
          w.uint32(32)
          w.bool(obj.cancel)
        }

        if ((obj.corrupt != null && obj.corrupt !== false)) {
          w.uint32(40)
          w.bool(obj.corrupt)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          id: 0,
          root: uint8ArrayAlloc(0),
          chunkIndex: 0,
          cancel: false,
          corrupt: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.root = reader.bytes()
              break
            }
            case 3: {
              obj.chunkIndex = reader.uint32()
              break
            }
            case 4: {
              obj.cancel = reader.bool()
              break
            }
            case 5: {
              obj.corrupt = reader.bool()
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

  export function encode (obj: Partial<ChunkRequest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ChunkRequest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): ChunkRequest {
    return decodeMessage(buf, ChunkRequest.codec())
  }
}

export interface ChunkReply {
  id: number
  status: ChunkReply.Status
  byteLength: number
  root: Uint8Array<ArrayBuffer>
  chunkIndex: number
  waitedMs: number
}

export namespace ChunkReply {
  export enum Status {
    OK = 'OK',
    NOT_HELD = 'NOT_HELD',
    UNREADABLE = 'UNREADABLE',
    BUSY = 'BUSY',
    NONE_FRESH = 'NONE_FRESH',
    CANCELLED = 'CANCELLED'
  }

  enum __StatusValues {
    OK = 0,
    NOT_HELD = 1,
    UNREADABLE = 2,
    BUSY = 3,
    NONE_FRESH = 4,
    CANCELLED = 5
  }

  export namespace Status {
    export const codec = (): Codec<Status> => {
      return enumeration<Status>(__StatusValues)
    }
  }

  let _codec: Codec<ChunkReply>

  export const codec = (): Codec<ChunkReply> => {
    if (_codec == null) {
      _codec = message<ChunkReply>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.id != null && obj.id !== 0)) {
          w.uint32(8)
          w.uint32(obj.id)
        }

        if (obj.status != null && __StatusValues[obj.status] !== 0) {
          w.uint32(16)
          ChunkReply.Status.codec().encode(obj.status, w)
        }

        if ((obj.byteLength != null && obj.byteLength !== 0)) {
          w.uint32(24)
          w.uint32(obj.byteLength)
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(34)
          w.bytes(obj.root)
        }

        if ((obj.chunkIndex != null && obj.chunkIndex !== 0)) {
          w.uint32(40)
          w.uint32(obj.chunkIndex)
        }

        if ((obj.waitedMs != null && obj.waitedMs !== 0)) {
          w.uint32(48)
          w.uint32(obj.waitedMs)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          id: 0,
          status: Status.OK,
          byteLength: 0,
          root: uint8ArrayAlloc(0),
          chunkIndex: 0,
          waitedMs: 0
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.id = reader.uint32()
              break
            }
            case 2: {
              obj.status = ChunkReply.Status.codec().decode(reader)
              break
            }
            case 3: {
              obj.byteLength = reader.uint32()
              break
            }
            case 4: {
              obj.root = reader.bytes()
              break
            }
            case 5: {
              obj.chunkIndex = reader.uint32()
              break
            }
            case 6: {
              obj.waitedMs = reader.uint32()
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

  export function encode (obj: Partial<ChunkReply>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ChunkReply.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): ChunkReply {
    return decodeMessage(buf, ChunkReply.codec())
  }
}
