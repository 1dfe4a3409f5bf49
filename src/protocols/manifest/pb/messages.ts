// Generated from messages.proto by "npm run generate"; edit that instead. Its own body is not type-checked.
// @ts-nocheck
import { decodeMessage, encodeMessage, enumeration, message } from 'protons-runtime'
import { alloc as uint8ArrayAlloc } from 'uint8arrays/alloc'
import type { Codec } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface ManifestBody {
  kind: ManifestBody.Kind
  origin: string
  originId: string
  path: string
  byteLength: number
  chunkByteLength: number
  md5: Uint8Array<ArrayBuffer>
  root: Uint8Array<ArrayBuffer>
  zeroByteLength: number
  swarmId: Uint8Array<ArrayBuffer>
  modifiedMs?: number
  isExecutable: boolean
  isPrivate: boolean
}

export namespace ManifestBody {
  export enum Kind {
    FILE = 'FILE',
    FOLDER = 'FOLDER'
  }

  enum __KindValues {
    FILE = 0,
    FOLDER = 1
  }

  export namespace Kind {
    export const codec = (): Codec<Kind> => {
      return enumeration<Kind>(__KindValues)
    }
  }

  let _codec: Codec<ManifestBody>

  export const codec = (): Codec<ManifestBody> => {
    if (_codec == null) {
      _codec = message<ManifestBody>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if (obj.kind != null && __KindValues[obj.kind] !== 0) {
          w.uint32(8)
          ManifestBody.Kind.codec().encode(obj.kind, w)
        }

        if ((obj.origin != null && obj.origin !== '')) {
          w.uint32(18)
          w.string(obj.origin)
        }

        if ((obj.originId != null && obj.originId !== '')) {
          w.uint32(26)
          w.string(obj.originId)
        }

        if ((obj.path != null && obj.path !== '')) {
          w.uint32(34)
          w.string(obj.path)
        }

        if ((obj.byteLength != null && obj.byteLength !== 0)) {
          w.uint32(40)
          w.uint64Number(obj.byteLength)
        }

        if ((obj.chunkByteLength != null && obj.chunkByteLength !== 0)) {
          w.uint32(48)
          w.uint32(obj.chunkByteLength)
        }

        if ((obj.md5 != null && obj.md5.byteLength > 0)) {
          w.uint32(58)
          w.bytes(obj.md5)
        }

        if ((obj.root != null && obj.root.byteLength > 0)) {
          w.uint32(66)
          w.bytes(obj.root)
        }

        if ((obj.zeroByteLength != null && obj.zeroByteLength !== 0)) {
          w.uint32(80)
          w.uint64Number(obj.zeroByteLength)
        }

        if ((obj.swarmId != null && obj.swarmId.byteLength > 0)) {
          w.uint32(74)
          w.bytes(obj.swarmId)
        }

        if (obj.modifiedMs != null) {
          w.uint32(88)
          w.sint64Number(obj.modifiedMs)
        }

        if ((obj.isExecutable != null && obj.isExecutable !== false)) {
          w.uint32(96)
          w.bool(obj.isExecutable)
        }

        if ((obj.isPrivate != null && obj.isPrivate !== false)) {
          w.uint32(104)
          w.bool(obj.isPrivate)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          kind: Kind.FILE,
          origin: '',
          originId: '',
          path: '',
          byteLength: 0,
          chunkByteLength: 0,
          md5: uint8ArrayAlloc(0),
          root: uint8ArrayAlloc(0),
          zeroByteLength: 0,
          swarmId: uint8ArrayAlloc(0),
          isExecutable: false,
          isPrivate: false
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.kind = ManifestBody.Kind.codec().decode(reader)
              break
            }
            case 2: {
              obj.origin = reader.string()
              break
            }
            case 3: {
              obj.originId = reader.string()
              break
            }
            case 4: {
              obj.path = reader.string()
              break
            }
            case 5: {
              obj.byteLength = reader.uint64Number()
              break
            }
            case 6: {
              obj.chunkByteLength = reader.uint32()
              break
            }
            case 7: {
              obj.md5 = reader.bytes()
              break
            }
            case 8: {
              obj.root = reader.bytes()
              break
            }
            case 10: {
              obj.zeroByteLength = reader.uint64Number()
              break
            }
            case 9: {
              obj.swarmId = reader.bytes()
              break
            }
            case 11: {
              obj.modifiedMs = reader.sint64Number()
              break
            }
            case 12: {
              obj.isExecutable = reader.bool()
              break
            }
            case 13: {
              obj.isPrivate = reader.bool()
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

  export function encode (obj: Partial<ManifestBody>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, ManifestBody.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): ManifestBody {
    return decodeMessage(buf, ManifestBody.codec())
  }
}

export interface SignedManifest {
  body: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
}

export namespace SignedManifest {
  let _codec: Codec<SignedManifest>

  export const codec = (): Codec<SignedManifest> => {
    if (_codec == null) {
      _codec = message<SignedManifest>((obj, w, opts = {}) => {
        if (opts.lengthDelimited !== false) {
          w.fork()
        }

        if ((obj.body != null && obj.body.byteLength > 0)) {
          w.uint32(10)
          w.bytes(obj.body)
        }

        if ((obj.signature != null && obj.signature.byteLength > 0)) {
          w.uint32(18)
          w.bytes(obj.signature)
        }

        if (opts.lengthDelimited !== false) {
          w.ldelim()
        }
      }, (reader, length) => {
        const obj: any = {
          body: uint8ArrayAlloc(0),
          signature: uint8ArrayAlloc(0)
        }

        const end = length == null ? reader.len : reader.pos + length

        while (reader.pos < end) {
          const tag = reader.uint32()

          switch (tag >>> 3) {
            case 1: {
              obj.body = reader.bytes()
              break
            }
            case 2: {
              obj.signature = reader.bytes()
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

  export function encode (obj: Partial<SignedManifest>): Uint8Array<ArrayBuffer> {
    return encodeMessage(obj, SignedManifest.codec())
  }

  export function decode (buf: Uint8Array | Uint8ArrayList): SignedManifest {
    return decodeMessage(buf, SignedManifest.codec())
  }
}
