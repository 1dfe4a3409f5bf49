/** What waits for a remote that does not take what it is told. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Connection } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import { Bitfield } from '#potluck/core/bitfield.js'
import { Announcer } from '#potluck/protocols/availability/index.js'

const ROOT = 'ab'.repeat(32)
/** Enough for several messages. */
const CONTENTS = Array.from({ length: 5000 }, () => ({ root: ROOT, held: Bitfield.full(1) }))

describe('announcements', () => {
  it('fault 60: of everything wait once, however often a remote that takes nothing asks for them', async () => {
    // A message leaves when the one before has arrived.
    const [stream, far] = await streamPair({ delay: 5, capacity: 1 })
    const connection = { newStream: async () => stream } as unknown as Connection
    const announcer = await Announcer.open(
      connection,
      { onClose: () => undefined },
      AbortSignal.timeout(10_000)
    )
    let reads = 0
    const holdings = () => {
      reads++
      return CONTENTS
    }
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    announcer.tellAll(holdings)
    await turn()
    assert.equal(reads, 1, 'the first is being sent')
    for (let count = 0; count < 100; count++) {
      announcer.tellAll(holdings)
    }
    await announcer.close()
    assert.equal(reads, 2, 'all others waited as one')
    stream.abort(new Error('done'))
    far.abort(new Error('done'))
  })
})
