/** When the MD5s of unfinished contents continue, and which of them together. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { MAX_CHUNK_BYTE_LENGTH } from '#potluck/core/chunks.js'
import { PrefixHasher } from '#potluck/store/prefix-hasher.js'
import { PrefixMd5 } from '#potluck/store/prefix-md5.js'

const CHUNK = 64 * 1024
const QUIET_MS = 10

/** A content in memory; of what is held of it the hasher is told by `hold`. */
class Content {
  readonly bytes: Uint8Array
  readonly prefix: PrefixMd5
  readonly taken: number[] = []
  digests = 0
  unread = 0
  failure: Error | undefined
  readonly #hasher: PrefixHasher
  readonly #held: Bitfield

  constructor(hasher: PrefixHasher, byteLength: number) {
    this.bytes = randomBytes(byteLength)
    this.#hasher = hasher
    this.#held = new Bitfield(Math.ceil(byteLength / CHUNK))
    this.prefix = new PrefixMd5({
      file: {
        extent: { byteLength, chunkByteLength: CHUNK },
        fill: (bytes, byteOffset) => {
          if (this.failure !== undefined) {
            throw this.failure
          }
          bytes.set(this.bytes.subarray(byteOffset, byteOffset + bytes.byteLength))
          return true
        },
        read: () => undefined
      },
      held: this.#held,
      lanes: hasher.lanes,
      cached: () => undefined,
      onTaken: (chunkIndex) => this.taken.push(chunkIndex),
      lose: () => assert.fail('nothing is lost')
    })
    hasher.advance(this)
  }

  hold(...chunkIndices: number[]): void {
    for (const chunkIndex of chunkIndices) {
      this.#held.add(chunkIndex)
    }
    this.#hasher.advance(this)
  }

  get md5(): string {
    return createHash('md5').update(this.bytes).digest('hex')
  }

  onDigest(): void {
    this.digests++
  }

  onUnread(): void {
    this.unread++
  }
}

function scene(test: TestContext) {
  test.mock.timers.enable({ apis: ['setTimeout'] })
  const hasher = new PrefixHasher()
  test.after(() => hasher.stop())
  return { hasher, make: (byteLength: number) => new Content(hasher, byteLength) }
}

async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise(setImmediate)
  }
}

describe('the MD5s of unfinished contents', () => {
  it('go on at once with a content that is the only one', async (test) => {
    const one = scene(test).make(3 * CHUNK)
    one.hold(0, 1)
    await turns()
    assert.deepEqual(one.taken, [0, 1])
    one.hold(2)
    assert.equal(one.digests, 1)
    assert.equal(one.prefix.digest, one.md5)
  })

  it('wait for others while chunks come, and no longer when none has come for a while', async (test) => {
    const { make } = scene(test)
    const contents = [make(9 * CHUNK), make(9 * CHUNK), make(9 * CHUNK)]
    contents[0]?.hold(0)
    contents[1]?.hold(0)
    await turns()
    test.mock.timers.tick(QUIET_MS - 1)
    await turns()
    assert.deepEqual(
      contents.map(({ taken }) => taken),
      [[], [], []]
    )
    test.mock.timers.tick(1)
    await turns()
    assert.deepEqual(
      contents.map(({ taken }) => taken),
      [[0], [0], []]
    )
  })

  it('go on together when three have something', async (test) => {
    const { make } = scene(test)
    const contents = [make(9 * CHUNK), make(9 * CHUNK), make(9 * CHUNK), make(9 * CHUNK)]
    for (const content of contents.slice(1)) {
      content.hold(0, 1)
    }
    await turns()
    assert.deepEqual(
      contents.map(({ taken }) => taken),
      [[], [0, 1], [0, 1], [0, 1]]
    )
  })

  it('do not wait for contents that are finished, the last chunk of which may be short', async (test) => {
    const { make } = scene(test)
    for (const content of [make(CHUNK), make(10), make(CHUNK + 1)]) {
      content.hold(...(content.bytes.byteLength > CHUNK ? [0, 1] : [0]))
      assert.equal(content.digests, 1)
      assert.equal(content.prefix.digest, content.md5)
      assert.equal(content.taken.length, Math.ceil(content.bytes.byteLength / CHUNK))
    }
    const last = make(9 * CHUNK)
    last.hold(0)
    await turns()
    assert.deepEqual(last.taken, [0])
  })

  it('do not wait with a content that is whole', async (test) => {
    const { make } = scene(test)
    const [one] = [make(2 * MAX_CHUNK_BYTE_LENGTH), make(CHUNK), make(CHUNK)]
    one.hold(...Array((2 * MAX_CHUNK_BYTE_LENGTH) / CHUNK).keys())
    assert.equal(one.digests, 0)
    await turns(100)
    assert.equal(one.digests, 1)
    assert.equal(one.prefix.digest, one.md5)
  })

  it('go on with the others when one cannot be read, which is told once and tried when it is told of', async (test) => {
    const { make } = scene(test)
    const [one, other] = [make(9 * CHUNK), make(9 * CHUNK)]
    one.failure = new Error('too many open files')
    one.hold(0)
    other.hold(0)
    await turns()
    assert.deepEqual([one.taken, one.unread, other.taken], [[], 1, [0]])
    one.failure = undefined
    other.hold(1)
    one.hold(1)
    await turns()
    assert.deepEqual(one.taken, [0, 1])
  })

  it('end with the store', async (test) => {
    const { hasher, make } = scene(test)
    const one = make(9 * CHUNK)
    one.hold(0)
    hasher.stop()
    one.hold(1)
    await turns()
    assert.deepEqual(one.taken, [])
  })
})
