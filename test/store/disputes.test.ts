/** Members that describe one content with different lengths: which of them is believed, and when. */
import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import type { Manifest } from '#potluck/protocols/manifest/index.js'
import {
  bytesOf,
  CHUNK,
  chunkOf,
  failure,
  hashNaively,
  manifestOf,
  Room,
  receive,
  until,
  writeChunk
} from './fixture.js'

const BYTES = bytesOf(5 * CHUNK + 100)
const LAST = 5
const { root: ROOT, digests: DIGESTS } = hashNaively(BYTES)
const HONEST = manifestOf('ann/file', BYTES)
const HONEST_KEY = `${ROOT}/${BYTES.byteLength}`

function lieOf(byteLength: number): Manifest {
  return manifestOf('ben/lie', BYTES, { byteLength })
}

const SAME_COUNT = lieOf(BYTES.byteLength + 1)
const OTHER_COUNT = lieOf(BYTES.byteLength + CHUNK)
const FALSE = failure('INTEGRITY', 'ben/lie', 'ben published a length', `has ${BYTES.byteLength} bytes`)

describe('a content whose length is disputed', () => {
  for (const [what, lie] of [
    ['as many chunks', SAME_COUNT],
    ['more chunks', OTHER_COUNT]
  ] as const) {
    it(`fault 49: is what its digests and its last chunk prove, with a lie of ${what}`, async (test) => {
      for (const manifests of [
        [lie, HONEST],
        [HONEST, lie]
      ]) {
        const room = await Room.make(test)
        const { store, recorder } = await room.open()
        const lieKey = `${ROOT}/${lie.byteLength}`
        const keys = (await store.adopt(manifests)).map(({ key }) => key)
        assert.deepEqual(new Set(keys), new Set([HONEST_KEY, lieKey]))
        assert.equal(await store.setDigests(lieKey, DIGESTS), lie === SAME_COUNT)
        assert.equal(await store.setDigests(HONEST_KEY, DIGESTS), true)
        const [other, last] = [chunkOf(BYTES, 0), chunkOf(BYTES, LAST)]
        assert.equal((await store.writeChunk(lieKey, 0, other, CHUNK)).stored, false, 'it fits either length')
        assert.equal((await store.writeChunk(lieKey, LAST, last, last.byteLength)).stored, false)
        assert.equal(recorder.failed.size, 0, 'nothing is proven')
        const outcome = await store.writeChunk(HONEST_KEY, LAST, last, last.byteLength)
        assert.equal(outcome.stored, true)
        assert.equal(outcome.settled?.key, ROOT)
        FALSE(recorder.failed.get('ben/lie'))
        await assert.rejects(store.writeChunk(lieKey, LAST, last, last.byteLength), /not known/)
        await receive(store, BYTES)
        await until(() => recorder.completed.length === 1, 'the honest entry is complete')
        assert.equal((await stat(room.path('collection/ann/file'))).size, BYTES.byteLength)
        assert.deepEqual(recorder.failures, [])
      }
    })
  }

  it('fault 49: of one chunk needs that chunk alone', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const bytes = bytesOf(100)
    const { root } = hashNaively(bytes)
    await store.adopt([manifestOf('ben/lie', bytes, { byteLength: 99 }), manifestOf('ann/file', bytes)])
    const cut = bytes.slice(0, 99)
    assert.equal((await store.writeChunk(`${root}/99`, 0, cut.buffer, 99)).stored, false)
    const chunk = chunkOf(bytes, 0)
    assert.equal((await store.writeChunk(`${root}/100`, 0, chunk, 100)).settled?.key, root)
    await until(() => recorder.completed.length === 1, 'the honest entry is complete')
    assert.deepEqual([...recorder.failed.keys()], ['ben/lie'])
  })

  it('fault 49: is what lies here, shared or collected', async (test) => {
    const room = await Room.make(test)
    const share = await room.write('shared/mine', BYTES)
    const sharing = await room.open({ shares: [share] })
    await sharing.store.hashShares(CHUNK)
    await sharing.store.adopt([SAME_COUNT, HONEST])
    FALSE(sharing.recorder.failed.get('ben/lie'))
    assert.deepEqual(sharing.recorder.completed, ['ann/file (local)'])
    await sharing.store.close()
    const again = await room.open()
    const states = await again.store.adopt([SAME_COUNT, HONEST])
    assert.deepEqual(
      states.map(({ key }) => key),
      [ROOT]
    )
    FALSE(again.recorder.failed.get('ben/lie'))
    assert.deepEqual(again.recorder.completed, ['ann/file (local)'])
  })

  for (const lie of [SAME_COUNT, OTHER_COUNT]) {
    it(`fault 49: keeps what an earlier run stored of it, with a lie of ${lie.byteLength} bytes`, async (test) => {
      const room = await Room.make(test)
      const first = await room.open()
      await first.store.adopt([HONEST])
      await receive(first.store, BYTES, [0, 3])
      await first.store.close()
      const { store } = await room.open()
      await store.adopt([HONEST, lie])
      const part = room.path(`collection/.potluck/parts/${ROOT}.part`)
      assert.equal((await stat(part)).size, BYTES.byteLength, 'it is not cut to a length that may be false')
      await store.setDigests(HONEST_KEY, DIGESTS)
      const last = chunkOf(BYTES, LAST)
      const { settled } = await store.writeChunk(HONEST_KEY, LAST, last, last.byteLength)
      assert.deepEqual([...Bitfield.fromBytes(settled?.held ?? new Uint8Array(), 6).held()], [0, 3, LAST])
    })
  }

  it('fault 49: is no dispute where one member contradicts itself', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const other = manifestOf('ben/other', BYTES)
    const states = await store.adopt([SAME_COUNT, other, HONEST])
    assert.deepEqual(
      states.map(({ key }) => key),
      [ROOT]
    )
    assert.deepEqual([...recorder.failed.keys()].toSorted(), ['ben/lie', 'ben/other'])
    await store.setDigests(ROOT, DIGESTS)
    assert.equal(await writeChunk(store, BYTES, 0), true)
  })
})
