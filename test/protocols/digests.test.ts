/** The digests protocol between two nodes. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { fromHex } from '#potluck/core/hex.js'
import '#potluck/polyfill.js'
import { createHost } from '#potluck/node/host/host.js'
import { MAX_DIGESTS_PER_REPLY } from '#potluck/protocols/digests/constants.js'
import {
  DIGESTS_PROTOCOL,
  DigestsClient,
  DigestsService,
  type DigestsSource
} from '#potluck/protocols/digests/index.js'
import { DigestsReply, DigestsRequest } from '#potluck/protocols/digests/pb/messages.js'
import { readMessage, readMessages, sendMessage } from '#potluck/protocols/wire.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'

const ROOT = 'ab'.repeat(32)
const OTHER_ROOT = 'cd'.repeat(32)
const CHUNK_COUNT = 2 * MAX_DIGESTS_PER_REPLY + 5
const DIGESTS = Uint8Array.from({ length: CHUNK_COUNT * 32 }, (_, index) => index % 251)

/** One that knows the digests of one content, and how it was asked. */
class Source implements DigestsSource {
  readonly asked: [firstChunkIndex: number, count: number][] = []

  async digests(root: string, firstChunkIndex: number, count: number) {
    this.asked.push([firstChunkIndex, count])
    return root === ROOT ? DIGESTS.slice(firstChunkIndex * 32, (firstChunkIndex + count) * 32) : undefined
  }
}

async function startHost(test: TestContext) {
  const privateKey = await generateKeyPair('Ed25519')
  const host = await createHost({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    announce: [],
    door: OPEN_DOOR,
    privateKey
  })
  await host.start()
  test.after(() => host.stop())
  return host
}

async function connect(test: TestContext, onReply: (byteLength: number) => void = () => undefined) {
  const [getter, provider] = [await startHost(test), await startHost(test)]
  const source = new Source()
  const service = new DigestsService({ host: provider, source })
  await service.start()
  test.after(() => service.stop())
  const connection = await getter.dial(provider.getMultiaddrs())
  const client = await DigestsClient.open(
    connection,
    { onReply, onClose: () => undefined },
    AbortSignal.timeout(10_000)
  )
  return { client, connection, source }
}

/** A getter whose provider sends arbitrary answers. */
async function answeredBy(test: TestContext, answers: readonly DigestsReply[]) {
  const [getter, provider] = [await startHost(test), await startHost(test)]
  await provider.handle(DIGESTS_PROTOCOL, async (stream) => {
    await readMessage(stream, DigestsRequest)
    for (const answer of answers) {
      await sendMessage(stream, DigestsReply, answer)
    }
  })
  const connection = await getter.dial(provider.getMultiaddrs())
  const closed = Promise.withResolvers<void>()
  const client = await DigestsClient.open(
    connection,
    { onReply: () => undefined, onClose: closed.resolve },
    AbortSignal.timeout(10_000)
  )
  return { client, closed: closed.promise }
}

describe('digests that were not asked for', () => {
  const right: DigestsReply = { root: fromHex(ROOT), firstChunkIndex: 0, digests: DIGESTS.slice(0, 3 * 32) }

  for (const [what, wrong] of [
    ['of another content', { root: fromHex(OTHER_ROOT) }],
    ['from another chunk on', { firstChunkIndex: 1 }],
    ['of fewer chunks', { digests: DIGESTS.slice(0, 2 * 32) }],
    ['of more chunks', { digests: DIGESTS.slice(0, 4 * 32) }],
    ['that end within a chunk', { digests: DIGESTS.slice(0, 3 * 32 - 1) }]
  ] as const) {
    it(`fault 21, fault 26: are not taken: ${what}`, async (test) => {
      const { client, closed } = await answeredBy(test, [{ ...right, ...wrong }])
      await assert.rejects(client.fetch(ROOT, 3), /not asked for/)
      await closed
    })
  }

  it('fault 21, fault 26: are not taken: twice', async (test) => {
    const { client, closed } = await answeredBy(test, [right, right])
    assert.deepEqual(await client.fetch(ROOT, 3), right.digests)
    await closed
    await assert.rejects(client.fetch(ROOT, 3), /closed/)
  })
})

describe('digests', () => {
  it('come whole, in replies for each of which only its own part is looked up', async (test) => {
    const replies: number[] = []
    const { client, source } = await connect(test, (byteLength) => replies.push(byteLength))
    assert.deepEqual(await client.fetch(ROOT, CHUNK_COUNT), DIGESTS)
    assert.deepEqual(replies, [MAX_DIGESTS_PER_REPLY * 32, MAX_DIGESTS_PER_REPLY * 32, 5 * 32])
    assert.deepEqual(source.asked, [
      [0, MAX_DIGESTS_PER_REPLY],
      [MAX_DIGESTS_PER_REPLY, MAX_DIGESTS_PER_REPLY],
      [2 * MAX_DIGESTS_PER_REPLY, 5]
    ])
    await client.close()
  })

  it('are undefined where the content is not known, and the stream goes on', async (test) => {
    const { client } = await connect(test)
    assert.equal(await client.fetch(OTHER_ROOT, 3), undefined)
    assert.deepEqual(await client.fetch(ROOT, 3), DIGESTS.slice(0, 3 * 32))
    await client.close()
    await assert.rejects(client.fetch(ROOT, 3), /closed/)
  })

  it('fault 31: are no more in one reply than the protocol allows, whatever is asked', async (test) => {
    const { connection, source } = await connect(test)
    const stream = await connection.newStream(DIGESTS_PROTOCOL)
    await sendMessage(stream, DigestsRequest, { root: fromHex(ROOT), firstChunkIndex: 1, count: 2 ** 32 - 1 })
    const { value } = await readMessages(stream, DigestsReply).next()
    assert.equal(value?.digests.byteLength, MAX_DIGESTS_PER_REPLY * 32)
    assert.deepEqual(source.asked, [[1, MAX_DIGESTS_PER_REPLY]])
    stream.abort(new Error('done'))
  })
})
