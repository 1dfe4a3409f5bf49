/** How a node without a secret treats addresses that others can reach. No node is started. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createCoordinator, createPeer, PotluckError } from '#potluck/index.js'
import { withFolder } from '../fixtures/secrets.js'

const EXPOSED = ['/ip4/0.0.0.0/tcp/0']
const LOOPBACK = ['/ip4/127.0.0.1/tcp/0']

describe('without a secret', () => {
  it('fault 30: a peer is not made where others can reach it, and says how it could be', async () => {
    await withFolder(async (folder) => {
      const settings = { name: 'ann', coordinator: '/ip4/127.0.0.1/tcp/1', collection: join(folder, 'got') }
      await assert.rejects(createPeer({ ...settings, listen: EXPOSED }), (error) => {
        assert.ok(error instanceof PotluckError && error.code === 'CONFIGURATION')
        assert.match(error.message, /--join.*--new-secret <file>.*--secret-file <file>.*"open": true/)
        return true
      })
      await createPeer({ ...settings, listen: EXPOSED, open: true })
      await createPeer({ ...settings, listen: LOOPBACK })
    })
  })

  it('fault 30: a coordinator is open there to whom it invites alone, unless it is told to be open', async () => {
    assert.equal((await createCoordinator({ listen: EXPOSED })).isOpen, false)
    assert.equal((await createCoordinator({ listen: EXPOSED, open: true })).isOpen, true)
    assert.equal((await createCoordinator({ listen: LOOPBACK })).isOpen, false)
  })
})
