/** Coordinator and peers in one folder that is shared as a whole, as in a first try. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { freePort } from '../../bench/machine/ports.js'
import { Workshop } from '../fixtures/processes.js'

test('fault 42: a folder with logs, state and output of the swarm in it is shared without them, also by a peer that was killed', async () => {
  await Workshop.run(async (workshop) => {
    await workshop.write('a.txt', 'a')
    const { command: coordinator, address } = await workshop.coordinator(2, await freePort())
    const intoFile = ['sh', '-c', 'exec "$@" > ann.out', 'sh']
    const annArgs = ['--name', 'ann', '--coordinator', address, '--share', '.', '--into', 'ann-got', '--json']
    const killed = workshop.startBy(intoFile, 'peer.js', ...annArgs)
    await coordinator.told('registered')
    killed.child.kill('SIGKILL')
    await killed.end()
    const ann = workshop.start('peer.js', ...annArgs)
    await ann.told('registered')
    const ben = workshop.peer('ben', address)
    assert.deepEqual(
      await Promise.all([ann, ben, coordinator].map(async (command) => (await command.end()).code)),
      [0, 0, 0],
      ann.output + ben.output + coordinator.output
    )
    const shared = basename(workshop.folder)
    const got = await readdir(join(workshop.folder, 'ben-got', 'ann'), { recursive: true })
    assert.deepEqual(got.sort(), [shared, join(shared, 'a.txt')])
    const warnings = ann.eventsOf('warning').map(({ message }) => message)
    assert.equal(warnings.length, 2, String(warnings))
    assert.match(String(warnings), /The collection lies inside a share and is not shared: .*ann-got/)
  })
})
