/** Every list in a received message has a limit, besides the length of the message. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { MaxLengthError } from 'protons-runtime'
import { encode as encodeVarint } from 'uint8-varint'
import * as admission from '#potluck/protocols/admission/pb/messages.js'
import * as availability from '#potluck/protocols/availability/pb/messages.js'
import * as chunk from '#potluck/protocols/chunk/pb/messages.js'
import * as coordination from '#potluck/protocols/coordination/pb/messages.js'
import * as digests from '#potluck/protocols/digests/pb/messages.js'
import * as manifest from '#potluck/protocols/manifest/pb/messages.js'
import * as relay from '#potluck/protocols/relay/pb/messages.js'

const PROTOCOLS = { admission, availability, chunk, coordination, digests, manifest, relay }

const SCHEMAS = 'src/protocols'

/** Of a number and of everything else, in protobuf. */
const VARINT = 0
const LENGTH_DELIMITED = 2

interface List {
  message: string
  field: string
  number: number
  isNumber: boolean
  /** Undefined where the schema has none. */
  limit: number | undefined
}

/** The lists of a protocol's messages, as its schema has them. */
function listsOf(protocol: string): List[] {
  const lists: List[] = []
  let message = ''
  for (const line of readFileSync(`${SCHEMAS}/${protocol}/pb/messages.proto`, 'utf8').split('\n')) {
    message = /^\s*message (\w+)/.exec(line)?.[1] ?? message
    const [, type, field = '', number] = /^\s*repeated (\w+) (\w+) = (\d+)/.exec(line) ?? []
    if (type !== undefined) {
      const limit = /\(protons\.options\)\.limit = (\d+)/.exec(line)?.[1]
      lists.push({
        message,
        field,
        number: Number(number),
        isNumber: /^(u?int|bool|double)/.test(type),
        limit: limit === undefined ? undefined : Number(limit)
      })
    }
  }
  return lists
}

/** A message with so many empty elements in the list, and nothing else. */
function messageOf({ number, isNumber }: List, count: number): Uint8Array {
  const tag = encodeVarint((number << 3) | (isNumber ? VARINT : LENGTH_DELIMITED))
  return Buffer.concat(Array.from({ length: count }, () => Buffer.from([...tag, 0])))
}

function codecOf(module: object, message: string): { decode(bytes: Uint8Array): object } {
  const codec: unknown = Object.entries(module).find(([name]) => name === message)?.[1]
  assert.ok(typeof codec === 'object' && codec !== null && 'decode' in codec, message)
  const { decode } = codec
  assert.ok(typeof decode === 'function')
  return { decode: (bytes) => Object(decode(bytes)) }
}

describe('lists in messages', () => {
  it('fault 31: of all protocols that have messages are looked at', () => {
    const withSchema = readdirSync(SCHEMAS, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.proto'))
      .map((name) => name.replace(/[/\\]pb[/\\]messages\.proto$/, ''))
    assert.deepEqual(withSchema.sort(), Object.keys(PROTOCOLS))
  })

  for (const [protocol, module] of Object.entries(PROTOCOLS)) {
    for (const list of listsOf(protocol)) {
      const { message, field, limit } = list
      it(`fault 31: ${message}.${field} (${protocol}) has so many elements and no more`, () => {
        assert.ok(limit !== undefined, 'it has no limit')
        const codec = codecOf(module, message)
        const [, elements] =
          Object.entries(codec.decode(messageOf(list, limit))).find(([name]) => name === field) ?? []
        assert.equal(elements.length, limit)
        assert.throws(() => codec.decode(messageOf(list, limit + 1)), MaxLengthError)
      })
    }
  }
})
