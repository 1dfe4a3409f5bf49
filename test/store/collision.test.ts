/** Two files that differ and have one MD5. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import {
  bytesOf,
  CHUNK,
  hashNaively,
  heldOf,
  manifestOf,
  Room,
  receive,
  until,
  writeChunk
} from './fixture.js'

/** Found by Wang, Feng, Lai and Yu, 2004: 128 bytes each, one MD5. */
const [ONE = '', OTHER = ''] = [
  'd131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89' +
    '55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b' +
    'd8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0' +
    'e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70',
  'd131dd02c5e6eec4693d9a0698aff95c2fcab50712467eab4004583eb8fb7f89' +
    '55ad340609f4b30283e4888325f1415a085125e8f7cdc99fd91dbd7280373c5b' +
    'd8823e3156348f5bae6dacd436c919c6dd53e23487da03fd02396306d248cda0' +
    'e99f33420f577ee8ce54b67080280d1ec69821bcb6a8839396f965ab6ff72a70'
]
const MD5 = '79054025255fb1a26e4bc422aef54eb4'

// Whatever follows both, their MD5s stay equal.
const REST = bytesOf(3 * CHUNK)
const files = [
  ['alone', Buffer.from(ONE, 'hex'), Buffer.from(OTHER, 'hex')],
  [
    'with more behind them',
    Buffer.concat([Buffer.from(ONE, 'hex'), REST]),
    Buffer.concat([Buffer.from(OTHER, 'hex'), REST])
  ]
] as const

describe('two files of one MD5', () => {
  for (const [how, one, other] of files) {
    it(`fault 25: are told apart, ${how}`, async (test) => {
      const [a, b] = [Uint8Array.from(one), Uint8Array.from(other)]
      assert.ok(how !== 'alone' || hashNaively(a).md5 === MD5)
      assert.equal(hashNaively(a).md5, hashNaively(b).md5)
      const [first, second] = [manifestOf('ann/one', a), manifestOf('ann/other', b)]
      const room = await Room.make(test)
      const { store, recorder } = await room.open()
      // The one lies where the other belongs.
      await room.write('collection/ann/other', a)
      await store.adopt([first, second])
      assert.deepEqual(recorder.completed, ['ann/one (local)'])
      assert.deepEqual(await heldOf(store, second), [])
      await receive(store, b, [])
      const outcome = await store.writeChunk(
        second.root,
        0,
        Uint8Array.from(a.subarray(0, CHUNK)).buffer,
        Math.min(CHUNK, a.byteLength)
      )
      assert.equal(outcome.stored, false)
      await receive(store, b)
      await until(() => recorder.completed.length === 2, 'both are complete')
      assert.deepEqual(Uint8Array.from(await readFile(room.path('collection/ann/one'))), a)
      assert.deepEqual(Uint8Array.from(await readFile(room.path('collection/ann/other'))), b)
      assert.equal(await writeChunk(store, b, 0), true)
    })
  }
})
