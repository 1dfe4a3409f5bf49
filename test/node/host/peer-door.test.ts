/** A peer's door before it knows the members, afterwards, and at the end. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PeerDoor } from '#potluck/node/host/peer-door.js'

/** Less than a door waits for the roster. An answer within this time did not wait for it. */
const MOMENT_MS = 1000

describe("a peer's door", () => {
  it('fault 28: opens to members as soon as the roster is here', async () => {
    const door = new PeerDoor()
    const waiting = ['ann', 'eve'].map((peerId) => door.letsIn(peerId))
    const late = sleep(MOMENT_MS, undefined, { ref: false }).then(() => assert.fail('it waits on'))
    late.catch(() => undefined)
    door.setMembers(['ann'])
    assert.deepEqual(await Promise.race([Promise.all(waiting), late]), [true, false])
  })

  it('fault 27, fault 28: is open to nobody where no roster comes', async () => {
    assert.equal(await new PeerDoor().letsIn('eve'), false)
  })

  it('fault 28: is open to those of the last roster, and to nobody once it is closed', async () => {
    const door = new PeerDoor()
    door.setMembers(['ann', 'ben'])
    door.setMembers(['ben'])
    assert.deepEqual([await door.letsIn('ann'), await door.letsIn('ben')], [false, true])
    door.close()
    assert.equal(await door.letsIn('ben'), false)
  })
})
