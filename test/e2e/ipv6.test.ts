/** Machines without IPv4, in network namespaces; skipped where those are not allowed. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { bytesOf } from '../fixtures/bytes.js'
import { Internet } from '../fixtures/namespaces.js'
import { Workshop } from '../fixtures/processes.js'

const NAMES = ['ann', 'ben']
const BYTE_LENGTH = 300_000

describe('in a network of IPv6 only', {
  skip: Internet.can((internet) => internet.host6('machine')) ? false : 'needs root and network namespaces'
}, () => {
  it('fault 54: peers that join by an invitation meet and exchange', async () => {
    await Internet.run(async (internet) => {
      await Workshop.run(async (workshop) => {
        const middle = internet.host6('middle')
        const coordinator = workshop.startIn(
          middle.namespace,
          'coordinator.js',
          ...['--listen', '9000', '--peers', '2', '--logs', 'logs', '--no-report', '--dashboard', 'off']
        )
        const invitation = await coordinator.printed(/potluck1[a-z2-7]+/)
        const peers = await Promise.all(
          NAMES.map(async (name) => {
            const share = await workshop.write(`${name}.bin`, bytesOf(BYTE_LENGTH, name))
            const { namespace } = internet.host6(name)
            const args = ['--join', invitation, '--name', name, '--share', share, '--into', `${name}-got`]
            return [name, workshop.startIn(namespace, 'peer.js', ...args, '--json')] as const
          })
        )
        for (const [name, peer] of peers) {
          assert.equal((await peer.end()).code, 0, peer.output)
          const other = name === 'ann' ? 'ben' : 'ann'
          const file = await readFile(join(workshop.folder, `${name}-got`, other, `${other}.bin`))
          assert.ok(file.equals(bytesOf(BYTE_LENGTH, other)))
          const [connected] = peer.eventsOf('peer-connected')
          assert.match(String(connected?.['address']), /^\/ip6\/2001:db8::/)
        }
        assert.equal((await coordinator.end()).code, 0, coordinator.output)
      })
    })
  })
})
