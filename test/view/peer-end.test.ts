import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PeerEvent } from '#potluck/events/peer.js'
import { PeerEnd } from '#potluck/view/peer-end.js'

const about = { peer: 'ann', atMs: 1 }
const catalog: PeerEvent = {
  ...{ ...about, event: 'catalog', files: 1, byteLength: 1, missingFiles: 1, missingBytes: 1, missing: [] }
}

function endOf(...events: PeerEvent[]): string[] {
  const end = new PeerEnd('./potluck')
  for (const event of events) {
    end.note(event)
  }
  return end.lines
}

test('the end says where the files are, once there could be any', () => {
  assert.deepEqual(endOf(), [])
  assert.deepEqual(endOf(catalog), ['Files are in ./potluck, in one folder for each person.'])
})

test('and what of theirs was kept under another name, and why', () => {
  const moved = (number: number): PeerEvent => ({
    ...{ ...about, event: 'moved-aside', path: `ben/${number}`, movedTo: `ben/${number}.old-1` }
  })
  assert.equal(
    endOf(catalog, moved(1))[1],
    '1 file of yours was kept under another name, because a received file has its name: ben/1.old-1'
  )
  assert.equal(
    endOf(catalog, ...[1, 2, 3, 4, 5].map(moved))[1],
    '5 files of yours were kept under another name, because a received file has its name: ben/1.old-1, ben/2.old-1, ben/3.old-1 and 2 more'
  )
})

test('fault 37: names of what was kept are escaped', () => {
  const hostile: PeerEvent = { ...about, event: 'moved-aside', path: 'a', movedTo: 'a\u202eb' }
  assert.doesNotMatch(endOf(catalog, hostile).join(), /\p{Cf}/u)
})
